"""A text for a token classifier: its tokens, where each stands in it, and the windows that the model sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int
from tokenizers import Encoding

from flax_albert.tasks.engine import Encoded, Row
from flax_albert.tasks.errors import UnfitError
from flax_albert.tasks.examples import one_text
from flax_albert.tasks.tagging.token_windows import cut
from flax_albert.tokenization import PreTrainedTokenizerBase

Span = tuple[int, int]
"""The first character, and the one after the last."""


@dataclass(frozen=True)
class Text:
    """A text, and the words that it came in, where it came in words."""

    text: str
    words: list[str] | None = None
    delimiter: str = ""

    def word_starts(self) -> Int[np.ndarray, " words"]:
        """Where each word begins in the text."""
        lengths = [len(word) + len(self.delimiter) for word in self.words or ()]
        return np.cumsum([0, *lengths[:-1]]) if lengths else np.zeros(0, np.int64)


@dataclass(frozen=True)
class Alignment:
    """Where tokens come from; only a fast tokenizer knows."""

    words: Int[np.ndarray, " tokens"]
    """Number of the word that each token belongs to."""
    starts: Int[np.ndarray, " tokens"]
    """Where it begins in the text."""
    ends: Int[np.ndarray, " tokens"]

    def span(self, start: int, stop: int) -> Span:
        """The characters that tokens stand for."""
        return int(self.starts[start]), int(self.ends[stop - 1])


@dataclass
class TaggedText(Encoded):
    """A text made ready."""

    text: Text
    ids: Int[np.ndarray, " tokens"]
    """Its tokens, without those that the tokenizer puts around it."""
    leading: int
    """How many it puts before it."""
    windows: list[range]
    """The tokens of each row."""
    alignment: Alignment | None
    """Where they come from, where that is known."""


def as_text(value: Any) -> Text | UnfitError:
    """A text.

    Args:
        value: What is to be one.

    Returns:
        It, or what is wrong with it.
    """
    if isinstance(value, list | tuple):
        return UnfitError("must be a str; for a list of words say is_split_into_words=True.", TypeError)
    example = one_text(value)
    return example if isinstance(example, UnfitError) else Text(example.text)


def as_words(value: Any, delimiter: str) -> Text | UnfitError:
    """A text that came in words.

    Args:
        value: What is to be a list of words.
        delimiter: What stands between them in the text.

    Returns:
        The text, or what is wrong with it.
    """
    if not isinstance(value, list | tuple):
        return UnfitError(
            f"must be a list of words, as is_split_into_words=True says, got {type(value).__name__}.", TypeError
        )
    for number, word in enumerate(value):
        if not isinstance(word, str):
            return UnfitError(f"has a word that must be a str, and [{number}] is {type(word).__name__}.", TypeError)
    if not any(word.strip() for word in value):
        return UnfitError("holds no words; write some text.")
    return Text(delimiter.join(value), list(value), delimiter)


def tagged_texts(
    texts: Sequence[Text], tokenizer: PreTrainedTokenizerBase, most: int, overlap: int
) -> Iterator[TaggedText]:
    """Tokenizes texts, and cuts those that are longer than the model takes into windows.

    Args:
        texts: Texts, all of them with words or none.
        tokenizer: The tokenizer; a fast one, where there are words.
        most: Tokens that a window has room for, besides those that the tokenizer puts around it.
        overlap: Tokens that a window shares with the next.

    Yields:
        The texts, made ready.
    """
    if not texts:
        return
    split = texts[0].words is not None
    encoded = tokenizer(
        [text.words or text.text for text in texts],
        is_split_into_words=split,
        return_token_type_ids=False,
        return_attention_mask=False,
        return_special_tokens_mask=True,
        verbose=False,
    )
    for number, text in enumerate(texts):
        every = np.asarray(encoded["input_ids"][number], np.int32)
        own = np.flatnonzero(np.asarray(encoded["special_tokens_mask"][number]) == 0)
        leading, stop = (own[0], own[-1] + 1) if len(own) else (len(every), len(every))
        ids, before, after = every[leading:stop], every[:leading], every[stop:]
        windows = cut(len(ids), most, overlap)
        rows = [Row(np.concatenate([before, ids[window.start : window.stop], after])) for window in windows]
        encodings = encoded.encodings
        alignment = _alignment(text, encodings[number], leading, stop) if encodings else None
        yield TaggedText(rows, text, ids, int(leading), windows, alignment)


def _alignment(text: Text, encoding: Encoding, first: int, stop: int) -> Alignment:
    words = np.array(encoding.word_ids[first:stop], np.int32)
    offsets = np.array(encoding.offsets[first:stop], np.int64).reshape(-1, 2)
    if text.words is not None:  # they count from the beginning of the word
        offsets += text.word_starts()[words][:, None]
    return Alignment(words, offsets[:, 0], offsets[:, 1])
