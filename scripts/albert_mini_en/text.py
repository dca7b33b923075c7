"""Prepared text as the comparison takes it."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from flax_albert.data import vocabulary
from flax_albert.data.corpus import Corpus


@dataclass(frozen=True)
class Split:
    """All pieces of one split, end to end, with the places where its documents and sentences begin.

    Attributes:
        pieces: Piece ids of every document, ``[pieces]``, without special tokens.
        documents: Offsets into ``pieces``; document ``d`` is ``pieces[documents[d] : documents[d + 1]]``.
        sentences: Offsets into ``pieces`` at which a sentence begins, ascending.
    """

    pieces: np.ndarray
    documents: np.ndarray
    sentences: np.ndarray

    @classmethod
    def of(cls, corpus: Corpus, most: int | None = None, seed: int = 0) -> Self:
        """Takes a corpus into memory, or so many pieces of it, by documents chosen at random."""
        bounds = corpus.documents
        order = np.arange(len(bounds) - 1)
        if most is not None and most < len(corpus):
            order = np.random.default_rng(seed).permutation(order)
            order = order[: 1 + np.searchsorted(np.cumsum(np.diff(bounds)[order]), most)]
        texts = [corpus.pieces(int(bounds[one]), int(bounds[one + 1])) for one in order]
        if most is None:
            return cls(np.concatenate(texts), bounds, corpus.sentences[:-1])
        ends = np.cumsum([0, *(len(text) for text in texts)])
        return cls(np.concatenate(texts), ends, ends[:-1])


@dataclass(frozen=True)
class Vocabulary:
    """What masking has to know about the pieces.

    Attributes:
        starts: Whether a piece begins a word, ``[vocabulary]``.
        punctuation: Whether a piece is punctuation, ``[vocabulary]``; it is a word, and the next piece begins one.
        space: The piece that is a space alone.
    """

    starts: np.ndarray
    punctuation: np.ndarray
    space: int

    @classmethod
    def of(cls, known: vocabulary.Vocabulary) -> Self:
        """Looks at the pieces of a corpus's vocabulary."""
        pieces = known.pieces
        punctuation = np.array([not any(c.isalnum() for c in piece.removeprefix("▁")) for piece in pieces])
        starts = np.array([piece.startswith("▁") for piece in pieces]) | punctuation
        return cls(starts, punctuation, pieces.index("▁"))

    def __len__(self) -> int:
        return len(self.starts)
