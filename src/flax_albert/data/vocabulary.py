"""What masking and layout have to know about a tokenizer's pieces."""

from __future__ import annotations

import hashlib
import json
import string
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

_ASCII = set(string.ascii_letters + string.punctuation)
_CURRENCY = "€£"
_PROBE = "The CAFÉ's naïve ``state-of-the-art'' cost £1,234.56 (or 9,  0), ﬁne? Straße, Ζεύς, дом, हिन्दी, 日本語 中文."
"""Capitals, accents, quotation marks, white space, ligatures, other scripts: what options of a tokenizer are about."""


@dataclass(frozen=True)
class Vocabulary:
    """Pieces, and which of them are special.

    Attributes:
        pieces: The pieces, by id.
        starts_word: Whether a piece begins a word, ``[size]``: with SentencePiece one that begins with ``▁``, one that
            is punctuation, and one that holds letters beyond ASCII, as in Google's programs; with WordPiece one that
            does not begin with ``##``.
        pad: Id of padding, like those that follow.
        unk: Of what the tokenizer does not know.
        cls: Of the first token of a sequence.
        sep: Of the end of a segment.
        mask: Of a masked token.
        fingerprint: Tells one tokenizer from another.

    Example:
        >>> from flax_albert import AutoTokenizer
        >>> from flax_albert.data.vocabulary import Vocabulary
        >>> vocabulary = Vocabulary.of(AutoTokenizer.from_pretrained("albert-mini-en"))
        >>> vocabulary.size, vocabulary.pieces[vocabulary.mask]
        (8000, '[MASK]')
    """

    pieces: tuple[str, ...]
    starts_word: np.ndarray
    pad: int
    unk: int
    cls: int
    sep: int
    mask: int
    fingerprint: str

    @property
    def size(self) -> int:
        """How many pieces there are."""
        return len(self.pieces)

    @property
    def special(self) -> np.ndarray:
        """Ids that no text holds, ascending."""
        return np.unique([self.pad, self.unk, self.cls, self.sep, self.mask])

    @classmethod
    def of(cls, tokenizer: Any) -> Self:
        """Reads a tokenizer.

        Args:
            tokenizer: One of this package's, fast or slow.

        Returns:
            Its vocabulary.

        Raises:
            ValueError: It lacks a special token that ALBERT is pretrained with.
        """
        pieces = tuple(tokenizer.convert_ids_to_tokens(list(range(len(tokenizer)))))
        names = ("pad", "unk", "cls", "sep", "mask")
        ids = {name: getattr(tokenizer, f"{name}_token_id") for name in names}
        missing = [f"{name}_token" for name, token in ids.items() if token is None]
        if missing:
            raise ValueError(f"The tokenizer has no {', '.join(missing)}, which pretraining needs.")
        wordpiece = any(piece.startswith("##") for piece in pieces) and not any(
            piece.startswith("▁") for piece in pieces
        )
        starts = np.array([_starts_wordpiece(piece) if wordpiece else _starts_word(piece) for piece in pieces])
        # The special tokens stand by themselves, whatever their letters are.
        starts[list(ids.values())] = True
        return cls(pieces, starts, **ids, fingerprint=_fingerprint(tokenizer, pieces))


def _starts_word(piece: str) -> bool:
    return piece.startswith("▁") or piece in string.punctuation or piece in _CURRENCY or not set(piece) <= _ASCII


def _starts_wordpiece(piece: str) -> bool:
    return not piece.startswith("##")


def _fingerprint(tokenizer: Any, pieces: tuple[str, ...]) -> str:
    """A digest of what it does, not of how a library writes it down: of its pieces, and of how it splits a probe."""
    probe = tokenizer(_PROBE, add_special_tokens=False)["input_ids"]
    return hashlib.sha256(json.dumps([pieces, probe]).encode()).hexdigest()
