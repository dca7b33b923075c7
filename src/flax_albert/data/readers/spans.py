"""Answers, each at its place in the context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flax_albert.data.errors import DataError
from flax_albert.data.examples import Span
from flax_albert.data.readers.columns import shown


def spans_of(value: Any, context: str, where: str) -> tuple[Span, ...]:
    """Reads answers.

    Args:
        value: ``{"text": [...], "answer_start": [...]}`` or a list of ``{"text", "answer_start"}``.
        context: The text that holds them.
        where: Where they stand, for messages.

    Returns:
        The answers.

    Raises:
        DataError: They are not of that form, or one is not where it should be.

    Example:
        >>> from flax_albert.data.readers.spans import spans_of
        >>> spans_of([{"text": "Paris", "answer_start": 10}], "It was in Paris.", "line 1")
        (Span(text='Paris', start=10),)
    """
    if isinstance(value, Mapping):
        texts, starts = value.get("text"), value.get("answer_start")
        if not isinstance(texts, list | tuple) or not isinstance(starts, list | tuple) or len(texts) != len(starts):
            raise DataError(f"{where} has answers whose 'text' and 'answer_start' are not two lists of one length.")
        pairs = list(zip(texts, starts, strict=True))
    elif isinstance(value, list | tuple):
        if not all(isinstance(answer, Mapping) for answer in value):
            raise DataError(f"{where} has an answer without 'text' and 'answer_start'.")
        pairs = [(answer.get("text"), answer.get("answer_start")) for answer in value]
    else:
        raise DataError(f"{where} has 'answers' that are no list but {type(value).__name__}.")
    return tuple(_span(text, start, context, where) for text, start in pairs)


def _span(text: Any, start: Any, context: str, where: str) -> Span:
    if not isinstance(text, str) or not text.strip():
        raise DataError(f"{where} has an answer that is no text, or an empty one.")
    if isinstance(start, str) and start.strip().isdecimal() and len(start) < 10:
        start = int(start)
    if not isinstance(start, int) or isinstance(start, bool):
        raise DataError(f"{where} has the answer {shown(text)} without the character at which it begins.")
    there = context[start : start + len(text)] if start >= 0 else ""
    if there != text:
        found = context.find(text)
        elsewhere = f"it stands at {found}" if found >= 0 else "it stands nowhere in the context"
        instead = f"is {shown(there)}" if there else f"is nothing, as the context has {len(context)} characters"
        raise DataError(
            f"{where} has the answer {shown(text)} at character {start}, where there {instead}; {elsewhere}."
        )
    return Span(text, start)
