"""The mathematics of a layer but for attention: arrays in, arrays out. Statistics stay in float32."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike
from jaxtyping import Array, Float, Key, UInt32

Activation = Callable[[Float[Array, "*shape"]], Float[Array, "*shape"]]
DropoutKey = Key[Array, ""] | UInt32[Array, "2"] | UInt32[Array, "4"]

# The names of this family: "gelu" is the erf form, "gelu_new" the tanh form.
ACTIVATIONS: dict[str, Activation] = {
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "gelu_new": lambda x: jax.nn.gelu(x, approximate=True),
    "gelu_pytorch_tanh": lambda x: jax.nn.gelu(x, approximate=True),
    "quick_gelu": lambda x: x * jax.nn.sigmoid(1.702 * x),
    "relu": jax.nn.relu,
    "silu": jax.nn.silu,
    "swish": jax.nn.silu,
    "tanh": jnp.tanh,
}


def dense(
    x: Float[Array, "*batch inputs"],
    kernel: Float[Array, "inputs outputs"],
    bias: Float[Array, " outputs"],
    dtype: DTypeLike,
) -> Float[Array, "*batch outputs"]:
    """``x @ kernel + bias`` computed in ``dtype``."""
    return jnp.dot(x.astype(dtype), kernel.astype(dtype)) + bias.astype(dtype)


def layer_norm(
    x: Float[Array, "*batch width"],
    scale: Float[Array, " width"],
    bias: Float[Array, " width"],
    epsilon: float,
    dtype: DTypeLike,
) -> Float[Array, "*batch width"]:
    """Layer normalisation with two-pass float32 statistics, returned in ``dtype``."""
    x = x.astype(jnp.float32)
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = jnp.square(centred).mean(axis=-1, keepdims=True)
    normalised = centred * jax.lax.rsqrt(variance + epsilon)
    return (normalised * scale.astype(jnp.float32) + bias.astype(jnp.float32)).astype(dtype)


def dropout(
    x: Float[Array, "*shape"], rate: float, key: DropoutKey | None, broadcast_leading: int = 0
) -> Float[Array, "*shape"]:
    """Zeroes a share ``rate`` of the entries and scales the rest up; does nothing without a key or with rate 0.

    Args:
        x: Any array.
        rate: Probability of dropping, in [0, 1).
        key: Random key, or ``None`` for evaluation.
        broadcast_leading: Leading axes that share one mask.
    """
    if key is None or rate == 0.0:
        return x
    shape = (1,) * broadcast_leading + x.shape[broadcast_leading:]
    keep = jax.random.bernoulli(key, 1.0 - rate, shape)
    return jnp.where(keep, x / (1.0 - rate), jnp.zeros_like(x))
