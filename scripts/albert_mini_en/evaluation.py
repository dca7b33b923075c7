"""Held-out accuracy of the model beside that of always guessing the most frequent pieces."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from scripts.albert_mini_en.batches import Batch, Masking, passes
from scripts.albert_mini_en.corpus import Split
from scripts.albert_mini_en.sequences import Layout
from scripts.albert_mini_en.training import Parameters, accuracy

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


def evaluate(
    ranks: Callable[..., Any], parameters: Parameters, work_splits: tuple[Split, Split], masking: Masking, masked: int
) -> list[dict[str, Any]]:
    """Measures model and unigram guess on held-out text, for two lengths and two ways of masking.

    Every selected piece is replaced by the mask, as in use; none stays or becomes another one.

    Args:
        ranks: What `training.make_ranks` returns.
        parameters: Parameters of the model.
        work_splits: The training split, for its frequencies, and the held-out split.
        masking: Which pieces begin a word, and the share to select.
        masked: Least number of masked pieces of each measurement.

    Returns:
        One row for each length and way of masking.
    """
    train, held_out = work_splits
    counts = np.bincount(train.pieces, minlength=len(masking.vocabulary))
    ways = {
        "single pieces": replace(masking, keep=0.0, whole_words=False, longest=1),
        "whole words": replace(masking, keep=0.0, whole_words=True, longest=1),
    }
    rows = []
    for (name, way), layout in itertools.product(ways.items(), LAYOUTS):
        batches = list(masked_batches(held_out, way, layout, masked))
        rows.append(
            {"masking": name, "length": layout.length}
            | {"model": accuracy(ranks, parameters, batches)}
            | {"unigram": unigram(counts, batches)}
        )
    return rows
