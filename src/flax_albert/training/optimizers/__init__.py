"""Gradients to updates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import optax

from flax_albert.model.parameters import Leaf, nested
from flax_albert.training.settings import OptimizerSettings


def learning_rate(settings: OptimizerSettings, steps: int) -> Callable[..., float]:
    """The learning rate of an update, by its number from 0."""
    return lambda step: settings.learning_rate * (1 - step / steps)


def optimizer(settings: OptimizerSettings, steps: int, leaves: Sequence[Leaf]) -> optax.GradientTransformation:
    """Adam with weight decay and a rate that falls."""
    decays = nested({leaf.path: leaf.decays for leaf in leaves})
    return optax.adamw(learning_rate(settings, steps), weight_decay=settings.weight_decay, mask=decays)
