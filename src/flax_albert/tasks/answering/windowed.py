"""A question with its context as rows for the model, and answers out of what the model says of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from flax_albert.tasks.answering.contexts import Context, windows
from flax_albert.tasks.answering.spans import AcrossWindows, Span, best_spans, merged, probabilities
from flax_albert.tasks.engine import Encoded, Row
from flax_albert.tasks.errors import UnfitError
from flax_albert.tokenization import PreTrainedTokenizerBase

_LEAST, _MOST = 1e-45, 700.0
"""Probabilities below the least, and scores beyond the most, make no difference any more."""
_LARGEST_OVERLAP = 128

Logits = Float[np.ndarray, " seq"]


@dataclass
class Windowed(Encoded):
    """A question, and the windows that its context is cut into, one a row."""

    question: str
    context: Context
    windows: list[range]
    first: int
    """Where in a row the context begins."""


class Found(NamedTuple):
    """What a model finds in a context."""

    spans: list[Span]
    """Answers, best first."""
    none: float
    """The probability that there is none."""

    @property
    def null_score(self) -> float:
        """How much surer the model is that there is no answer than of the best one: the logarithm of their ratio."""
        if not self.spans:
            return _MOST
        return math.log(max(self.none, _LEAST)) - math.log(max(self.spans[0].score, _LEAST))

    def ranked(self, threshold: float) -> list[Span]:
        """The answers with that of there being none among them.

        Args:
            threshold: The null score from which on that is the best one.

        Returns:
            Best first; none is the span from 0 to 0.
        """
        none = Span(self.none, 0, 0)
        weight = math.exp(-min(max(threshold, -_MOST), _MOST))
        return sorted([*self.spans, none], key=lambda span: -(span.score if span is not none else span.score * weight))


def usual_overlap(longest: int) -> int:
    """Tokens that windows of a context have in common where nothing else is asked for.

    Args:
        longest: Most tokens of a row.
    """
    return min(longest // 2, _LARGEST_OVERLAP)


def looked_at(top_k: int, align_to_words: bool) -> int:
    """Spans of a window that are looked at: as many as transformers does, as some may turn out to be the same words.

    Args:
        top_k: Answers that are wanted.
        align_to_words: Whether answers begin and end with words.
    """
    return top_k * 2 + 10 if align_to_words else top_k


def windowed(
    question: str, ids: Sequence[int], context: Context, tokenizer: PreTrainedTokenizerBase, longest: int, overlap: int
) -> Windowed | UnfitError:
    """Makes rows of a question and its context.

    Args:
        question: The question.
        ids: Its tokens.
        context: The context.
        tokenizer: The tokenizer.
        longest: Most tokens of a row: ``[CLS]``, the question, ``[SEP]``, some of the context, ``[SEP]``.
        overlap: Tokens of the context that a row has in common with the next.

    Returns:
        They, or what is wrong with the question.
    """
    room = longest - len(ids) - 3
    if not (context.starts < context.ends).any():
        return UnfitError("has a 'context' that the tokenizer finds no words in; write some text.")
    if room < 1 or (len(context.ids) > room and room <= overlap):
        return UnfitError(
            f"has a 'question' of {len(ids)} tokens, which leaves windows of max_seq_len={longest} "
            f"{max(room, 0)} tokens for the context, {overlap} of them read before (doc_stride); shorten "
            "it, have it cut off (max_question_len), or choose a larger max_seq_len or a smaller doc_stride."
        )
    before = np.asarray([tokenizer.cls_token_id, *ids, tokenizer.sep_token_id], np.int32)
    after = np.asarray([tokenizer.sep_token_id], np.int32)
    cut = windows(len(context.ids), room, overlap)
    rows = [_row(before, context.ids[window.start : window.stop], after) for window in cut]
    return Windowed(rows, question, context, cut, len(before))


def found_in(
    ready: Windowed,
    outputs: Sequence[tuple[Logits, Logits]],
    longest: int,
    most: int,
    across_windows: AcrossWindows = "best",
) -> Found:
    """Finds answers.

    Args:
        ready: The question.
        outputs: Of each of its rows, the scores of every position as the first and as the last of the answer; padding
            may follow.
        longest: Most tokens of an answer.
        most: Most answers of a window.
        across_windows: What the score is of an answer that several windows give.

    Returns:
        Answers of different words, and how probable none is: in the window where it is least probable.
    """
    found: list[list[Span]] = []
    none = 1.0
    for window, (start, end) in zip(ready.windows, outputs, strict=True):
        places = slice(ready.first, ready.first + len(window))
        said = probabilities(start[: places.stop], end[: places.stop], places)
        tokens = slice(window.start, window.stop)
        found.append(best_spans(said, ready.context.starts[tokens], ready.context.ends[tokens], longest, most))
        none = min(none, said.none)
    return Found(merged(ready.context.text, found, across_windows), none)


def _row(
    before: Int[np.ndarray, " question"], context: Int[np.ndarray, " context"], after: Int[np.ndarray, " end"]
) -> Row:
    ids = np.concatenate([before, context, after])
    segments = np.ones_like(ids)
    segments[: len(before)] = 0
    return Row(ids, segments)
