"""Rows hold consecutive text, in order or swapped; how long they are, and where they come from."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy import stats

from flax_albert.data.pretraining import PretrainingOptions
from flax_albert.data.pretraining.chunks import Sentences, chunks_of
from flax_albert.data.pretraining.segments import truncated
from tests.data.pretraining.texts import ALL_TEXT, batches, numbered, random_lengths, restored, rows_of, segments

LIKELY = 1e-3
"""A right program with other seeds would fail one test in a thousand; seeds are fixed, so a right one never fails."""


def _consecutive(pieces: list[int]) -> bool:
    return pieces == list(range(pieces[0], pieces[0] + len(pieces)))


@pytest.mark.parametrize("mode", ["google", "paper"])
def test_segments_are_consecutive_text_and_the_label_says_their_order(mode: str) -> None:
    lengths = random_lengths(60, 40)
    corpus = numbered(lengths)
    rows = rows_of(batches(corpus, segments=mode), 2)
    starts = set((corpus.sentences[:-1] + 5).tolist())
    documents = np.searchsorted(corpus.documents, restored(rows) - 5, side="right")
    for ids, swapped, document in zip(restored(rows), rows["sentence_order"], documents, strict=True):
        a, b = segments(ids)
        assert a
        assert b
        assert _consecutive(a)
        assert _consecutive(b)
        same = len(set(document[ids > 4].tolist())) == 1
        assert same or (mode == "google" and swapped)
        if same:
            assert (a[0] > b[0]) == swapped
        if len(a) + len(b) < 61 and mode == "google":  # nothing was cut off: both begin with a sentence
            assert {a[0], b[0]} <= starts


def test_without_cutting_every_piece_of_the_text_is_there_once_an_epoch() -> None:
    corpus = numbered([[5] * 6, [4, 4, 4], [20, 10], [29, 1]])  # chunks of at most 61 pieces, none too long
    rows = rows_of(batches(corpus, size=3, segments="paper", short_seq_prob=0.0))
    found = Counter(restored(rows)[restored(rows) > 4].tolist())
    assert found == Counter(range(5, 5 + len(corpus)))


def test_sentences_are_added_until_the_length_is_reached() -> None:
    corpus = numbered([[30, 20, 15, 40, 30, 5]])
    sentences = Sentences.of(corpus.documents, corpus.sentences)
    options = PretrainingOptions(length=64, short_seq_prob=0.0)
    chunks = chunks_of(sentences, options, np.random.default_rng(0))
    assert list(zip(chunks.first.tolist(), chunks.end.tolist(), strict=True)) == [(0, 3), (3, 5), (5, 6)]
    assert chunks.elsewhere.tolist() == [False, False, True]


def test_one_sentence_becomes_two_segments_as_the_mode_has_it() -> None:
    corpus = numbered([[40], [1], [7, 7, 7]], cut=0.5)
    begins = corpus.vocabulary.starts_word
    cut = rows_of(batches(corpus, size=1, segments="paper", short_seq_prob=0.0), 30)
    alone = [segments(ids) for ids in restored(cut) if ids[1] <= 44]
    assert len(alone) == 30  # the sentence of one piece is left out
    for a, b in alone:
        assert sorted(a + b) == list(range(5, 45))
        assert begins[max(a[0], b[0])]
    assert len({max(a[0], b[0]) for a, b in alone}) > 5
    taken = rows_of(batches(corpus, size=1, short_seq_prob=0.0), 30)
    for ids, swapped in zip(restored(taken), taken["sentence_order"], strict=True):
        a, b = segments(ids)
        if len(a) == 40 or len(a) == 1:
            assert swapped
            assert not set(b) <= set(range(5, 45)) or len(a) == 1


def test_half_of_the_rows_are_swapped() -> None:
    corpus = numbered([[6] * 400 for _ in range(10)])
    labels = rows_of(batches(corpus, segments="paper"), 10)["sentence_order"]
    assert stats.binomtest(int(labels.sum()), len(labels), 0.5).pvalue > LIKELY


def test_splits_lie_between_any_two_sentences_alike() -> None:
    corpus = numbered([[10] * 6 for _ in range(40)])  # 60 pieces: one chunk a document
    rows = rows_of(batches(corpus, segments="paper", short_seq_prob=0.0), 25)
    firsts = [len(segments(ids)[0]) if not swapped else len(segments(ids)[1])
              for ids, swapped in zip(restored(rows), rows["sentence_order"], strict=True)]  # fmt: skip
    counts = Counter(firsts)
    assert set(counts) == {10, 20, 30, 40, 50}
    assert stats.chisquare(list(counts.values())).pvalue > LIKELY


def test_a_tenth_of_the_documents_is_cut_shorter_to_any_length() -> None:
    corpus = numbered([[1] * 61 for _ in range(2000)])
    sentences = Sentences.of(corpus.documents, corpus.sentences)
    chunks = chunks_of(sentences, PretrainingOptions(length=64), np.random.default_rng(0))
    first = np.unique(chunks.document, return_index=True)[1]
    targets = chunks.target[first]
    # A random length is the longest one once in 60 times.
    assert stats.binomtest(int((targets < 61).sum()), 2000, 0.1 * 59 / 60).pvalue > LIKELY
    many = PretrainingOptions(length=64, short_seq_prob=1.0)
    drawn = chunks_of(sentences, many, np.random.default_rng(0))
    targets = drawn.target[np.unique(drawn.document, return_index=True)[1]]
    assert (targets.min(), targets.max()) == (2, 61)
    assert stats.chisquare(np.bincount(targets, minlength=62)[2:]).pvalue > LIKELY


def test_second_segments_from_elsewhere_are_of_other_documents_alike_and_the_rest_is_put_back() -> None:
    corpus = numbered([[10] * 12 for _ in range(8)])
    made = batches(corpus, random_next_sentence=True, short_seq_prob=0.0)
    rows = rows_of(made, 60)
    ids, labels = restored(rows), rows["sentence_order"]
    others = Counter()
    for row, random in zip(ids, labels, strict=True):
        a, b = segments(row)
        homes = (a[0] - 5) // 120, (b[0] - 5) // 120
        if random:
            assert homes[0] != homes[1]
            others[(homes[1] - homes[0]) % 8] += 1
        else:
            assert homes[0] == homes[1]
            assert a[0] < b[0]
    assert stats.chisquare([others[n] for n in range(1, 8)]).pvalue > LIKELY
    sentences = Sentences.of(corpus.documents, corpus.sentences)
    chunks = chunks_of(sentences, made.options, np.random.default_rng(0))
    order = np.lexsort((chunks.first, chunks.document))
    used = np.where(chunks.elsewhere, chunks.split, chunks.end)[order]
    for document in range(8):
        own = chunks.document[order] == document
        begins = chunks.first[order][own]
        assert begins[0] == document * 12
        assert begins[1:].tolist() == used[own][:-1].tolist()  # what was not used comes next
        assert used[own][-1] == document * 12 + 12


@pytest.mark.parametrize(("a", "b"), [(30, 12), (12, 30), (40, 41), (41, 40), (100, 1), (1, 100), (10, 10)])
def test_truncation_takes_from_the_longer_one_as_a_loop_would(a: int, b: int) -> None:
    expected, room = [a, b], 20
    while sum(expected) > room:
        expected[0 if expected[0] > expected[1] else 1] -= 1
    random = np.random.default_rng(0)
    fronts = []
    for _ in range(300):
        (a0, a1), (b0, b1) = truncated((0, a), (a, a + b), room, random)
        assert [a1 - a0, b1 - b0] == expected
        fronts.append((a0 - 0) + (b0 - a))
    removed = a + b - sum(expected)
    if removed:
        assert stats.binomtest(sum(fronts), 300 * removed, 0.5).pvalue > LIKELY


def test_epochs_differ_and_a_number_always_gives_the_same() -> None:
    corpus = numbered(random_lengths(40, 30))
    one, other = batches(corpus), batches(corpus)
    epoch = [one.batch(number) for number in range(2 * one.per_epoch)]
    for number in reversed(range(2 * one.per_epoch)):  # asked for in another order
        again = other.batch(number)
        assert all(np.array_equal(epoch[number][name], again[name]) for name in again)
    assert not np.array_equal(epoch[0]["input_ids"], epoch[one.per_epoch]["input_ids"])
    assert not np.array_equal(epoch[0]["input_ids"], batches(corpus, seed=1).batch(0)["input_ids"])


def test_slices_are_rows_of_the_whole() -> None:
    made = batches(numbered(random_lengths(40, 30)), size=8)
    for number in (0, made.per_epoch - 1):
        whole = made.batch(number)
        for part in (slice(0, 4), slice(4, 8), slice(3, 4)):
            for name, array in made.batch(number, part).items():
                assert np.array_equal(array, whole[name][part]), name


def test_the_last_batch_is_filled_up_with_rows_that_are_not_valid() -> None:
    made = batches(numbered([[10] * 7] * 5), size=4)
    last = made.batch(made.per_epoch - 1)
    assert last["valid"].sum() == made.rows - 4 * (made.per_epoch - 1)
    empty = ~last["valid"]
    assert empty.any()
    assert not last["attention_mask"][empty].any()
    assert not last["masked_weights"][empty].any()
    few = batches(numbered([[10] * 7] * 5), size=4)
    assert few.rows > 3


def test_rows_begin_at_any_position_where_that_is_wanted() -> None:
    made = batches(numbered([[6] * 3000]), positions=128, short_seq_prob=0.0)
    first = rows_of(made, 3)["position_ids"]
    assert np.all(np.diff(first, axis=1) == 1)
    begin = first[:, 0]
    assert stats.binomtest(int((begin > 0).sum()), len(begin), 0.5 * 64 / 65).pvalue > LIKELY
    assert begin.max() == 64
    assert "position_ids" not in batches(numbered([[6] * 20])).batch(0)


def test_documents_without_text_are_passed_over_and_none_at_all_is_an_error() -> None:
    corpus = numbered([[], [20, 20], [], [10, 9]])
    assert len(rows_of(batches(corpus, size=1, segments="paper"))["valid"]) == 2
    with pytest.raises(ValueError, match="no text"):
        batches(numbered([[]]))
    with pytest.raises(ValueError, match="no text"):
        batches(numbered([[1], [1]]), segments="paper")


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"length": 4}, "length"),
        ({"segments": "bert"}, "segments"),
        ({"segments": "paper", "random_next_sentence": True}, "random_next_sentence"),
        ({"masked_lm_prob": 1.5}, "masked_lm_prob"),
        ({"mask_prob": 0.9, "random_prob": 0.2}, "more than 1"),
        ({"max_ngram": 0}, "max_ngram"),
        ({"max_predictions": 0}, "max_predictions"),
        ({"length": 512, "positions": 128}, "positions"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        PretrainingOptions(**options)  # type: ignore[arg-type]


def test_predictions_are_20_of_512_scaled_with_the_length() -> None:
    assert [PretrainingOptions(length=length).slots for length in (8, 64, 128, 256, 512)] == [1, 2, 5, 10, 20]
    assert PretrainingOptions(length=512, max_predictions=ALL_TEXT).slots == 77
    assert PretrainingOptions(length=512).predictions(40) == 6
