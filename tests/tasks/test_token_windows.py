"""Long texts cut into windows and put together again."""

import itertools

import numpy as np
import pytest

from flax_albert.tasks.tagging.token_windows import cut, longest, stitched


@pytest.mark.parametrize(("size", "overlap"), [(10, 0), (10, 3), (10, 9), (1, 0)])
@pytest.mark.parametrize("length", [0, 1, 2, 9, 10, 11, 17, 18, 100])
def test_windows_show_every_token_and_share_the_overlap(length: int, size: int, overlap: int) -> None:
    windows = cut(length, size, overlap)
    assert sorted({token for window in windows for token in window}) == list(range(length))
    assert all(len(window) == size for window in windows[:-1])
    assert all(len(window) <= size for window in windows)
    for before, after in itertools.pairwise(windows):
        assert before.stop - after.start == overlap
        assert after.stop > before.stop


@pytest.mark.parametrize("length", [3, 12, 40, 41])
def test_a_token_is_taken_from_the_window_that_shows_most_around_it(length: int) -> None:
    windows = cut(length, size=12, overlap=6)
    parts = [np.full((len(window), 1), number, np.float32) for number, window in enumerate(windows)]
    taken = stitched(windows, parts, None)[:, 0].astype(int)
    assert len(taken) == length

    def context(token: int, window: range) -> int:
        left, right = token - window.start, window.stop - 1 - token
        return min(left if window.start else length, right if window.stop < length else length)

    for token, number in enumerate(taken):
        most = max(context(token, window) for window in windows if token in window)
        assert most - context(token, windows[number]) <= 1


def test_a_word_is_taken_from_one_window() -> None:
    windows = cut(20, size=12, overlap=8)
    parts = [np.full((len(window), 1), number, np.float32) for number, window in enumerate(windows)]
    words = np.array([0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 4, 4, 4, 4, 4, 5, 6, 6, 7])
    taken = stitched(windows, parts, words)[:, 0]
    for word in range(8):
        assert len(set(taken[words == word])) == 1
    one_word = stitched(windows, parts, np.zeros(20, np.int32))[:, 0]
    np.testing.assert_array_equal(one_word, stitched(windows, parts, None)[:, 0])


def test_of_entities_that_overlap_the_longest_stays_and_then_the_most_certain() -> None:
    def entity(start: int, end: int, score: float) -> dict[str, float]:
        return {"start": start, "end": end, "score": score}

    found = [entity(20, 30, 0.5), entity(0, 5, 0.9), entity(2, 9, 0.4), entity(20, 30, 0.6), entity(9, 10, 0.1)]
    assert longest(found) == [entity(2, 9, 0.4), entity(9, 10, 0.1), entity(20, 30, 0.6)]
    assert longest([]) == []
