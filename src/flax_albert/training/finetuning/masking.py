"""Words hidden at random, drawn anew for every batch of every epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, final

import numpy as np
from jaxtyping import Bool, Int

from flax_albert.data.batches import ALL_ROWS, Batch, Batches
from flax_albert.data.example_batches import ExampleBatches
from flax_albert.tokenization import PreTrainedTokenizerBase

_MASKED, _REPLACED = 0.8, 0.1
"""Shares of the chosen pieces that become the mask, and any piece; the rest stay what they are."""


@final
@dataclass(frozen=True, eq=False)
class Masking:
    """How pieces are hidden.

    Attributes:
        share: Share of the pieces that are to be told.
        whole_words: Whether the pieces of a word are chosen together.
        mask: Id of the mask.
        special: Which ids are special tokens, never chosen and never put in a place.
        begins: Which ids begin a word.
    """

    share: float
    whole_words: bool
    mask: int
    special: Bool[np.ndarray, " vocab"]
    begins: Bool[np.ndarray, " vocab"]

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase, share: float, whole_words: bool) -> Self:
        """Masking with a tokenizer's pieces.

        Raises:
            ValueError: It has no mask.
        """
        if tokenizer.mask_token_id is None:
            raise ValueError("The tokenizer has no mask token, so that nothing can be hidden.")
        pieces = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
        special = np.zeros(len(pieces), bool)
        special[tokenizer.all_special_ids] = True
        if any(piece.startswith("##") for piece in pieces):  # WordPiece
            begins = [not piece.startswith("##") for piece in pieces]
        else:
            begins = [piece.startswith("▁") for piece in pieces]
        return cls(share, whole_words, tokenizer.mask_token_id, special, np.array(begins))

    def chosen(self, ids: Int[np.ndarray, " pieces"], random: np.random.Generator) -> Int[np.ndarray, " chosen"]:
        """Positions whose pieces are to be told, in order.

        Args:
            ids: The ids of a row, padding left out.
            random: What draws.
        """
        eligible = np.flatnonzero(~self.special[ids])
        if not eligible.size:
            return eligible
        starts = np.arange(len(eligible))
        if self.whole_words:  # a word goes on where a piece follows the one before it and does not begin one
            goes_on = ~self.begins[ids[eligible]] & (np.diff(eligible, prepend=-2) == 1)
            starts = np.flatnonzero(~goes_on)
        words = np.split(eligible, starts[1:])
        wanted = self.count(len(eligible))
        taken: list[np.ndarray] = []
        for number in random.permutation(len(words)):
            if wanted <= 0:
                break
            if len(words[number]) <= wanted or not taken:
                taken.append(words[number][:wanted])
                wanted -= len(words[number])
        return np.sort(np.concatenate(taken))

    def count(self, pieces: int) -> int:
        """How many of so many pieces are chosen at most."""
        return max(1, round(self.share * pieces))

    def hidden(self, ids: Int[np.ndarray, " chosen"], random: np.random.Generator) -> Int[np.ndarray, " chosen"]:
        """What stands in the place of chosen pieces."""
        drawn = random.random(len(ids))
        others = random.choice(np.flatnonzero(~self.special), len(ids)).astype(ids.dtype)
        return np.where(drawn < _MASKED, self.mask, np.where(drawn < _MASKED + _REPLACED, others, ids))


@final
class MaskedBatches(Batches):
    """Batches whose pieces are hidden: the same ones whenever a batch of the same number is asked for.

    They hold ``masked_positions``, ``masked_ids`` and, where a row has fewer, ``masked`` to say which count.

    Args:
        batches: Batches of whole texts.
        masking: How pieces are hidden.
        seed: Of what is drawn.
    """

    def __init__(self, batches: ExampleBatches, masking: Masking, seed: int) -> None:
        self._batches, self._masking, self._seed = batches, masking, seed

    @property
    def size(self) -> int:
        """Rows of every batch."""
        return self._batches.size

    @property
    def per_epoch(self) -> int:
        """Batches that go once through the texts."""
        return self._batches.per_epoch

    def batch(self, number: int, rows: slice = ALL_ROWS) -> Batch:
        """Makes a batch; see :meth:`flax_albert.data.batches.Batches.batch`."""
        whole = self._batches.batch(number, rows)
        ids = whole["input_ids"].copy()
        count, length = ids.shape
        most = self._masking.count(length)
        positions = np.zeros((count, most), np.int32)
        told = np.zeros((count, most), np.int32)
        masked = np.zeros((count, most), bool)
        for row, place in enumerate(range(*rows.indices(self.size))):
            random = np.random.default_rng((self._seed, number, place))
            own = ids[row, : whole["attention_mask"][row].sum(dtype=int)]
            chosen = self._masking.chosen(own, random)
            positions[row, : len(chosen)] = chosen
            told[row, : len(chosen)] = own[chosen]
            masked[row, : len(chosen)] = True
            own[chosen] = self._masking.hidden(own[chosen], random)
        return {**whole, "input_ids": ids, "masked_positions": positions, "masked_ids": told, "masked": masked}
