"""What is masked: how much, in which spans, and what stands in its place."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from flax_albert.data.corpus import Corpus
from flax_albert.data.pretraining import PretrainingBatches, PretrainingOptions
from flax_albert.data.pretraining.masking import chosen_spans, hidden, selected, words_of
from flax_albert.data.vocabulary import Vocabulary
from tests.data.pretraining.texts import FIRST, SPECIAL, batches, numbered, random_lengths, restored, rows_of

LIKELY = 1e-3


def _masked(rows: dict[str, np.ndarray]) -> np.ndarray:
    """Which positions are predicted, ``[rows, length]``."""
    found = np.zeros(rows["input_ids"].shape, bool)
    row, slot = np.nonzero(rows["masked_weights"])
    found[row, rows["masked_positions"][row, slot]] = True
    return found


def test_spans_of_n_words_are_drawn_in_proportion_to_one_over_n() -> None:
    random = np.random.default_rng(0)
    bounds = np.arange(2000)
    sizes = np.array([chosen_spans(bounds, 3, 3, random)[0] for _ in range(4000)])
    counts = np.bincount(sizes[:, 1] - sizes[:, 0], minlength=4)[1:]
    assert stats.chisquare(counts, 4000 * np.array([6, 3, 2]) / 11).pvalue > LIKELY


def test_near_the_end_the_spans_that_fit_keep_their_proportions() -> None:
    random = np.random.default_rng(0)
    first = [chosen_spans(np.arange(3), 2, 3, random)[0] for _ in range(4000)]  # two words
    counts = [first.count(span) for span in ((0, 1), (0, 2), (1, 2))]
    assert stats.chisquare(counts, 4000 * np.array([1 / 3, 1 / 6, 1 / 2])).pvalue > LIKELY


def test_spans_fit_the_budget_and_do_not_meet() -> None:
    random = np.random.default_rng(0)
    for _ in range(300):
        begins = random.random(100) < 0.6
        bounds = words_of(begins)
        budget = int(random.integers(1, 40))
        spans = sorted(chosen_spans(bounds, budget, 3, random))
        assert sum(bounds[end] - bounds[first] for first, end in spans) <= budget
        assert all(end <= following for (_, end), (following, _) in itertools.pairwise(spans))


def test_fifteen_percent_are_masked_where_words_are_single_pieces() -> None:
    rows = rows_of(batches(numbered(random_lengths(60, 40)), max_predictions=64))
    tokens = rows["attention_mask"].sum(axis=1)
    predicted = rows["masked_weights"].sum(axis=1)
    ordinary = tokens - 3
    wanted = np.maximum(1, np.round(tokens * 0.15))
    assert np.array_equal(predicted, np.minimum(wanted, ordinary))


def test_pieces_are_masked_wherever_they_stand() -> None:
    rows = rows_of(batches(numbered([[61, 61]] * 40), max_ngram=1, short_seq_prob=0.0), 40)
    full = rows["attention_mask"].sum(axis=1) == 64
    counts = _masked(rows)[full].sum(axis=0)
    ordinary = counts[counts > 0]
    # [SEP] wanders, and so does the number of rows that have text at a position: the ends tell enough.
    assert counts[0] == counts[63] == 0
    assert stats.chisquare(ordinary[:10]).pvalue > LIKELY


def test_whole_words_are_never_cut() -> None:
    corpus = numbered(random_lengths(60, 40), cut=0.6)
    begins = corpus.vocabulary.starts_word
    rows = rows_of(batches(corpus, max_predictions=64))
    ids, masked = restored(rows), _masked(rows)
    assert masked.any()
    for row, chosen in zip(ids, masked, strict=True):
        places = np.flatnonzero(row >= FIRST)
        word = np.cumsum(begins[row[places]])
        for number in np.unique(word):
            assert len(set(chosen[places][word == number].tolist())) == 1
    single = rows_of(batches(corpus, max_predictions=64, whole_words=False, max_ngram=1))
    assert single["masked_weights"].sum() > rows["masked_weights"].sum()


def test_of_the_predicted_pieces_80_percent_are_hidden_10_random_and_10_stay() -> None:
    options = PretrainingOptions()
    count = 200_000
    pieces = np.full(count, 7)
    found = hidden(pieces, 1000, 4, options, np.random.default_rng(0))
    others = found[(found != 4) & (found != 7)]
    # A random piece is [MASK] or the same once in a thousand times each.
    expected = count * np.array([0.8 + 0.1 / 1000, 0.1 + 0.1 / 1000, 0.1 * 998 / 1000])
    assert stats.chisquare([(found == 4).sum(), (found == 7).sum(), len(others)], expected).pvalue > LIKELY
    spread = np.delete(np.bincount(others, minlength=1000), [4, 7])
    assert stats.chisquare(spread).pvalue > LIKELY


def test_what_becomes_of_a_piece_does_not_depend_on_its_neighbour() -> None:
    found = hidden(np.full((100_000,), 7), 1000, 4, PretrainingOptions(), np.random.default_rng(0)) == 4
    table = np.bincount(2 * found[:-1:2] + found[1::2], minlength=4).reshape(2, 2)
    assert stats.chi2_contingency(table).pvalue > LIKELY


def test_shares_of_whole_batches() -> None:
    rows = rows_of(batches(numbered(random_lengths(80, 40)), max_predictions=64))
    row, slot = np.nonzero(rows["masked_weights"])
    inputs = rows["input_ids"][row, rows["masked_positions"][row, slot]]
    labels = rows["masked_labels"][row, slot]
    counts = [(inputs == 4).sum(), (inputs == labels).sum(), ((inputs != 4) & (inputs != labels)).sum()]
    assert stats.chisquare(counts, len(labels) * np.array([0.8, 0.1, 0.1])).pvalue > LIKELY
    assert (labels >= len(SPECIAL)).all()  # special tokens are never predicted
    untouched = ~_masked(rows) & (rows["attention_mask"] == 1)
    assert np.isin(rows["input_ids"][untouched], [2, 3]).sum() == 3 * len(rows["valid"])
    assert not (rows["input_ids"][untouched] == 4).any()


@pytest.mark.parametrize(("mask", "random"), [(1.0, 0.0), (0.0, 1.0), (0.0, 0.0)])
def test_shares_of_one(mask: float, random: float) -> None:
    options = PretrainingOptions(mask_prob=mask, random_prob=random)
    found = hidden(np.full(1000, 7), 10**6, 4, options, np.random.default_rng(0))
    assert (found == 4).mean() == mask
    assert (found == 7).mean() == 1 - mask - random


def test_nothing_is_masked_where_nothing_is_to_be() -> None:
    options = PretrainingOptions(masked_lm_prob=0.0)
    assert not len(selected(np.ones(50, bool), 53, options, np.random.default_rng(0)))


def test_masks_of_one_text_differ_between_epochs() -> None:
    made = batches(numbered([[30, 30]]), size=1, short_seq_prob=0.0)
    masks = {tuple(made.batch(epoch)["masked_positions"][0].tolist()) for epoch in range(20)}
    assert len(masks) > 15


def test_a_space_is_put_before_punctuation_and_rows_still_fit() -> None:
    pieces = (*SPECIAL, "▁", ".", "▁a", "b")
    begins = np.array([True] * 8 + [False])
    vocabulary = Vocabulary(pieces, begins, 0, 1, 2, 3, 4, "made up")
    corpus = Corpus.of([[[7, 8, 6]] * 40], vocabulary)
    options = PretrainingOptions(length=32, masked_lm_prob=0.0, spaced=1.0)
    rows = rows_of(PretrainingBatches(corpus, options, 4))
    for ids in rows["input_ids"]:
        text = " ".join(str(one) for one in ids.tolist())
        assert "8 5 6" in text
        assert "8 6" not in text
    without = Vocabulary((*SPECIAL, "a"), np.ones(6, bool), 0, 1, 2, 3, 4, "made up")
    with pytest.raises(ValueError, match="no piece '▁'"):
        PretrainingBatches(Corpus.of([[[5, 5]]], without), options, 1)
