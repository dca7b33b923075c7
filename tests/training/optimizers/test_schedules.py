"""The learning rate."""

from __future__ import annotations

import math
from typing import Any

import jax
import numpy as np
import pytest

from flax_albert.training.optimizers import learning_rate
from flax_albert.training.settings import OptimizerSettings


def rates(steps: int, **settings: Any) -> np.ndarray:
    rate = learning_rate(OptimizerSettings(**settings), steps)
    return np.array([float(rate(step)) for step in range(steps + 3)])


def test_warm_up_ends_on_the_line_that_began_at_step_0() -> None:
    found = rates(1000, learning_rate=2.0, warmup=100)
    np.testing.assert_allclose(found[:100], 2.0 * np.arange(100) / 100, rtol=1e-6)
    np.testing.assert_allclose(found[100:1000], 2.0 * (1 - np.arange(100, 1000) / 1000), rtol=1e-5)
    assert found[99] == pytest.approx(1.98)
    assert found[100] == pytest.approx(1.8)
    assert found[999] == pytest.approx(0.002, rel=1e-4)
    assert not found[1000:].any()


def test_constant_stays_and_cosine_falls_from_the_end_of_the_warm_up() -> None:
    assert rates(10, learning_rate=0.5, warmup=2, schedule="constant")[2:].tolist() == [0.5] * 11
    found = rates(10, learning_rate=1.0, warmup=2, schedule="cosine")
    assert found[:3].tolist() == [0.0, 0.5, 1.0]
    assert found[6] == pytest.approx(0.5)
    assert found[4] == pytest.approx((1 + math.cos(math.pi / 4)) / 2)
    np.testing.assert_allclose(found[10:], 0, atol=1e-7)


def test_a_traced_step_has_the_rate_of_a_plain_one() -> None:
    rate = learning_rate(OptimizerSettings(learning_rate=3e-5, warmup=7), 50)
    traced = jax.jit(rate)
    for step in (0, 3, 7, 49, 60):
        assert float(traced(step)) == pytest.approx(float(rate(step)), rel=1e-6)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"warmup": 11}, r"warmup must be between 0 and the run's 10 steps, got 11\."),
        ({"warmup": -1}, "got -1"),
        ({"learning_rate": math.nan}, "learning_rate must be a number from 0 on, got nan"),
        ({"learning_rate": -1.0}, "got -1.0"),
        ({"schedule": "step"}, "schedule must be linear, constant or cosine, got 'step'"),
    ],
)
def test_what_cannot_be_followed_is_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        learning_rate(OptimizerSettings(**settings), 10)
    with pytest.raises(ValueError, match="at least 1 step"):
        learning_rate(OptimizerSettings(), 0)
