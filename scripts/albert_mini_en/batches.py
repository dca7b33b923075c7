"""Sequences to batches, with pieces or whole words masked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scripts.albert_mini_en.sequences import FIRST_ORDINARY_PIECE, MASK, PAD, Layout, assemble, windows
from scripts.albert_mini_en.text import Split, Vocabulary

LONGEST_NGRAM = 3


class Batch(NamedTuple):
    """One batch; every array is ``[batch, length]`` but the last three, which are ``[batch, slots]``.

    Attributes:
        input_ids: Pieces, some replaced by the mask.
        attention_mask: 1 where there is a piece, 0 where there is padding.
        token_type_ids: 0 in the first segment, 1 in the second.
        position_ids: Position of each piece; they count up from the first, which need not be 0.
        positions: Where the masked pieces are.
        labels: The pieces that were there.
        weights: 1 for a masked piece, 0 for an unused slot.
    """

    input_ids: np.ndarray
    attention_mask: np.ndarray
    token_type_ids: np.ndarray
    position_ids: np.ndarray
    positions: np.ndarray
    labels: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Masking:
    """Which pieces are hidden, and how.

    Attributes:
        vocabulary: What the pieces are.
        share: Largest share of the pieces of a sequence to select.
        longest: Longest run of whole words selected together; a run of n words is drawn with probability ~ 1/n.
        keep: Share of the selected pieces that stay as they are; the same share becomes a random piece. BERT and ALBERT
            take 0.1 of each; 0 replaces every selected piece by the mask, as in use.
        whole_words: False selects single pieces, as BERT first did.
    """

    vocabulary: Vocabulary
    share: float = 0.15
    longest: int = LONGEST_NGRAM
    keep: float = 0.1
    whole_words: bool = True

    def slots(self, length: int) -> int:
        """Returns the number of masked positions that a sequence of ``length`` pieces has room for."""
        return int(np.ceil(self.share * length))


def mask(
    ids: np.ndarray, types: np.ndarray, position_ids: np.ndarray, masking: Masking, random: np.random.Generator
) -> Batch:
    """Selects runs of whole words in every sequence and hides them.

    Each sequence is divided into runs of one to ``masking.longest`` words; runs are selected in random order as long as
    they fit the sequence's share of masked pieces.

    Args:
        ids: Pieces with `CLS` and `SEP`, ``[batch, length]``, padded with `PAD`.
        types: Token types, ``[batch, length]``.
        position_ids: Positions, ``[batch, length]``.
        masking: What to hide and how.
        random: Source of the choices.

    Returns:
        The batch, with `Masking.slots` slots for masked positions.
    """
    batch, length = ids.shape
    ordinary = ids >= FIRST_ORDINARY_PIECE
    after_punctuation = np.roll(masking.vocabulary.punctuation[ids] | ~ordinary, 1, axis=1)
    begins = masking.vocabulary.starts[ids] | after_punctuation if masking.whole_words else np.ones_like(ordinary)
    word = np.cumsum(begins | ~ordinary, axis=1) - 1

    sizes = np.arange(1, masking.longest + 1)
    runs = random.choice(sizes, (batch, length), p=(1 / sizes) / (1 / sizes).sum())
    run_begins = np.zeros((batch, length + 1), bool)
    run_ends = np.minimum(np.cumsum(runs, axis=1), length)
    np.put_along_axis(run_begins, run_ends, True, axis=1)
    run_of_word = np.cumsum(run_begins, axis=1)
    # A run ends at a special token too: both segments and the words beside the mask stay apart.
    breaks = np.cumsum(~ordinary, axis=1)
    run = np.take_along_axis(run_of_word, word, axis=1) + breaks

    row = np.arange(batch)[:, None]
    width = 2 * length + 1
    size = np.bincount((row * width + run)[ordinary], minlength=batch * width).reshape(batch, width)
    order = np.argsort(np.where(size > 0, random.random((batch, width)), 2.0), axis=1)
    taken = np.cumsum(np.take_along_axis(size, order, axis=1), axis=1)
    budget = np.ceil(masking.share * (ids != PAD).sum(axis=1, keepdims=True))
    chosen = np.zeros((batch, width), bool)
    np.put_along_axis(chosen, order, taken <= budget, axis=1)
    selected = chosen[row, run] & ordinary

    slots = masking.slots(length)
    positions = np.argsort(~selected, axis=1, kind="stable")[:, :slots]
    weights = np.take_along_axis(selected, positions, axis=1)
    labels = np.take_along_axis(ids, positions, axis=1)
    draw = random.random((batch, length))
    other = random.integers(FIRST_ORDINARY_PIECE, len(masking.vocabulary), (batch, length))
    hidden = np.where(draw < masking.keep, ids, np.where(draw < 2 * masking.keep, other, MASK))
    return Batch(
        input_ids=np.where(selected, hidden, ids).astype(np.int32),
        attention_mask=(ids != PAD).astype(np.int32),
        token_type_ids=types,
        position_ids=position_ids,
        positions=positions.astype(np.int32),
        labels=labels.astype(np.int32),
        weights=weights.astype(np.float32),
    )


def passes(split: Split, masking: Masking, layout: Layout, seed: int) -> Iterator[Batch]:
    """Yields batches for ever, pass after pass; windows, segments and masks are drawn anew in each.

    Args:
        split: The text. What is left of it at the end of a pass and fills no batch is dropped.
        masking: What to hide and how.
        layout: Shape of the batches.
        seed: Seed of all choices.
    """
    random = np.random.default_rng(seed)
    size = layout.sequences
    while True:
        order = windows(split, layout.length - 3, random)
        if len(order) < size:
            raise ValueError(
                f"The text gives {len(order)} sequences of {layout.length} pieces, fewer than a batch of {size}."
            )
        for i in range(0, len(order) - size + 1, size):
            ids, types = assemble(split, order[i : i + size], masking.vocabulary, layout, random)
            yield mask(ids, types, layout.position_ids(random), masking, random)
