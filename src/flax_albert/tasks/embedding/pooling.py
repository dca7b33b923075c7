"""Hidden states -> one vector a text: pooling, and the layers that sentence-transformers puts behind it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

Hidden = Float[Array, "rows seq hidden"]
Vectors = Float[Array, "rows width"]
Mask = Bool[Array, "rows seq"]


def _cls(hidden: Hidden, mask: Mask) -> Vectors:
    return _at(hidden, jnp.argmax(mask, 1))


def _last(hidden: Hidden, mask: Mask) -> Vectors:
    return _at(hidden, mask.shape[1] - 1 - jnp.argmax(mask[:, ::-1], 1))


def _at(hidden: Hidden, positions: Int[Array, " rows"]) -> Vectors:
    return jnp.take_along_axis(hidden, positions[:, None, None], 1)[:, 0]


def _max(hidden: Hidden, mask: Mask) -> Vectors:
    return jnp.where(mask[..., None], hidden, -jnp.inf).max(1)


def _mean(hidden: Hidden, mask: Mask) -> Vectors:
    return _sum(hidden, mask) / _count(mask)


def _mean_of_root(hidden: Hidden, mask: Mask) -> Vectors:
    return _sum(hidden, mask) / jnp.sqrt(_count(mask))


def _weighted_mean(hidden: Hidden, mask: Mask) -> Vectors:
    weights = mask * jnp.arange(1, mask.shape[1] + 1)
    return _sum(hidden * weights[..., None], mask) / _count(weights)


def _sum(hidden: Hidden, mask: Mask) -> Vectors:
    return jnp.where(mask[..., None], hidden, 0).sum(1)


def _count(mask: Int[Array, "rows seq"] | Mask) -> Int[Array, "rows 1"]:
    return jnp.maximum(mask.sum(1, keepdims=True), 1)  # rows that only fill a batch have no tokens


POOLING: Final[Mapping[str, Callable[[Hidden, Mask], Vectors]]] = {
    "cls": _cls,
    "max": _max,
    "mean": _mean,
    "mean_sqrt_len_tokens": _mean_of_root,
    "weightedmean": _weighted_mean,
    "lasttoken": _last,
}
"""Ways to pool by the names that sentence-transformers gives them, in the order in which it puts several together."""

ACTIVATIONS: Final[Mapping[str, Callable[[Array], Array]]] = {
    "Identity": lambda x: x,
    "Tanh": jnp.tanh,
    "ReLU": jax.nn.relu,
    "GELU": functools.partial(jax.nn.gelu, approximate=False),
    "SiLU": jax.nn.silu,
    "Sigmoid": jax.nn.sigmoid,
}
"""What may follow a dense layer, by the names of PyTorch's classes."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Dense:
    """A dense layer."""

    kernel: Float[Array, "inputs outputs"]
    bias: Float[Array, " outputs"]
    activation: str = field(metadata={"static": True})

    def width(self, given: int) -> int:
        """How many numbers come out.

        Args:
            given: How many go in.

        Returns:
            How many.

        Raises:
            ValueError: The layer takes another number of them.
        """
        return _fitting(self, len(self.kernel), given) and self.kernel.shape[1]

    def __call__(self, x: Vectors) -> Vectors:
        """The layer's output."""
        return ACTIVATIONS[self.activation](jnp.dot(x, self.kernel, precision="highest") + self.bias)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class LayerNorm:
    """Layer normalisation."""

    scale: Float[Array, " width"]
    bias: Float[Array, " width"]

    def width(self, given: int) -> int:
        """As for :class:`Dense`."""
        return _fitting(self, len(self.scale), given)

    def __call__(self, x: Vectors) -> Vectors:
        """The layer's output."""
        return jax.nn.standardize(x, epsilon=1e-5) * self.scale + self.bias


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Normalize:
    """Makes vectors one long."""

    def width(self, given: int) -> int:
        """As for :class:`Dense`."""
        return given

    def __call__(self, x: Vectors) -> Vectors:
        """The layer's output."""
        return x / jnp.maximum(jnp.linalg.norm(x, axis=1, keepdims=True), 1e-12)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Shorten:
    """Keeps the first numbers of vectors that were trained to be cut."""

    kept: int = field(metadata={"static": True})

    def width(self, given: int) -> int:
        """As for :class:`Dense`."""
        if self.kept > given:
            raise ValueError(f"truncate_dim must be at most the {given} numbers of a vector, got {self.kept}.")
        return self.kept

    def __call__(self, x: Vectors) -> Vectors:
        """The layer's output."""
        return x[:, : self.kept]


def _fitting(layer: Dense | LayerNorm, takes: int, given: int) -> int:
    if takes != given:
        raise ValueError(f"The pooling gives {given} numbers, and the {type(layer).__name__} after it takes {takes}.")
    return given


Layer = Dense | LayerNorm | Normalize | Shorten


@functools.partial(jax.jit, static_argnames="pooling")
def embedded(
    hidden: Float[Array, "rows seq hidden"],
    attention_mask: Int[Array, "rows seq"],
    skipped: int,
    layers: tuple[Layer, ...],
    *,
    pooling: tuple[str, ...],
) -> Float[Array, "rows width"]:
    """One vector a row, in float32. Computed where the hidden states are, so that only vectors leave the device.

    Args:
        hidden: The last layer's hidden states.
        attention_mask: 1 for tokens, 0 for padding.
        skipped: How many of a row's first tokens are left out.
        layers: What follows the pooling.
        pooling: Names of :data:`POOLING`; what several give is put side by side.

    Returns:
        The vectors.

    Example:
        >>> import jax.numpy as jnp
        >>> from flax_albert.tasks.embedding.pooling import Normalize, embedded
        >>> hidden = jnp.asarray([[[3.0, 0.0], [3.0, 8.0], [9.0, 9.0]]])
        >>> embedded(hidden, jnp.asarray([[1, 1, 0]]), 0, (), pooling=("mean",)).tolist()
        [[3.0, 4.0]]
        >>> embedded(hidden, jnp.asarray([[1, 1, 0]]), 0, (Normalize(),), pooling=("cls",)).tolist()
        [[1.0, 0.0]]
    """
    hidden = hidden.astype(jnp.float32)
    mask = (attention_mask > 0) & (jnp.arange(hidden.shape[1]) >= skipped)
    vectors = jnp.concatenate([POOLING[name](hidden, mask) for name in pooling], axis=-1)
    for layer in layers:
        vectors = layer(vectors)
    return vectors
