"""What is chosen about the rows of pretraining."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SPECIAL_TOKENS = 3
"""``[CLS]`` and two ``[SEP]``."""
_PUBLISHED_LENGTH, _PUBLISHED_PREDICTIONS = 512, 20


@dataclass(frozen=True)
class PretrainingOptions:
    """How text becomes rows. The defaults are those of Google's ``create_pretraining_data.py`` of ALBERT.

    Attributes:
        length: Tokens of a row.
        segments: What becomes of a chunk of one sentence, which has no second segment. ``google`` takes one from a
            random document and calls the pair swapped, as published. ``paper`` cuts the sentence in two between words:
            both segments are always consecutive text, as the paper has it, and no text is lost; only a sentence of a
            single piece is left out.
        random_next_sentence: Whether the second segment of half of the chunks is from a random document, instead of
            the two being swapped: BERT's next-sentence prediction. Needs ``google``.
        short_seq_prob: Share of the documents that are cut into chunks of a random length, from 2 tokens.
        masked_lm_prob: Share of a row's tokens to predict.
        max_predictions: Most predictions of a row; ``None`` is 20 for every 512 of ``length``, published for 512.
            That is less than 15%, which would be 77 of 512: give ``length`` to have ``masked_lm_prob`` alone decide.
        max_ngram: Most words of a masked span; spans of n words are drawn with a probability proportional to 1/n.
        whole_words: Whether spans are of words; otherwise of pieces.
        mask_prob: Share of the predicted pieces that become ``[MASK]``.
        random_prob: Share of them that become any piece of the vocabulary; the rest stays.
        positions: Number of positions to spread half of the rows over, each of which begins at a random one: short
            rows so train the embeddings of every position. ``None`` begins all at position 0.
        spaced: Share of the rows that get a space before punctuation that follows a word: ALBERT's tokenizer leaves
            one after a ``[MASK]`` in a text that it is given.

    Raises:
        ValueError: An option has a value that it cannot have.
    """

    length: int = 512
    segments: Literal["google", "paper"] = "google"
    random_next_sentence: bool = False
    short_seq_prob: float = 0.1
    masked_lm_prob: float = 0.15
    max_predictions: int | None = None
    max_ngram: int = 3
    whole_words: bool = True
    mask_prob: float = 0.8
    random_prob: float = 0.1
    positions: int | None = None
    spaced: float = 0.0

    def __post_init__(self) -> None:
        if self.length < 2 + SPECIAL_TOKENS:
            raise ValueError(f"length must be at least {2 + SPECIAL_TOKENS}, got {self.length}.")
        if self.segments not in ("google", "paper"):
            raise ValueError(f"segments must be 'google' or 'paper', got {self.segments!r}.")
        if self.random_next_sentence and self.segments != "google":
            raise ValueError("random_next_sentence needs segments='google': in 'paper' all segments are consecutive.")
        for name in ("short_seq_prob", "masked_lm_prob", "mask_prob", "random_prob", "spaced"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be from 0 to 1, got {getattr(self, name)}.")
        if self.mask_prob + self.random_prob > 1:
            raise ValueError(
                f"mask_prob and random_prob are shares of one whole; {self.mask_prob} and "
                f"{self.random_prob} are more than 1."
            )
        for name in ("max_predictions", "max_ngram"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}.")
        if self.positions is not None and self.positions < self.length:
            raise ValueError(f"positions must be at least length, {self.length}, got {self.positions}.")

    @property
    def room(self) -> int:
        """Most pieces of text in a row."""
        return self.length - SPECIAL_TOKENS

    @property
    def slots(self) -> int:
        """Most predictions of a row."""
        return self.predictions(self.length)

    def predictions(self, tokens: int) -> int:
        """How many pieces of a row are predicted, where spans of words come to exactly that many.

        Args:
            tokens: Tokens of the row, special ones counted.

        Returns:
            A number of at least 1.
        """
        most = self.max_predictions
        if most is None:
            most = max(1, round(_PUBLISHED_PREDICTIONS * self.length / _PUBLISHED_LENGTH))
        return min(most, max(1, round(tokens * self.masked_lm_prob)))
