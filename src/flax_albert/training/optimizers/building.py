"""The optimizer that settings ask for."""

from __future__ import annotations

import math
from collections.abc import Sequence

import optax

from flax_albert.model.parameters import Leaf, nested
from flax_albert.training.optimizers import google
from flax_albert.training.optimizers.freezing import train_only, trained_paths
from flax_albert.training.optimizers.library import from_optax
from flax_albert.training.optimizers.schedules import learning_rate
from flax_albert.training.settings import OptimizerSettings

_GOOGLE = {"adamw": google.adamw, "lamb": google.lamb}


def optimizer(settings: OptimizerSettings, steps: int, leaves: Sequence[Leaf]) -> optax.GradientTransformation:
    """Builds an optimizer, with its clipping, its schedule and its frozen parameters.

    Its updates are to be added to the parameters. They are linear in the learning rate: half of them is what half of
    the rate would have given.

    Args:
        settings: What is wanted.
        steps: Updates in all.
        leaves: The parameters, as the table describes them.

    Returns:
        The optimizer, for nested dictionaries of float32 parameters.

    Raises:
        ValueError: A setting has a value that it cannot have.

    Example:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> import optax
        >>> from flax_albert import AlbertConfig
        >>> from flax_albert.model.parameters import SENTENCE_ORDER, expand
        >>> from flax_albert.training.optimizers import optimizer
        >>> from flax_albert.training.settings import OptimizerSettings
        >>> leaves = expand(SENTENCE_ORDER, AlbertConfig(hidden_size=1, num_attention_heads=1))
        >>> params = {"classifier": {"kernel": jnp.ones((1, 2)), "bias": jnp.ones(2)}}
        >>> lamb = optimizer(
        ...     OptimizerSettings("lamb", learning_rate=0.25, frozen=("*/bias",)), steps=100, leaves=leaves
        ... )
        >>> updates, state = lamb.update(params, lamb.init(params), params)
        >>> jax.tree.map(lambda leaf: leaf.round(4).tolist(), optax.apply_updates(params, updates))
        {'classifier': {'bias': [1.0, 1.0], 'kernel': [[0.75, 0.75]]}}
    """
    _check(settings)
    trained = trained_paths(settings.frozen, leaves)
    rate = learning_rate(settings, steps)
    decays = nested({leaf.path: leaf.decays for leaf in leaves if leaf.path in trained})
    if settings.name in _GOOGLE:
        chosen = _GOOGLE[settings.name](settings, rate, decays)
    else:
        chosen = from_optax(settings, rate, decays)
    if settings.clip is not None:
        chosen = optax.chain(optax.clip_by_global_norm(settings.clip), chosen)
    return train_only(trained, chosen) if settings.frozen else chosen


def _check(settings: OptimizerSettings) -> None:
    """Refuses numbers that make no sense."""
    for name in ("beta1", "beta2"):
        if not 0 <= getattr(settings, name) < 1:
            raise ValueError(f"{name} must be from 0 on and less than 1, got {getattr(settings, name)}.")
    if not (math.isfinite(settings.weight_decay) and settings.weight_decay >= 0):
        raise ValueError(f"weight_decay must be a number from 0 on, got {settings.weight_decay}.")
    for name in ("epsilon", "clip"):
        value = getattr(settings, name)
        if value is not None and not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be a number greater than 0, got {value}.")
    if settings.name in _GOOGLE and settings.options:
        raise ValueError(f"{settings.name} takes no options; optax.{settings.name} does.")
