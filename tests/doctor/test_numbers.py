"""One pass over the numbers, whatever their type and layout."""

import ml_dtypes
import numpy as np
import pytest

from flax_albert.doctor import numbers
from flax_albert.doctor.numbers import Numbers, look_at, same

FLOATS = [np.dtype(np.float32), np.dtype(np.float16), np.dtype(np.float64), np.dtype(ml_dtypes.bfloat16)]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong may be in any chunk."""
    monkeypatch.setattr(numbers, "_CHUNK", 8)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("transposed", [False, True])
def test_every_kind_is_told_apart(dtype: np.dtype, transposed: bool) -> None:
    def kind(array: np.ndarray) -> tuple[Numbers, float]:
        array = array.astype(dtype)
        return look_at(array.T if transposed else array)

    varied = np.arange(35.0).reshape(5, 7)
    assert kind(varied)[0] is Numbers.VARIED
    assert kind(np.zeros((5, 7))) == (Numbers.ZERO, 0.0)
    assert kind(np.full((5, 7), 0.5)) == (Numbers.CONSTANT, 0.5)
    for bad in (np.nan, np.inf, -np.inf):
        for position in ((0, 0), (2, 3), (4, 6)):
            spoiled = varied.copy()
            spoiled[position] = bad
            assert kind(spoiled)[0] is Numbers.NOT_FINITE


def test_what_overflows_on_loading_is_not_finite() -> None:
    assert look_at(np.array([0.0, 1e300]))[0] is Numbers.NOT_FINITE


def test_odd_shapes() -> None:
    assert look_at(np.array(3.0))[0] is Numbers.CONSTANT
    assert look_at(np.zeros((0, 4)))[0] is Numbers.VARIED
    assert look_at(np.arange(24.0).reshape(2, 3, 4)[:, ::2])[0] is Numbers.VARIED


def test_equality_in_the_coarser_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    array = np.linspace(0, 1, 20, dtype=np.float32).reshape(4, 5)
    assert same(array, array.astype(ml_dtypes.bfloat16))
    assert not same(array, array + 1)
    assert not same(array, array.T)
    monkeypatch.setattr(numbers, "_SAMPLE", 10)
    other = array.copy()
    other[::2] += 1
    assert not same(array, other)
