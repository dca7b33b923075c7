"""Spans out of hand-made and random scores, beside a search through all of them."""

import numpy as np
import pytest

from flax_albert.tasks.answering.spans import Probabilities, Span, best_spans, merged, probabilities
from tests.tolerances import SMALL


def all_spans(window: Probabilities, starts: np.ndarray, ends: np.ndarray, longest: int) -> list[Span]:
    """Every span that may be an answer, best first; of equal ones that which begins first, then the shortest."""
    count = len(window.start)
    spans = [
        (
            -float(window.start[i] * window.end[j]),
            i,
            j,
            Span(float(window.start[i] * window.end[j]), starts[i], ends[j]),
        )
        for i in range(count)
        for j in range(i, min(i + longest, count))
        if starts[i] < ends[j]
    ]
    return [span for *_, span in sorted(spans)]


@pytest.mark.parametrize("seed", range(20))
def test_best_spans_are_those_of_a_search_through_all(seed: int) -> None:
    generator = np.random.default_rng(seed)
    count, longest, most = (int(generator.integers(1, limit)) for limit in (30, 40, 60))
    logits = generator.normal(scale=3, size=(2, count + 4)).astype(np.float32)
    if seed % 2:
        logits = logits.round()  # many equal scores
    window = probabilities(logits[0], logits[1], slice(3, 3 + count))
    # Words of one to three tokens, some of them white space alone.
    lengths = generator.integers(0, 3, size=count)
    ends = np.cumsum(lengths + 1)
    starts = ends - lengths
    expected = all_spans(window, starts, ends, longest)
    assert best_spans(window, starts, ends, longest, most) == expected[:most]


def test_the_question_and_padding_have_no_part_in_probabilities() -> None:
    start, end = np.array([1, 9, 9, 2, 3, 9], np.float32), np.array([0, 9, 9, 1, 0, 9], np.float32)
    window = probabilities(start, end, slice(3, 5))
    np.testing.assert_allclose(window.start, np.exp([2, 3]) / np.exp([1, 2, 3]).sum(), atol=SMALL)
    np.testing.assert_allclose(window.end, np.exp([1, 0]) / np.exp([0, 1, 0]).sum(), atol=SMALL)
    assert window.none == pytest.approx(np.e / np.exp([1, 2, 3]).sum() / np.exp([0, 1, 0]).sum(), abs=SMALL)


def test_what_no_answer_can_be_made_of_is_passed_over() -> None:
    window = Probabilities(np.array([0.9, 0.05, 0.05]), np.array([0.9, 0.05, 0.05]), 0.0)
    starts, ends = np.array([1, 1, 4]), np.array([0, 3, 6])  # the first token is a space
    assert best_spans(window, starts, ends, longest=1, most=9) == [Span(0.05 * 0.05, 1, 3), Span(0.05 * 0.05, 4, 6)]
    assert best_spans(window, starts, ends, longest=2, most=1) == [Span(0.9 * 0.05, 1, 3)]


def test_equal_texts_are_one_answer() -> None:
    context = "Paris is not Rome. I like PARIS, and Rome"
    paris, rome, late_paris, late_rome = Span(0.5, 0, 5), Span(0.3, 13, 17), Span(0.1, 26, 31), Span(0.6, 37, 41)
    assert merged(context, [[paris, rome, late_paris]], "best") == [Span(0.5 + 0.1, 0, 5), rome]
    assert merged(context, [[paris, rome], [late_rome, late_paris]], "best") == [late_rome, paris]
    expected = [Span(0.3 + 0.6, 13, 17), Span(0.5 + 0.1, 0, 5)]
    assert merged(context, [[paris, rome], [late_rome, late_paris]], "sum") == expected


def test_an_answer_that_two_windows_see_is_no_surer_than_the_surest_of_them() -> None:
    both = [[Span(0.9, 0, 3)], [Span(0.8, 0, 3)]]
    assert merged("Ada", both, "best") == [Span(0.9, 0, 3)]
    assert merged("Ada", both, "sum") == [Span(0.9 + 0.8, 0, 3)]  # as in transformers: no probability
