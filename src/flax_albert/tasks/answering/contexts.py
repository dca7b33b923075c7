"""Texts that questions are asked about: their tokens, where in the text an answer made of them stands, and windows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from tokenizers import Encoding

from flax_albert.tokenization import PreTrainedTokenizerBase

# Characters that are tokenized in one call, unless one text alone has more: what the tokenizer notes down meanwhile
# takes some hundred times their memory.
_CHARACTERS_TOGETHER = 1_000_000
_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Context:
    """A text in tokens.

    An answer from token ``i`` to token ``j`` is ``text[starts[i]:ends[j]]``, without white space around it; where that
    is empty there is no such answer.
    """

    text: str
    ids: Int[np.ndarray, " tokens"]
    starts: Int[np.ndarray, " tokens"]
    ends: Int[np.ndarray, " tokens"]


def read_contexts(texts: Iterable[str], tokenizer: PreTrainedTokenizerBase, align_to_words: bool) -> dict[str, Context]:
    """Tokenizes texts, each of them once.

    Args:
        texts: Texts, some of which may be the same.
        tokenizer: A tokenizer. A slow one does not tell where a token came from, only from which word.
        align_to_words: Whether answers begin and end with words, as the tokenizer sees them.

    Returns:
        Each text's tokens.
    """
    contexts: dict[str, Context] = {}
    for together in _together(dict.fromkeys(texts)):
        if not tokenizer.is_fast:
            contexts |= {text: _by_words(text, tokenizer) for text in together}
            continue
        encodings = tokenizer(together, add_special_tokens=False, verbose=False).encodings or []
        for text, encoding in zip(together, encodings, strict=True):
            contexts[text] = _by_offsets(text, encoding, align_to_words)
    return contexts


def windows(length: int, room: int, overlap: int) -> list[range]:
    """Windows that a text is cut into: all but the last are full, and each begins within the one before.

    Args:
        length: Tokens of the text.
        room: Most tokens of a window.
        overlap: Tokens that a window has in common with the next, fewer than ``room`` if there is more than one.

    Returns:
        The tokens of each window; the last ends with the text.

    Example:
        >>> from flax_albert.tasks.answering.contexts import windows
        >>> windows(length=10, room=5, overlap=2)
        [range(0, 5), range(3, 8), range(6, 10)]
        >>> windows(length=3, room=5, overlap=2)
        [range(0, 3)]
    """
    if length <= room:
        return [range(length)]
    step = room - overlap
    return [range(first, min(first + room, length)) for first in range(0, length - overlap, step)]


def _together(texts: Iterable[str]) -> Iterator[list[str]]:
    group: list[str] = []
    characters = 0
    for text in texts:
        if group and characters + len(text) > _CHARACTERS_TOGETHER:
            yield group
            group, characters = [], 0
        group.append(text)
        characters += len(text)
    if group:
        yield group


def _by_offsets(text: str, encoding: Encoding, align_to_words: bool) -> Context:
    offsets = np.asarray(encoding.offsets, np.int32).reshape(-1, 2)
    starts, ends = offsets[:, 0], offsets[:, 1]
    if align_to_words:
        # A word's tokens stand together, and words are numbered in order.
        words = np.asarray(encoding.word_ids, np.int32)
        starts = starts[np.searchsorted(words, words, side="left")]
        ends = ends[np.searchsorted(words, words, side="right") - 1]
    return _context(text, encoding.ids, starts, ends)


def _by_words(text: str, tokenizer: PreTrainedTokenizerBase) -> Context:
    ids: list[int] = []
    spans: list[tuple[int, int]] = []
    known: dict[str, list[int]] = {}
    for match in _WORD.finditer(text):
        word = match[0]
        if word not in known:
            known[word] = tokenizer.convert_tokens_to_ids(tokenizer.tokenize(word))
        ids += known[word]
        spans += [match.span()] * len(known[word])
    offsets = np.asarray(spans, np.int32).reshape(-1, 2)
    return _context(text, ids, offsets[:, 0], offsets[:, 1])


def _context(
    text: str, ids: Sequence[int], starts: Int[np.ndarray, " tokens"], ends: Int[np.ndarray, " tokens"]
) -> Context:
    # SentencePiece counts the space before a word to its first piece; an answer has none around it.
    blank = np.fromiter(map(str.isspace, text), bool, len(text))
    places = np.arange(len(text) + 1, dtype=np.int32)
    first_from = np.minimum.accumulate(np.append(np.where(blank, len(text), places[:-1]), len(text))[::-1])[::-1]
    last_until = np.maximum.accumulate(np.append(0, np.where(blank, 0, places[1:])))
    return Context(text, np.asarray(ids, np.int32), first_from[starts], last_until[ends])
