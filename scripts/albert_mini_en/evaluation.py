"""Held-out accuracy of the model beside that of always guessing the most frequent pieces."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from flax_albert import FlaxAlbertForMaskedLM
from flax_albert.pretrained import ParameterTree
from scripts.albert_mini_en.batches import Batch, Masking, passes
from scripts.albert_mini_en.sequences import Layout
from scripts.albert_mini_en.text import Split

Ranks = Callable[[ParameterTree, Batch], tuple[jax.Array, jax.Array]]
SEED = 20_000
LAYOUTS = (Layout(128, 32), Layout(512, 8))


def masked_batches(split: Split, masking: Masking, layout: Layout, masked: int) -> Iterator[Batch]:
    """Yields the same batches on every run, until they hold at least ``masked`` masked pieces.

    Several passes over the split give them; each hides other pieces.
    """
    count = 0
    for batch in passes(split, masking, layout, seed=SEED + layout.length):
        if count >= masked:
            return
        count += int(batch.weights.sum())
        yield batch


def unigram(counts: np.ndarray, batches: list[Batch]) -> dict[str, float]:
    """Measures the guess that is the same everywhere: the most frequent piece, or the five most frequent.

    Args:
        counts: Frequency of every piece in the training split, ``[vocabulary]``.
        batches: Where to measure.
    """
    best = np.argsort(-counts, kind="stable")[:5]
    labels = np.concatenate([batch.labels[batch.weights > 0] for batch in batches])
    return {
        "top1": round(float((labels == best[0]).mean()), 4),
        "top5": round(float(np.isin(labels, best).mean()), 4),
        "masked": len(labels),
    }


def make_ranks(model: FlaxAlbertForMaskedLM) -> Ranks:
    """Compiles the measurement: every label's rank among the logits, 0 the best, and its loss, ``[batch, slots]``."""
    module = model.module

    def ranks(parameters: ParameterTree, batch: Batch) -> tuple[jax.Array, jax.Array]:
        output: Any = module.apply(
            {"params": parameters},
            batch.input_ids,
            batch.attention_mask,
            batch.token_type_ids,
            batch.position_ids,
            masked_positions=batch.positions,
        )
        logits = output.logits.astype(jnp.float32)
        true = jnp.take_along_axis(logits, batch.labels[..., None], axis=-1)
        return (logits > true).sum(-1), optax.softmax_cross_entropy_with_integer_labels(logits, batch.labels)

    return jax.jit(ranks)


def accuracy(ranks: Ranks, parameters: ParameterTree, batches: Sequence[Batch]) -> dict[str, float]:
    """Measures top-1 and top-5 accuracy and loss over the masked positions of some batches."""
    totals = np.zeros(4)
    for batch in batches:
        rank, loss = (np.asarray(array) for array in ranks(parameters, batch))
        chosen = batch.weights > 0
        totals += ((rank[chosen] < 1).sum(), (rank[chosen] < 5).sum(), loss[chosen].sum(), chosen.sum())
    top1, top5, loss = totals[:3] / totals[3]
    return {"top1": round(top1, 4), "top5": round(top5, 4), "loss": round(loss, 4), "masked": int(totals[3])}


def evaluate(
    model: FlaxAlbertForMaskedLM, counts: np.ndarray, held_out: Split, masking: Masking, masked: int
) -> list[dict[str, Any]]:
    """Measures model and unigram guess on held-out text, for two lengths and two ways of masking.

    Every selected piece is replaced by the mask, as in use; none stays or becomes another one.

    Args:
        model: The model.
        counts: Frequency of every piece in the training split, ``[vocabulary]``.
        held_out: Where to measure.
        masking: Which pieces begin a word, and the share to select.
        masked: Least number of masked pieces of each measurement.

    Returns:
        One row for each length and way of masking.
    """
    ranks = make_ranks(model)
    ways = {
        "single pieces": replace(masking, keep=0.0, whole_words=False, longest=1),
        "whole words": replace(masking, keep=0.0, whole_words=True, longest=1),
    }
    rows = []
    for (name, way), layout in itertools.product(ways.items(), LAYOUTS):
        batches = list(masked_batches(held_out, way, layout, masked))
        rows.append(
            {"masking": name, "length": layout.length}
            | {"model": accuracy(ranks, model.params, batches)}
            | {"unigram": unigram(counts, batches)}
        )
    return rows
