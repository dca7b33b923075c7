"""The mathematics of a layer: arrays in, arrays out. Statistics, softmax and mask bias stay in float32."""

from __future__ import annotations

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike
from jaxtyping import Array, Float, Int, Key, UInt32

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


def attention_bias(mask: Int[Array, "batch seq"]) -> Float[Array, "batch 1 1 seq"]:
    """What is added to the attention scores: 0 where a token may be attended to, the lowest float32 where not.

    Adding that lowest number absorbs every score, so that a row whose every position is masked attends uniformly.
    """
    lowest = jnp.finfo(jnp.float32).min
    return jnp.where(mask > 0, 0.0, lowest).astype(jnp.float32)[:, None, None, :]


def attention(
    query: Float[Array, "batch seq heads head_width"],
    key: Float[Array, "batch seq heads head_width"],
    value: Float[Array, "batch seq heads head_width"],
    bias: Float[Array, "batch 1 1 seq"],
    dropout_rate: float = 0.0,
    dropout_key: DropoutKey | None = None,
) -> tuple[Float[Array, "batch seq heads head_width"], Float[Array, "batch heads seq seq"]]:
    """Scaled dot-product attention of every position over every position.

    Dropout uses one mask for all sequences and heads, as the Flax classes of transformers do.

    Returns:
        The attended values, and the attention probabilities.
    """
    query = query / math.sqrt(query.shape[-1])
    scores = jnp.einsum("bqhd,bkhd->bhqk", query, key, preferred_element_type=jnp.float32)
    probabilities = jax.nn.softmax(scores + bias, axis=-1).astype(value.dtype)
    probabilities = dropout(probabilities, dropout_rate, dropout_key, broadcast_leading=2)
    return jnp.einsum("bhqk,bkhd->bqhd", probabilities, value), probabilities
