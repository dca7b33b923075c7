"""How the learning rate goes: functions of the number of an update, counted from 0."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from flax_albert.training.settings import OptimizerSettings

Schedule = Callable[[Any], Any]
"""The number of an update to its learning rate, a float32 scalar."""


def learning_rate(settings: OptimizerSettings, steps: int) -> Schedule:
    """The learning rate of every update.

    In the warm-up it is the share of the warm-up that is over, times the largest rate, so that update 0 changes
    nothing. Behind it, ``linear`` is what Google's programs compute: a line that falls from the largest rate at
    update 0, not at the end of the warm-up, to zero at ``steps``; the rate drops to that line when the warm-up ends.
    ``cosine`` falls from the end of the warm-up on, as is usual.

    Args:
        settings: Its largest value, its warm-up and its shape.
        steps: Updates in all.

    Returns:
        A function of an update's number, traced or not.

    Raises:
        ValueError: The settings cannot be followed.

    Example:
        >>> from flax_albert.training.optimizers import learning_rate
        >>> from flax_albert.training.settings import OptimizerSettings
        >>> rate = learning_rate(OptimizerSettings(learning_rate=1.0, warmup=4), steps=10)
        >>> [round(float(rate(step)), 2) for step in (0, 1, 3, 4, 9)]
        [0.0, 0.25, 0.75, 0.6, 0.1]
    """
    largest, warmup = settings.learning_rate, settings.warmup
    if not (math.isfinite(largest) and largest >= 0):
        raise ValueError(f"learning_rate must be a number from 0 on, got {largest}.")
    if steps < 1:
        raise ValueError(f"A run has at least 1 step, got {steps}.")
    if not 0 <= warmup <= steps:
        raise ValueError(f"warmup must be between 0 and the run's {steps} steps, got {warmup}.")
    if settings.schedule not in _SHAPES:
        raise ValueError(f"schedule must be linear, constant or cosine, got {settings.schedule!r}.")
    shape = _SHAPES[settings.schedule]

    def rate(number: int | Int[Array, ""]) -> Float[Array, ""]:
        step = jnp.minimum(jnp.asarray(number, jnp.float32), steps)
        return largest * jnp.where(step < warmup, step / max(1, warmup), shape(step, warmup, steps))

    return rate


def _linear(step: Float[Array, ""], warmup: int, steps: int) -> Float[Array, ""]:
    return (steps - step) / steps


def _constant(step: Float[Array, ""], warmup: int, steps: int) -> Float[Array, ""]:
    return jnp.ones_like(step)


def _cosine(step: Float[Array, ""], warmup: int, steps: int) -> Float[Array, ""]:
    return (1 + jnp.cos(math.pi * (step - warmup) / max(1, steps - warmup))) / 2


_SHAPES = {"linear": _linear, "constant": _constant, "cosine": _cosine}
