"""Texts longer than the model's positions: cut into windows that overlap, and put together again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int

_OVERLAP = 4
"""The share of a window that the next one sees again, so that every token has context on both sides."""


def usual_overlap(size: int) -> int:
    """Tokens that a window shares with the next where nothing else is asked for.

    Args:
        size: Most tokens of a window.
    """
    return size // _OVERLAP


def cut(length: int, size: int, overlap: int) -> list[range]:
    """Cuts a text into windows.

    Args:
        length: Tokens of the text.
        size: Most tokens of a window.
        overlap: Tokens that a window shares with the next; fewer than ``size``.

    Returns:
        The tokens of each window.

    Example:
        >>> from flax_albert.tasks.tagging.token_windows import cut
        >>> cut(10, size=5, overlap=2)
        [range(0, 5), range(3, 8), range(6, 10)]
        >>> cut(0, size=5, overlap=2)
        []
    """
    starts = range(0, max(length - overlap, min(length, 1)), size - overlap)
    return [range(start, min(start + size, length)) for start in starts]


def stitched(
    windows: Sequence[range], parts: Sequence[Float[np.ndarray, "_ labels"]], words: Int[np.ndarray, " tokens"] | None
) -> Float[np.ndarray, "tokens labels"]:
    """Puts together what a model said of each window: of each token what the window said that shows most around it.

    Args:
        windows: The windows, at least one.
        parts: What was said of each of their tokens.
        words: Number of the word that each token of the text belongs to, so that a word is taken from one window.

    Returns:
        What is said of each token.
    """
    lasting = zip(windows, parts, taken(windows, words), strict=True)
    return np.concatenate(
        [part[lasts.start - window.start : lasts.stop - window.start] for window, part, lasts in lasting]
    )


def taken(windows: Sequence[range], words: Int[np.ndarray, " tokens"] | None) -> list[range]:
    """Which tokens are taken from each window: those that it shows more around than its neighbours do.

    Args:
        windows: The windows.
        words: Number of the word that each token of the text belongs to, so that a word is taken from one window.

    Returns:
        Some tokens of each window; together they are the text.

    Example:
        >>> from flax_albert.tasks.tagging.token_windows import taken
        >>> taken([range(0, 5), range(3, 8), range(6, 10)], None)
        [range(0, 4), range(4, 7), range(7, 10)]
    """
    seams = list(_seams(windows, words))
    ends = [*seams, *(window.stop for window in windows[-1:])]
    return list(map(range, [0, *seams], ends))


def _seams(windows: Sequence[range], words: Int[np.ndarray, " tokens"] | None) -> Iterator[int]:
    """For each window but the first, the first token that is taken from it.

    It is where a word begins, near the middle of what the window shares with the one before.
    """
    for before, after in itertools.pairwise(windows):
        seam = (after.start + before.stop) // 2
        if words is not None:
            shared = words[after.start : before.stop]
            begins = after.start + 1 + np.flatnonzero(shared[1:] != shared[:-1])
            seam = int(begins[np.abs(begins - seam).argmin()]) if len(begins) else seam
        yield seam


def longest(entities: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Of entities that several windows found, and that overlap, keeps one, by the rule of transformers.

    Args:
        entities: What was found, with ``start``, ``end`` and ``score``.

    Returns:
        In the order of the text, of those that overlap the longest, and of equally long ones the most certain.

    Example:
        >>> from flax_albert.tasks.tagging.token_windows import longest
        >>> cut_off, whole = {"start": 4, "end": 7, "score": 0.9}, {"start": 4, "end": 12, "score": 0.8}
        >>> longest([cut_off, whole])
        [{'start': 4, 'end': 12, 'score': 0.8}]
    """
    kept: list[Mapping[str, Any]] = []
    for entity in sorted(entities, key=lambda entity: entity["start"]):
        if not kept or entity["start"] >= kept[-1]["end"]:
            kept.append(entity)
        elif _weight(entity) > _weight(kept[-1]):
            kept[-1] = entity
    return kept


def _weight(entity: Mapping[str, Any]) -> tuple[int, float]:
    return entity["end"] - entity["start"], entity["score"]
