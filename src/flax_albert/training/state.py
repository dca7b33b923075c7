"""What a training step changes, and nothing else."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Bool, Float, Int, UInt32

from flax_albert.pretrained import ParameterTree


class TrainState(NamedTuple):
    """The state of a run: it and the number of the next batch, which is ``step``, decide everything that follows.

    Attributes:
        step: Updates done.
        params: Parameters, in float32.
        optimizer: The optimizer's state.
        rate_scale: What the learning rate is multiplied by; below 1 after a rollback.
        diverged: Whether a loss or gradient was not finite. From then on nothing changes any more, so that the state
            is the last good one however late it is looked at.
    """

    step: Int[Array, ""]
    params: ParameterTree
    optimizer: Any
    rate_scale: Float[Array, ""]
    diverged: Bool[Array, ""]


def first_state(params: ParameterTree, transformation: optax.GradientTransformation) -> TrainState:
    """The state before the first step.

    Args:
        params: Initial parameters.
        transformation: The optimizer.

    Returns:
        A state with float32 parameters.
    """
    params = jax.tree.map(lambda leaf: jnp.array(leaf, jnp.float32), dict(params))
    return TrainState(jnp.int32(0), params, transformation.init(params), jnp.float32(1), jnp.bool_(False))


@jax.jit
def checksums(state: TrainState) -> UInt32[Array, " leaves"]:
    """A checksum of every array, the same however it is spread over devices.

    Args:
        state: A state.

    Returns:
        One number an array: the sum of its bits, each word times an odd number that depends on its place.
    """
    return jnp.stack([_checksum(leaf) for leaf in jax.tree.leaves(state)])


def _checksum(leaf: Array) -> UInt32[Array, ""]:
    words = leaf if leaf.dtype == jnp.bool_ else jax.lax.bitcast_convert_type(leaf, _WORDS[leaf.dtype.itemsize])
    words = words.reshape(-1).astype(jnp.uint32)
    odd = 2 * jax.lax.iota(jnp.uint32, words.size) + 1
    return (words * odd).sum(dtype=jnp.uint32)


_WORDS = {1: jnp.uint8, 2: jnp.uint16, 4: jnp.uint32}


def equal_bits(first: Any, second: Any) -> bool:
    """Whether two trees hold the same arrays to the last bit.

    Example:
        >>> import numpy as np
        >>> from flax_albert.training.state import equal_bits
        >>> equal_bits({"a": np.float32(0.0)}, {"a": np.float32(-0.0)})
        False
    """
    one, other = jax.tree.flatten(first), jax.tree.flatten(second)
    return one[1] == other[1] and all(
        np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in zip(one[0], other[0], strict=True)
    )
