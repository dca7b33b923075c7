"""Texts and pairs of texts, seen to be such."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from flax_albert.tasks.errors import UnfitError


class Example(NamedTuple):
    """A text, or a pair of texts."""

    text: str
    pair: str | None = None


def one_text(value: Any) -> Example | UnfitError:
    """A text on its own.

    Args:
        value: What is to be one.

    Returns:
        It, or what is wrong with it.
    """
    if not isinstance(value, str):
        return UnfitError(f"must be a str, got {type(value).__name__}.", kind=TypeError)
    return Example(value) if value.strip() else UnfitError("is empty; write some text.")


def text_pair(value: Any, needed: bool = False) -> Example | UnfitError:
    """A text that may have a second one beside it.

    Args:
        value: What is to be a dictionary with ``text`` and ``text_pair``.
        needed: Whether the second text has to be there.

    Returns:
        The pair, or what is wrong with it.
    """
    if not isinstance(value, Mapping):
        return UnfitError(
            f'must be a dictionary with "text" and "text_pair", got {type(value).__name__}.', kind=TypeError
        )
    unknown = [key for key in value if key not in ("text", "text_pair")]
    if unknown or "text" not in value or (needed and "text_pair" not in value):
        keys = ", ".join(repr(key) for key in value) or "nothing"
        return UnfitError(f'must hold "text" and "text_pair", and holds {keys}.')
    text, pair = value["text"], value.get("text_pair")
    if pair is None and not needed:
        return one_text(text)
    for name, part in (("text", text), ("text_pair", pair)):
        if not isinstance(part, str):
            return UnfitError(f"has a {name!r} that must be a str, and is {type(part).__name__}.", kind=TypeError)
        if not part.strip():
            return UnfitError(f"has an empty {name!r}; write some text.")
    return Example(text, pair)
