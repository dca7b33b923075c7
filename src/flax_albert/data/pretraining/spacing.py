"""A space before punctuation, as texts with ``[MASK]`` in them have it."""

from __future__ import annotations

from typing import final

import numpy as np

from flax_albert.data.vocabulary import Vocabulary

_SPACE = "▁"


@final
class Spacing:
    """Puts a space before the punctuation that follows a word.

    ALBERT's tokenizer does so after a mask, ``[MASK].`` becoming three pieces, and nowhere else in common text.

    Args:
        vocabulary: The pieces.

    Raises:
        ValueError: None of them is a space.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        if _SPACE not in vocabulary.pieces:
            raise ValueError(f"The vocabulary has no piece {_SPACE!r}, so no space can stand before punctuation.")
        self._space = vocabulary.pieces.index(_SPACE)
        self._punctuation = np.array(
            [not any(letter.isalnum() for letter in piece.removeprefix(_SPACE)) for piece in vocabulary.pieces]
        )

    def __call__(self, pieces: np.ndarray) -> np.ndarray:
        """Returns pieces with spaces in between, ``[pieces]`` -> ``[pieces + spaces]``."""
        punctuation = self._punctuation[pieces]
        closing = punctuation[1:] & ~punctuation[:-1] & (pieces[1:] != self._space)
        return np.insert(pieces, np.flatnonzero(closing) + 1, self._space)
