"""AdamW and LAMB as Google's ALBERT has them: neither corrects the bias of its moments."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from flax_albert.training.optimizers.schedules import Schedule
from flax_albert.training.settings import OptimizerSettings


class Moments(NamedTuple):
    """Running means of the gradients and of their squares, trees like the parameters."""

    mean: Any
    square: Any


def scale_by_moments(beta1: float, beta2: float, epsilon: float) -> optax.GradientTransformation:
    """Adam's division of the mean gradient by the root of the mean square, without the correction of either.

    Both means begin at zero, so they are too small at first, the former more so: the first update is at most
    ``(1 - beta1) / sqrt(1 - beta2)`` in size, 3.2 for the usual values, where Adam's is 1. The warm-up makes up for it.

    Args:
        beta1: Decay of the mean of gradients.
        beta2: Decay of the mean of their squares.
        epsilon: Added to the root of the latter.

    Returns:
        The transformation; it has no learning rate yet.
    """

    def init(params: Any) -> Moments:
        return Moments(jax.tree.map(jnp.zeros_like, params), jax.tree.map(jnp.zeros_like, params))

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Moments]:
        mean = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, state.mean, updates)
        square = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g**2, state.square, updates)
        return jax.tree.map(lambda m, v: m / (jnp.sqrt(v) + epsilon), mean, square), Moments(mean, square)

    return optax.GradientTransformation(init, update)


def adamw(settings: OptimizerSettings, rate: Schedule, decays: Any) -> optax.GradientTransformation:
    """Adam with weight decay, which is added to the update and so falls with the learning rate.

    Args:
        settings: Decays and epsilon.
        rate: Learning rate by the number of the update.
        decays: A tree of booleans: which parameters weight decay applies to.

    Returns:
        The optimizer.
    """
    return optax.chain(_decayed(settings, decays), optax.scale_by_learning_rate(rate))


def lamb(settings: OptimizerSettings, rate: Schedule, decays: Any) -> optax.GradientTransformation:
    """The update of :func:`adamw`, brought to the norm of what it changes.

    That trust ratio is one for every variable of the tree, 1 where a norm is zero, and only where weight decay applies.

    Args:
        settings: Decays and epsilon.
        rate: Learning rate by the number of the update.
        decays: A tree of booleans: which parameters weight decay and trust ratio apply to.

    Returns:
        The optimizer.
    """
    trust = optax.masked(optax.scale_by_trust_ratio(), decays)
    return optax.chain(_decayed(settings, decays), trust, optax.scale_by_learning_rate(rate))


def _decayed(settings: OptimizerSettings, decays: Any) -> optax.GradientTransformation:
    return optax.chain(
        scale_by_moments(settings.beta1, settings.beta2, settings.epsilon),
        optax.add_decayed_weights(settings.weight_decay, decays),
    )
