"""What every side trains: one model in the forms that the sides read, and the same masked rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import flax_albert
from flax_albert.training.speed import training_flops

_BATCHES = 8
"""Batches, gone through again and again."""
_SHARE = 0.15
"""Of the pieces of a row, how many are masked."""
_FIRST_PIECE, _MASK = 5, 4


@dataclass(frozen=True)
class Material:
    """What the sides are given.

    Attributes:
        folder: Holds ``settings.json``, ``batches.npz`` and the models ``model`` and ``model-flax``.
        tokens: Tokens of a batch; none is padding.
        flops: Floating-point operations of a step, where words are predicted at the masked positions only.
    """

    folder: Path
    tokens: int
    flops: float


def prepare(folder: Path, size: str, batch: int, length: int, rate: float, seed: int) -> Material:
    """Writes models, batches and settings.

    Args:
        folder: Where to.
        size: A released size, such as ``albert-base-v2``.
        batch: Rows of a batch.
        length: Tokens of a row.
        rate: Learning rate.
        seed: Of the weights and the rows.

    Returns:
        What was written.
    """
    config = flax_albert.AlbertConfig.released(size)
    model = flax_albert.FlaxAlbertForMaskedLM(config, seed=seed)
    model.save_pretrained(folder / "model")
    model.save_pretrained(folder / "model-flax", safe_serialization=False)
    random = np.random.default_rng(seed)
    ids = random.integers(_FIRST_PIECE, config.vocab_size, (_BATCHES, batch, length), dtype=np.int32)
    masks = max(1, round(_SHARE * length))
    positions = np.sort(random.permuted(np.broadcast_to(np.arange(length), ids.shape), axis=-1)[..., :masks])
    labels = np.take_along_axis(ids, positions, axis=-1)
    masked = ids.copy()
    np.put_along_axis(masked, positions, _MASK, axis=-1)
    everywhere = np.full_like(ids, -100)  # as transformers wants to be told
    np.put_along_axis(everywhere, positions, labels, axis=-1)
    np.savez(
        folder / "batches.npz", ids=masked, positions=positions.astype(np.int32), labels=labels, everywhere=everywhere
    )
    (folder / "settings.json").write_text(json.dumps({"rate": rate, "decay": 0.01, "clip": 1.0}), encoding="utf-8")
    return Material(folder, batch * length, batch * length * training_flops(config, length, masks / length))
