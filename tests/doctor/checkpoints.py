"""A small checkpoint that nothing is wrong with, and ways to spoil it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np

import flax_albert
from flax_albert.checkpoint import formats
from flax_albert.doctor import Level, Report
from tests.sizes import tiny
from tests.tasks.tiny import PIECES, tokenizer

Arrays = dict[str, np.ndarray]


def save(directory: Path, head: str = "ForPreTraining", safe_serialization: bool = True, **settings: Any) -> Path:
    """A checkpoint with random weights and a tokenizer; settings change the configuration."""
    generator = np.random.default_rng(0)
    config = tiny(**{"vocab_size": len(PIECES), "max_position_embeddings": 48, **settings})
    model = getattr(flax_albert, f"FlaxAlbert{head}")(config, _do_init=False)
    params = jax.tree.map(
        lambda leaf: generator.normal(scale=0.3, size=leaf.shape).astype(np.float32), model.params_shape_tree
    )
    model.save_pretrained(directory, params=params, safe_serialization=safe_serialization)
    made = tokenizer()
    made.model_max_length = 48
    made.save_pretrained(directory)
    return directory


def change_config(directory: Path, **values: Any) -> None:
    """Changes keys of config.json; None takes one out."""
    path = directory / "config.json"
    merged = {**json.loads(path.read_text()), **values}
    path.write_text(json.dumps({key: value for key, value in merged.items() if value is not None}))


def change_weights(directory: Path, change: Callable[[Arrays], object]) -> None:
    """Lets a function change the arrays of model.safetensors."""
    path = directory / "model.safetensors"
    arrays = {name: np.array(array) for name, array in formats.read(path).items()}
    change(arrays)
    formats.write(path, arrays)


def codes(report: Report, *levels: Level) -> list[str]:
    """The codes of the findings of these levels; without any of problems and warnings."""
    wanted = levels or (Level.PROBLEM, Level.WARNING)
    return [finding.code for finding in report.findings if finding.level in wanted]
