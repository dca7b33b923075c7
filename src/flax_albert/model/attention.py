"""Attention, and which of its implementations computes it."""

from __future__ import annotations

import math
import re
from typing import Any, Literal, get_args

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike
from jaxtyping import Array, Bool, Float, Int

from flax_albert.model.ops import DropoutKey, dropout

Implementation = Literal["auto", "xla", "cudnn"]
# What transformers calls these on the PyTorch side.
_ALIASES: dict[str, Implementation] = {"eager": "xla", "sdpa": "auto"}
_WIDEST_HEAD = 128


def implementation(name: str) -> Implementation:
    """An implementation by its name here, or by transformers' (``"eager"`` is ``"xla"``, ``"sdpa"`` is ``"auto"``).

    Raises:
        ValueError: There is none of that name.

    Example:
        >>> from flax_albert.model.attention import implementation
        >>> implementation("eager")
        'xla'
    """
    name = _ALIASES.get(name, name)
    for known in get_args(Implementation):
        if name == known:
            return known
    raise ValueError(f"attn_implementation must be one of {', '.join(get_args(Implementation))}, got {name!r}.")


def chosen(
    requested: str,
    query: Float[Array, "batch seq heads head_width"],
    drops: bool,
    output_attentions: bool,
) -> Literal["xla", "cudnn"]:
    """The implementation that computes a call.

    Args:
        requested: What the user asked for. ``"auto"`` takes cuDNN where it can: on a CUDA device of compute capability
            8.0 or later, in half precision, without attention dropout and without returning probabilities.
        query: The queries, of which only dtype and shape count.
        drops: Whether attention probabilities are dropped out.
        output_attentions: Whether they are to be returned.

    Raises:
        ValueError: ``"cudnn"`` is asked for and cannot compute this.
    """
    requested = implementation(requested)
    if requested == "xla":
        return "xla"
    reason = _beyond_cudnn(query.dtype, query.shape, drops, output_attentions)
    if requested == "cudnn":
        if reason:
            raise ValueError(f'attn_implementation="cudnn" {reason}; use "auto" or "xla".')
        return "cudnn"
    return "xla" if reason or not _on_capable_gpu() else "cudnn"


def _beyond_cudnn(dtype: DTypeLike, shape: tuple[Any, ...], drops: bool, output_attentions: bool) -> str | None:
    """Why cuDNN cannot compute a call, or None."""
    _, length, _, width = shape
    if dtype not in (jnp.float16, jnp.bfloat16):
        return f"computes in float16 or bfloat16, not in {jnp.dtype(dtype).name}"
    if output_attentions:
        return "returns no attention probabilities, and output_attentions is set"
    if drops:
        return "has no dropout that follows a key, and attention_probs_dropout_prob is above 0 in training"
    if width % 8 or width > _WIDEST_HEAD:
        return f"needs a head width that is a multiple of 8 and at most {_WIDEST_HEAD}, and this model's is {width}"
    if not isinstance(length, int):
        return f"needs to know the sequence length while it is compiled, and here that is {length}"
    return None


def _on_capable_gpu() -> bool:
    if jax.default_backend() != "gpu":
        return False
    capability = re.fullmatch(r"(\d+)\.\d+", str(getattr(jax.local_devices()[0], "compute_capability", "")))
    return capability is not None and int(capability[1]) >= 8


def attention(
    query: Float[Array, "batch seq heads head_width"],
    key: Float[Array, "batch seq heads head_width"],
    value: Float[Array, "batch seq heads head_width"],
    mask: Int[Array, "batch seq"],
    dropout_rate: float = 0.0,
    dropout_key: DropoutKey | None = None,
) -> tuple[Float[Array, "batch seq heads head_width"], Float[Array, "batch heads seq seq"]]:
    """Scaled dot-product attention of every position over every position, written out.

    Dropout uses one mask for all sequences and heads, as the Flax classes of transformers do.

    Args:
        query: Queries.
        key: Keys.
        value: Values.
        mask: 1 where a token may be attended to, 0 where not. Where that is nowhere, attention is uniform.
        dropout_rate: Share of the probabilities to drop.
        dropout_key: Random key, or ``None`` for evaluation.

    Returns:
        The attended values, and the attention probabilities.
    """
    query = query / math.sqrt(query.shape[-1])
    scores = jnp.einsum("bqhd,bkhd->bhqk", query, key, preferred_element_type=jnp.float32)
    probabilities = jax.nn.softmax(scores + attention_bias(mask), axis=-1).astype(value.dtype)
    probabilities = dropout(probabilities, dropout_rate, dropout_key, broadcast_leading=2)
    return jnp.einsum("bhqk,bkhd->bqhd", probabilities, value), probabilities


def attention_bias(mask: Int[Array, "batch seq"]) -> Float[Array, "batch 1 1 seq"]:
    """What is added to the attention scores: 0 where a token may be attended to, the lowest float32 where not.

    Adding that lowest number absorbs every score, so that a row whose every position is masked attends uniformly.
    """
    lowest = jnp.finfo(jnp.float32).min
    return jnp.where(mask > 0, 0.0, lowest).astype(jnp.float32)[:, None, None, :]


def cudnn_attention(
    query: Float[Array, "batch seq heads head_width"],
    key: Float[Array, "batch seq heads head_width"],
    value: Float[Array, "batch seq heads head_width"],
    mask: Int[Array, "batch seq"],
) -> Float[Array, "batch seq heads head_width"]:
    """The same attention by cuDNN's fused kernel, which never holds the probabilities in memory.

    Raises:
        ValueError: JAX finds no cuDNN here.
    """
    query, allowed = _uniform_where_nothing_is_allowed(query, mask > 0)
    length = query.shape[1]
    # With a mask the kernel's backward pass takes even lengths only: odd ones get one more position, not attended to.
    query, key, value = (jnp.pad(array, ((0, 0), (0, length % 2), (0, 0), (0, 0))) for array in (query, key, value))
    allowed = jnp.pad(allowed, ((0, 0), (0, length % 2)))
    batch, padded = allowed.shape
    try:
        attended = jax.nn.dot_product_attention(
            query,
            key,
            value,
            mask=jnp.broadcast_to(allowed[:, None, None, :], (batch, 1, padded, padded)),
            implementation="cudnn",
        )
    except RuntimeError as error:
        raise ValueError(
            f'attn_implementation="cudnn" needs an NVIDIA GPU and a jax installed for it (jax[cuda12] or later); jax '
            f'runs on {jax.default_backend()} here and says: {error} Use "auto" or "xla".'
        ) from None
    return attended[:, :length]


def _uniform_where_nothing_is_allowed(
    query: Float[Array, "batch seq heads head_width"], allowed: Bool[Array, "batch seq"]
) -> tuple[Float[Array, "batch seq heads head_width"], Bool[Array, "batch seq"]]:
    # What jax adds to a masked score in float16, -32768, leaves a trace of the score. With queries of zero the scores
    # are equal, and allowing every position gives each the same probability.
    empty = ~allowed.any(axis=-1, keepdims=True)
    return jnp.where(empty[..., None, None], 0, query), allowed | empty
