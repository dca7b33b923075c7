"""A chunk to two segments, in order or not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flax_albert.data.corpus import Corpus
from flax_albert.data.pretraining.chunks import Sentences
from flax_albert.data.pretraining.options import PretrainingOptions

Range = tuple[int, int]
"""First piece, and the one behind the last."""


class Chunk(NamedTuple):
    """One of :class:`~flax_albert.data.pretraining.chunks.Chunks`."""

    first: int
    split: int
    end: int
    document: int
    target: int
    elsewhere: bool


class Segments(NamedTuple):
    """Two segments of pieces.

    Attributes:
        a: The first, without special tokens.
        b: The second.
        swapped: Whether they are not in their order, or not of one document.
    """

    a: np.ndarray
    b: np.ndarray
    swapped: bool


def segments_of(
    chunk: Chunk, corpus: Corpus, sentences: Sentences, options: PretrainingOptions, random: np.random.Generator
) -> Segments:
    """Makes the two segments of a row.

    Args:
        chunk: Where they come from.
        corpus: The pieces.
        sentences: Where its sentences are.
        options: How segments are made, and how long they may be.
        random: Source of the choices.

    Returns:
        Segments that fit a row together, neither of them empty.
    """
    starts = sentences.starts
    start, middle, end = int(starts[chunk.first]), int(starts[chunk.split]), int(starts[chunk.end])
    if chunk.elsewhere:
        a, b = (start, middle), _other_document(chunk, sentences, chunk.target - (middle - start), random)
        swapped = True
    else:
        if chunk.split == chunk.end:
            middle = _between_words(corpus, start, end, random)
        a, b = (start, middle), (middle, end)
        swapped = not options.random_next_sentence and bool(random.random() < 0.5)
        if swapped:
            a, b = b, a
    a, b = truncated(a, b, options.room, random)
    return Segments(corpus.pieces(*a), corpus.pieces(*b), swapped)


def truncated(a: Range, b: Range, room: int, random: np.random.Generator) -> tuple[Range, Range]:
    """Shortens two segments until they fit, always the longer one, by a piece at its front or its back.

    Args:
        a: The first segment.
        b: The second one; of two that are equally long, it is shortened.
        room: Most pieces of both.
        random: Decides between front and back, piece by piece.

    Returns:
        What is left of both.

    Example:
        >>> import numpy as np
        >>> from flax_albert.data.pretraining.segments import truncated
        >>> a, b = truncated((0, 30), (30, 42), 20, np.random.default_rng(0))
        >>> a[1] - a[0], b[1] - b[0]
        (10, 10)
    """
    lengths = a[1] - a[0], b[1] - b[0]
    excess = sum(lengths) - room
    if excess <= 0:
        return a, b
    alone = min(excess, abs(lengths[0] - lengths[1]))
    both = excess - alone
    longer_first = lengths[0] > lengths[1]
    from_a = alone * longer_first + both // 2
    from_b = alone * (not longer_first) + both - both // 2
    return _shortened(a, from_a, random), _shortened(b, from_b, random)


def _shortened(segment: Range, pieces: int, random: np.random.Generator) -> Range:
    front = int(random.binomial(pieces, 0.5))
    return segment[0] + front, segment[1] - (pieces - front)


def _other_document(chunk: Chunk, sentences: Sentences, length: int, random: np.random.Generator) -> Range:
    """Sentences of another document, from a random one on, until they have a length; where there is but one, its."""
    count = len(sentences.first)
    other = chunk.document
    if count > 1:
        other = int(random.integers(count - 1))
        other += other >= chunk.document
    last = int(sentences.last[other])
    start = int(random.integers(sentences.first[other], last))
    begin = int(sentences.starts[start])
    end = int(np.searchsorted(sentences.starts, begin + max(length, 1)))
    return begin, int(sentences.starts[min(end, last)])


def _between_words(corpus: Corpus, start: int, end: int, random: np.random.Generator) -> int:
    """A place within a sentence at which a word begins; any place where it is a single word."""
    begins = np.flatnonzero(corpus.vocabulary.starts_word[corpus.pieces(start + 1, end)])
    place = int(random.choice(begins)) if len(begins) else int(random.integers(end - start - 1))
    return start + 1 + place
