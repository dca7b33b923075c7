"""Pieces to sequences: windows of consecutive sentences, laid out between special tokens."""

from dataclasses import dataclass

import numpy as np

from scripts.albert_mini_en.text import Split, Vocabulary

PAD, CLS, SEP, MASK = 0, 2, 3, 4
FIRST_ORDINARY_PIECE = 5


@dataclass(frozen=True)
class Layout:
    """How text is laid out in a batch of sequences. The defaults are plain, for measuring.

    Attributes:
        length: Length of the sequences.
        sequences: Sequences in a batch.
        short: Share of the windows to cut after a sentence chosen at random, as inputs are short in use.
        spaced: Share of the windows to treat with `spaced`.
        positions: Number of positions to spread half of the sequences over: each then begins at a random one. Short
            sequences so train every position. 0 begins all at position 0.
    """

    length: int
    sequences: int
    short: float = 0.0
    spaced: float = 0.0
    positions: int = 0

    def position_ids(self, random: np.random.Generator) -> np.ndarray:
        """Draws the positions of a batch, ``[batch, length]``; within a sequence they are consecutive."""
        size = (self.sequences, 1)
        room = max(self.positions - self.length, 0)
        first = random.integers(0, room + 1, size) * (random.random(size) < 0.5)
        return (first + np.arange(self.length)).astype(np.int32)


def windows(split: Split, length: int, random: np.random.Generator) -> np.ndarray:
    """Cuts every document into windows of at most ``length`` pieces, each beginning with a sentence.

    The cuts lie ``length`` apart from a random first one, and each moves forward to the next sentence, so that another
    pass over the text sees other windows.

    Returns:
        First and past-the-end offsets of the windows, ``[windows, 2]``, in random order.
    """
    first, last = split.documents[:-1], split.documents[1:]
    shift = random.integers(0, length, len(first))
    counts = np.maximum(1, -(-(last - first - shift) // length) + 1)
    document = np.repeat(np.arange(len(first)), counts)
    rank = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    cut = np.maximum(first[document] + shift[document] + (rank - 1) * length, first[document])
    nearest = np.searchsorted(split.sentences, cut)
    start = np.append(split.sentences, split.documents[-1])[nearest]
    end = np.minimum(start + length, last[document])
    kept = np.unique(np.stack([start, end], axis=1)[end - start > 1], axis=0)
    return random.permutation(kept)


def spaced(pieces: np.ndarray, vocabulary: Vocabulary) -> np.ndarray:
    """Puts a space before the punctuation that follows a word.

    ALBERT's tokenizer does so after a mask, ``[MASK].`` becoming three pieces, and nowhere else in common text.
    """
    punctuation = vocabulary.punctuation[pieces]
    closing = punctuation[1:] & ~punctuation[:-1] & (pieces[1:] != vocabulary.space)
    return np.insert(pieces, np.flatnonzero(closing) + 1, vocabulary.space)


def assemble(
    split: Split, spans: np.ndarray, vocabulary: Vocabulary, layout: Layout, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Lays windows out as ``[CLS] sentences [SEP]`` or, half of the time, ``[CLS] sentences [SEP] sentences [SEP]``.

    Args:
        split: The text.
        spans: First and past-the-end offsets of the windows, ``[batch, 2]``, each at most ``length - 3`` pieces.
        vocabulary: What the pieces are.
        layout: Length of the sequences, and what else is done to them.
        random: Source of the choices.

    Returns:
        Pieces and token types, ``[batch, length]``; unused positions are `PAD`.
    """
    ids = np.full((len(spans), layout.length), PAD, np.int32)
    types = np.zeros_like(ids)
    for row, (start, end) in enumerate(spans):
        after, before = np.searchsorted(split.sentences, start, "right"), np.searchsorted(split.sentences, end)
        inner = split.sentences[after:before]
        if len(inner) and random.random() < layout.short:
            end = random.choice(inner)
            inner = inner[inner < end]
        if random.random() < layout.spaced:
            pieces = spaced(split.pieces[start:end], vocabulary)[: layout.length - 3]
            ids[row, : len(pieces) + 2] = [CLS, *pieces, SEP]
            continue
        middle = random.choice(inner) if len(inner) and random.random() < 0.5 else end
        a, b = middle - start, end - middle
        ids[row, 0] = CLS
        ids[row, 1 : a + 1] = split.pieces[start:middle]
        ids[row, a + 1] = SEP
        if b:
            ids[row, a + 2 : a + b + 2] = split.pieces[middle:end]
            ids[row, a + b + 2] = SEP
            types[row, a + 2 : a + b + 3] = 1
    return ids, types
