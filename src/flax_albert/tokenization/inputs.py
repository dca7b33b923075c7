"""The texts of a call: what a user may pass, made into the batch the pipeline takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

TextInput = str | Sequence[str] | Sequence[Sequence[str]] | Sequence[Sequence[Sequence[str]]]

# One example of a batch: a text, or a pair of texts; a text is a str, or a list of words.
Example = str | list[str] | tuple[str, str] | tuple[list[str], list[str]]

_SURROGATE = re.compile("[\ud800-\udfff]")


def single_example(text: object, text_pair: object, is_split_into_words: bool, *, drop_empty_pair: bool) -> Example:
    """Checks one text, or one pair.

    Args:
        text: A str, or a list of words.
        text_pair: The same, or None.
        is_split_into_words: Whether texts are lists of words.
        drop_empty_pair: Whether an empty second text counts as None, as it always did for the fast tokenizers and never
            for the slow ones.

    Returns:
        The example.

    Raises:
        TypeError: Something is no text; the message names its position.
    """
    first = _text(text, "text", is_split_into_words)
    if text_pair is None:
        return first
    second = _text(text_pair, "text_pair", is_split_into_words)
    return _pair(first, second) if second or not drop_empty_pair else first


def batch_examples(texts: object, text_pairs: object, is_split_into_words: bool) -> list[Example]:
    """Checks a batch of texts, or of pairs.

    Args:
        texts: A list of texts, or of pairs.
        text_pairs: The second texts, as many, or None.
        is_split_into_words: Whether texts are lists of words.

    Returns:
        The examples.

    Raises:
        TypeError: Something is no text; the message names its position.
        ValueError: There are not as many second texts as first ones.

    Example:
        >>> from flax_albert.tokenization.inputs import batch_examples
        >>> batch_examples(["a cat", "a dog"], ["it purrs", "it barks"], is_split_into_words=False)
        [('a cat', 'it purrs'), ('a dog', 'it barks')]
    """
    if not isinstance(texts, (list, tuple)):
        raise TypeError(f"text must be a list of texts, and it is {_describe(texts)}.")
    if text_pairs is None:
        return [_example(text, f"text[{index}]", is_split_into_words) for index, text in enumerate(texts)]
    if not isinstance(text_pairs, (list, tuple)):
        raise TypeError(f"text_pair must be a list of texts, as text is one, and it is {_describe(text_pairs)}.")
    if len(texts) != len(text_pairs):
        raise ValueError(f"text has {len(texts)} texts and text_pair has {len(text_pairs)}; they must be as many.")
    return [
        _pair(
            _text(first, f"text[{index}]", is_split_into_words),
            _text(second, f"text_pair[{index}]", is_split_into_words),
        )
        for index, (first, second) in enumerate(zip(texts, text_pairs, strict=True))
    ]


def is_batch(text: object, is_split_into_words: bool) -> bool:
    """Whether the first argument of a call is a batch rather than one text.

    Args:
        text: A str, a list of them, or a list of lists.
        is_split_into_words: Whether texts are lists of words.

    Returns:
        True for a batch.
    """
    if not isinstance(text, (list, tuple)):
        return False
    return not is_split_into_words or (len(text) > 0 and isinstance(text[0], (list, tuple)))


def without_surrogates(example: Any) -> Any:
    """Replaces lone surrogates, which are no characters, by U+FFFD, one for one so that offsets hold.

    Args:
        example: One example of a batch.

    Returns:
        The same with every text encodable.
    """
    if isinstance(example, str):
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", example)
    return type(example)(without_surrogates(part) for part in example)


def _example(value: object, position: str, is_split_into_words: bool) -> Example:
    """One example of a batch: a text, or two texts in a list or tuple."""
    nested = str if not is_split_into_words else (list, tuple)
    if isinstance(value, (list, tuple)) and len(value) == 2 and all(isinstance(part, nested) for part in value):
        first, second = (_text(part, f"{position}[{index}]", is_split_into_words) for index, part in enumerate(value))
        return _pair(first, second)
    return _text(value, position, is_split_into_words)


def _text(value: object, position: str, is_split_into_words: bool) -> str | list[str]:
    if not is_split_into_words:
        if isinstance(value, str):
            return value
        hint = "; for a text that is split into words pass is_split_into_words=True" if isinstance(value, list) else ""
        raise TypeError(f"{position} must be a str, and it is {_describe(value)}{hint}.")
    if not isinstance(value, (list, tuple)):
        raise TypeError(
            f"{position} must be a list of words, as is_split_into_words=True says, and it is {_describe(value)}."
        )
    for index, word in enumerate(value):
        if not isinstance(word, str):
            raise TypeError(f"{position}[{index}] must be a str, and it is {_describe(word)}.")
    return list(value)


def _pair(first: str | list[str], second: str | list[str]) -> Any:
    return first, second


def _describe(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, bytes):
        return "bytes (decode them first)"
    shown = repr(value)
    return f"{type(value).__name__} {shown if len(shown) <= 40 else shown[:40] + '...'}"
