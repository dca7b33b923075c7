"""Made-up text of which everything is known: a piece's number says where it stands."""

from __future__ import annotations

import numpy as np

from flax_albert.data.corpus import Corpus
from flax_albert.data.pretraining import PretrainingBatches, PretrainingOptions
from flax_albert.data.vocabulary import Vocabulary

SPECIAL = ("<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]")
FIRST = len(SPECIAL)
ALL_TEXT = 10**6


def vocabulary(size: int, cut: float = 0.0) -> Vocabulary:
    """Pieces of which a share goes on with a word."""
    begins = np.random.default_rng(1).random(size) >= cut
    begins[:FIRST] = True
    pieces = [*SPECIAL, *(f"▁{n}" if begins[n] else str(n) for n in range(FIRST, size))]
    return Vocabulary(tuple(pieces), begins, 0, 1, 2, 3, 4, "made up")


def numbered(documents: list[list[int]], cut: float = 0.0) -> Corpus:
    """Documents given by the lengths of their sentences; no piece occurs twice, and they ascend."""
    total = sum(sum(lengths) for lengths in documents)
    ids = iter(range(FIRST, FIRST + total))
    texts = [[[next(ids) for _ in range(length)] for length in lengths] for lengths in documents]
    return Corpus.of(texts, vocabulary(FIRST + total, cut))


def random_lengths(documents: int, sentences: int, seed: int = 0) -> list[list[int]]:
    """Documents of sentences of 1 to 20 pieces."""
    random = np.random.default_rng(seed)
    return [random.integers(1, 21, random.integers(1, sentences + 1)).tolist() for _ in range(documents)]


def batches(corpus: Corpus, size: int = 16, seed: int = 0, **options: object) -> PretrainingBatches:
    """Rows of 64 tokens, unless told otherwise."""
    return PretrainingBatches(corpus, PretrainingOptions(**{"length": 64, **options}), size, seed)  # type: ignore[arg-type]


def rows_of(made: PretrainingBatches, epochs: int = 1) -> dict[str, np.ndarray]:
    """All valid rows of some epochs."""
    all_ = [made.batch(number) for number in range(epochs * made.per_epoch)]
    return {name: np.concatenate([batch[name][batch["valid"]] for batch in all_]) for name in all_[0]}


def restored(rows: dict[str, np.ndarray]) -> np.ndarray:
    """Ids with what was masked put back, ``[rows, length]``."""
    ids = rows["input_ids"].copy()
    row, slot = np.nonzero(rows["masked_weights"])
    ids[row, rows["masked_positions"][row, slot]] = rows["masked_labels"][row, slot]
    return ids


def segments(ids: np.ndarray) -> tuple[list[int], list[int]]:
    """The two segments of a row, without special tokens."""
    cls, sep = 2, 3
    assert ids[0] == cls
    first, second = np.flatnonzero(ids == sep).tolist()
    assert not ids[second + 1 :].any()
    return ids[1:first].tolist(), ids[first + 1 : second].tolist()
