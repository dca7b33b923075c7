"""Pieces to training batches: windows of consecutive sentences, whole-word n-gram masks, a background thread."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scripts.albert_mini_en.corpus import Split

PAD, CLS, SEP, MASK = 0, 2, 3, 4
FIRST_ORDINARY_PIECE = 5
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
        starts: Whether a piece begins a word, ``[vocabulary]``.
        punctuation: Whether a piece is punctuation, ``[vocabulary]``; the piece after one begins a word too.
        space: The piece that is a space alone.
        share: Largest share of the pieces of a sequence to select.
        longest: Longest run of whole words selected together; a run of n words is drawn with probability ~ 1/n.
        keep: Share of the selected pieces that stay as they are; the same share becomes a random piece. BERT and ALBERT
            take 0.1 of each; 0 replaces every selected piece by the mask, as in use.
        whole_words: False selects single pieces, as BERT first did.
    """

    starts: np.ndarray
    punctuation: np.ndarray
    space: int
    share: float = 0.15
    longest: int = LONGEST_NGRAM
    keep: float = 0.1
    whole_words: bool = True

    def slots(self, length: int) -> int:
        """Returns the number of masked positions that a sequence of ``length`` pieces has room for."""
        return int(np.ceil(self.share * length))


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


def spaced(pieces: np.ndarray, masking: Masking, limit: int) -> np.ndarray:
    """Puts a space before the punctuation that follows a word.

    ALBERT's tokenizer does so after a mask, ``[MASK].`` becoming three pieces, and nowhere else in common text.
    """
    punctuation = masking.punctuation[pieces]
    closing = punctuation[1:] & ~punctuation[:-1] & (pieces[1:] != masking.space)
    return np.insert(pieces, np.flatnonzero(closing) + 1, masking.space)[:limit]


def assemble(
    split: Split,
    spans: np.ndarray,
    length: int,
    random: np.random.Generator,
    short: float,
    spaces: Masking | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Lays windows out as ``[CLS] sentences [SEP]`` or, half of the time, ``[CLS] sentences [SEP] sentences [SEP]``.

    Args:
        split: The text.
        spans: First and past-the-end offsets of the windows, ``[batch, 2]``, each at most ``length - 3`` pieces.
        length: Length of the sequences.
        random: Source of the choices.
        short: Share of the windows to cut after a sentence chosen at random, as inputs are short in use.
        spaces: Treats one window in seven with `spaced`.

    Returns:
        Pieces and token types, ``[batch, length]``; unused positions are `PAD`.
    """
    ids = np.full((len(spans), length), PAD, np.int32)
    types = np.zeros((len(spans), length), np.int32)
    for row, (start, end) in enumerate(spans):
        after, before = np.searchsorted(split.sentences, start, "right"), np.searchsorted(split.sentences, end)
        inner = split.sentences[after:before]
        if len(inner) and random.random() < short:
            end = random.choice(inner)
            inner = inner[inner < end]
        if spaces and random.random() < 1 / 7:
            pieces = spaced(split.pieces[start:end], spaces, length - 3)
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


def mask(ids: np.ndarray, types: np.ndarray, masking: Masking, random: np.random.Generator) -> Batch:
    """Selects runs of whole words in every sequence and hides them.

    Each sequence is divided into runs of one to ``masking.longest`` words; runs are selected in random order as long as
    they fit the sequence's share of masked pieces.

    Args:
        ids: Pieces with `CLS` and `SEP`, ``[batch, length]``, padded with `PAD`.
        types: Token types, ``[batch, length]``.
        masking: What to hide and how.
        random: Source of the choices.

    Returns:
        The batch, with `Masking.slots` slots for masked positions.
    """
    batch, length = ids.shape
    ordinary = ids >= FIRST_ORDINARY_PIECE
    after_punctuation = np.roll(masking.punctuation[ids] | ~ordinary, 1, axis=1)
    begins = masking.starts[ids] | after_punctuation if masking.whole_words else np.ones_like(ordinary)
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
    other = random.integers(FIRST_ORDINARY_PIECE, len(masking.starts), (batch, length))
    hidden = np.where(draw < masking.keep, ids, np.where(draw < 2 * masking.keep, other, MASK))
    return Batch(
        input_ids=np.where(selected, hidden, ids).astype(np.int32),
        attention_mask=(ids != PAD).astype(np.int32),
        token_type_ids=types,
        position_ids=np.broadcast_to(np.arange(length, dtype=np.int32), ids.shape),
        positions=positions.astype(np.int32),
        labels=labels.astype(np.int32),
        weights=weights.astype(np.float32),
    )


def moved(batch: Batch, last: int, random: np.random.Generator) -> Batch:
    """Moves half of the sequences to a random first position, as far as ``last`` positions allow.

    Short sequences then train all positions of the model, which have little time to be trained otherwise.
    """
    size, length = batch.position_ids.shape
    first = random.integers(0, last - length + 1, (size, 1)) * (random.random((size, 1)) < 0.5)
    return batch._replace(position_ids=(batch.position_ids + first).astype(np.int32))


def passes(
    split: Split, masking: Masking, length: int, size: int, seed: int, short: float = 0.1, last: int = 0
) -> Iterator[Batch]:
    """Yields batches for ever, pass after pass; windows, segments and masks are drawn anew in each.

    Args:
        split: The text.
        masking: What to hide and how.
        length: Length of the sequences.
        size: Sequences in a batch; the few left at the end of a pass are dropped.
        seed: Seed of all choices.
        short: Share of the windows that are cut short.
        last: Number of positions to spread the sequences over, see `moved`, and sign of training: some of the text is
            `spaced` too. 0 leaves both out.
    """
    random = np.random.default_rng(seed)
    while True:
        order = windows(split, length - 3, random)
        if len(order) < size:
            raise ValueError(f"The text gives {len(order)} sequences of {length} pieces, fewer than a batch of {size}.")
        for i in range(0, len(order) - size + 1, size):
            text = assemble(split, order[i : i + size], length, random, short, masking if last else None)
            batch = mask(*text, masking, random)
            yield moved(batch, last, random) if last else batch


def in_background(source: Iterator[Batch], depth: int = 8) -> Iterator[Batch]:
    """Runs an iterator in a thread, up to ``depth`` batches ahead, so that training does not wait for the next one."""
    ready: queue.Queue[Batch | Exception] = queue.Queue(depth)
    closed = threading.Event()

    def put(item: Batch | Exception) -> None:
        while not closed.is_set():
            try:
                ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def fill() -> None:
        try:
            for batch in source:
                put(batch)
                if closed.is_set():
                    return
        except Exception as error:  # handed over, and raised where the batches are used
            put(error)

    threading.Thread(target=fill, daemon=True).start()
    try:
        while True:
            item = ready.get()
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        closed.set()
