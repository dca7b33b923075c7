"""An epoch's chunks: consecutive sentences of a document, up to a length."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flax_albert.data.pretraining.options import PretrainingOptions


class Sentences(NamedTuple):
    """Where sentences begin, and which are a document's.

    Attributes:
        starts: Offsets into the pieces, ``[sentences + 1]``, ascending.
        first: Each document's first sentence, ``[documents]``; documents without any are left out.
        last: The sentence behind each document's last one, ``[documents]``.
    """

    starts: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @classmethod
    def of(cls, documents: np.ndarray, sentences: np.ndarray) -> Sentences:
        """Numbers the sentences of documents.

        Args:
            documents: Offsets into the pieces, ``[documents + 1]``.
            sentences: The same of sentences; every document begins with one.

        Returns:
            Sentences and documents that are not empty.
        """
        if not np.all(sentences[1:] > sentences[:-1]):
            sentences = np.unique(sentences)
        bounds = np.searchsorted(sentences, documents)
        filled = bounds[1:] > bounds[:-1]
        return cls(sentences, bounds[:-1][filled], bounds[1:][filled])


class Chunks(NamedTuple):
    """Chunks, each of which becomes a row. All arrays are ``[chunks]``.

    Attributes:
        first: The first sentence.
        split: The sentence that the second segment begins with; ``end`` where there is only one sentence.
        end: The sentence behind the last one.
        document: The document.
        target: The length that was aimed at.
        elsewhere: Whether the second segment is to be taken from another document.
    """

    first: np.ndarray
    split: np.ndarray
    end: np.ndarray
    document: np.ndarray
    target: np.ndarray
    elsewhere: np.ndarray


def chunks_of(sentences: Sentences, options: PretrainingOptions, random: np.random.Generator) -> Chunks:
    """Cuts every document into chunks.

    Sentences are added until the chunk has the document's target length, which is the longest or, for some documents, a
    random one; the last sentence may lead beyond it. All documents are walked through together, chunk by chunk.

    Args:
        sentences: The text.
        options: How it is cut.
        random: Source of the choices.

    Returns:
        Chunks, in no order that means anything.
    """
    count = len(sentences.first)
    short = random.random(count) < options.short_seq_prob
    targets = np.where(short, random.integers(2, options.room + 1, count), options.room)
    documents = np.arange(count)
    start = sentences.first
    steps = []
    while len(documents):
        goal = sentences.starts[start] + targets[documents]
        end = np.minimum(np.searchsorted(sentences.starts, goal), sentences.last[documents])
        size = end - start
        split = start + 1 + np.floor(random.random(len(start)) * (size - 1)).astype(start.dtype)
        elsewhere = np.zeros(len(start), bool)
        if options.segments == "google":
            chance = random.random(len(start)) < 0.5
            elsewhere = (size == 1) | (chance & options.random_next_sentence)
        steps.append(Chunks(start, split, end, documents, targets[documents], elsewhere))
        # Sentences whose place another document's took are put back: they begin the next chunk.
        next_ = np.where(elsewhere, split, end)
        going_on = next_ < sentences.last[documents]
        start, documents = next_[going_on], documents[going_on]
    if not steps:
        nothing = np.zeros(0, np.int32)
        return Chunks(nothing, nothing, nothing, nothing, nothing, nothing.astype(bool))
    found = Chunks(*(np.concatenate(arrays) for arrays in zip(*steps, strict=True)))
    if options.segments == "paper":
        found = _with_two_pieces(found, sentences)
    # Half the memory: an epoch of all of Wikipedia has ten million chunks.
    small = np.int32 if len(sentences.starts) < np.iinfo(np.int32).max else np.int64
    return Chunks(*(array if array.dtype == bool else array.astype(small) for array in found))


def _with_two_pieces(chunks: Chunks, sentences: Sentences) -> Chunks:
    """Leaves out what cannot be cut in two."""
    kept = sentences.starts[chunks.end] - sentences.starts[chunks.first] > 1
    return Chunks(*(array[kept] for array in chunks))
