"""The best spans of a context, out of the scores that a model gives every token as the first and the last of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy.lib.stride_tricks import sliding_window_view

from flax_albert.tasks.scores import softmax

AcrossWindows = Literal["best", "sum"]


class Span(NamedTuple):
    """Characters of a context, and how probable it is that they are the answer."""

    score: float
    start: int
    end: int


class Probabilities(NamedTuple):
    """What a model says of a window, as probabilities over its first token and those of the context in it."""

    start: Float[np.ndarray, " tokens"]
    """Of each token of the context as the first of the answer."""
    end: Float[np.ndarray, " tokens"]
    """Of each as the last."""
    none: float
    """That there is no answer in the window: that it begins and ends with ``[CLS]``."""


def probabilities(
    start_logits: Float[np.ndarray, " seq"], end_logits: Float[np.ndarray, " seq"], context: slice
) -> Probabilities:
    """Probabilities over ``[CLS]`` and the tokens of the context; the question and padding have no part in them.

    Args:
        start_logits: Scores of each position of a row as the first of the answer.
        end_logits: Scores of each as the last.
        context: Where in the row the context stands; ``[CLS]`` is the row's first token.

    Returns:
        They.
    """
    start = softmax(np.append(start_logits[0], start_logits[context]))
    end = softmax(np.append(end_logits[0], end_logits[context]))
    return Probabilities(start[1:], end[1:], float(start[0] * end[0]))


def best_spans(
    window: Probabilities,
    starts: Int[np.ndarray, " tokens"],
    ends: Int[np.ndarray, " tokens"],
    longest: int,
    most: int,
) -> list[Span]:
    """The best spans of a window.

    Args:
        window: The model's probabilities of its tokens.
        starts: The character that an answer begins with whose first token is this one.
        ends: Where an answer ends whose last token is this one.
        longest: Most tokens of a span.
        most: Most spans.

    Returns:
        Spans of at least one character, best first.

    Example:
        >>> import numpy as np
        >>> from flax_albert.tasks.answering.spans import Probabilities, best_spans
        >>> window = Probabilities(np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.8, 0.1]), 0.0)
        >>> for span in best_spans(window, np.array([0, 4, 9]), np.array([3, 8, 11]), longest=2, most=2):
        ...     print(round(span.score, 2), span.start, span.end)
        0.56 0 8
        0.16 4 8
    """
    # A band of the matrix of all pairs: row i, column d is the span from token i to token i + d.
    width = min(longest, len(starts))
    band_ends = sliding_window_view(np.append(ends, np.full(width - 1, -1)), width)
    scores = window.start[:, None] * sliding_window_view(np.append(window.end, np.zeros(width - 1, np.float32)), width)
    scores[starts[:, None] >= band_ends] = -1
    flat = scores.ravel()
    least = max(0, np.partition(flat, -most)[-most]) if most < len(flat) else 0
    chosen = np.flatnonzero(flat >= least)
    # Of equal scores the one that begins first, and of those the shortest.
    chosen = chosen[np.argsort(-flat[chosen], kind="stable")][:most]
    first, further = np.divmod(chosen, width)
    return list(map(Span, flat[chosen].tolist(), starts[first].tolist(), ends[first + further].tolist()))


def merged(context: str, windows: Iterable[list[Span]], across_windows: AcrossWindows) -> list[Span]:
    """Puts together spans that say the same, but for capital letters.

    Within a window their probabilities add up. Another window that says the same has read some of the same tokens:
    ``"best"`` takes the window that is surest, so that no score is above 1; ``"sum"`` adds these up too.

    Args:
        context: The text.
        windows: Spans of each window, best first.
        across_windows: ``"best"`` or ``"sum"``.

    Returns:
        Spans of different texts, best first.

    Example:
        >>> from flax_albert.tasks.answering.spans import Span, merged
        >>> windows = [[Span(0.5, 0, 3), Span(0.25, 8, 11)], [Span(0.625, 8, 11)]]
        >>> merged("Ada and ada", windows, "best")
        [Span(score=0.75, start=0, end=3)]
        >>> merged("Ada and ada", windows, "sum")
        [Span(score=1.375, start=0, end=3)]
    """
    found: dict[str, Span] = {}
    for window in windows:
        within: dict[str, Span] = found if across_windows == "sum" else {}
        for span in window:
            text = context[span.start : span.end].lower()
            before = within.get(text)
            within[text] = before._replace(score=before.score + span.score) if before else span
        for text, span in within.items():
            if text not in found or span.score > found[text].score:
                found[text] = span
    return sorted(found.values(), key=lambda span: -span.score)
