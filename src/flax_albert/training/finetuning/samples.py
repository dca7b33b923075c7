"""Which held-out examples a person is shown."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float

from flax_albert.training.evaluator import Sample

_WRONG, _RIGHT = 30, 10


def picked(
    right: Bool[np.ndarray, " examples"],
    sure: Float[np.ndarray, " examples"],
    sample: Callable[[int], Sample],
) -> list[Sample]:
    """The wrong examples that the model is surest of, then a few right ones that it is least sure of.

    Args:
        right: Which examples are right.
        sure: How sure the model is of each.
        sample: Makes what is shown of the example with a number.

    Returns:
        At most 40.
    """
    wrong = np.flatnonzero(~right)
    correct = np.flatnonzero(right)
    chosen = [*wrong[np.argsort(-sure[wrong], kind="stable")][:_WRONG]]
    chosen += [*correct[np.argsort(sure[correct], kind="stable")][:_RIGHT]]
    return [sample(int(number)) for number in chosen]
