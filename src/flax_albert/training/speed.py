"""How much there is to compute, and how fast the machine could at best."""

from __future__ import annotations

import time
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec
from jax.typing import DTypeLike
from jaxtyping import Array, Float

from flax_albert.config import AlbertConfig
from flax_albert.model.casting import computable
from flax_albert.parallel import DATA, device_mesh

_BACKWARD = 2
"""Times the work of a forward pass."""


def forward_flops(config: AlbertConfig, length: int, masks_per_token: float = 0.0) -> float:
    """Floating-point operations of a forward pass, a token: those of its matrix products, which are nearly all.

    Args:
        config: The model.
        length: Tokens in a row, all of which every token attends to.
        masks_per_token: Positions at which words are predicted, a token; 0 without a masked-LM head.

    Returns:
        Operations; a multiplication and the addition of its result are two.

    Example:
        >>> from flax_albert import AlbertConfig
        >>> from flax_albert.training.speed import forward_flops
        >>> round(forward_flops(AlbertConfig.released("albert-base-v2"), length=128) / 1e9, 3)
        0.175
    """
    hidden, inner, embedding = config.hidden_size, config.intermediate_size, config.embedding_size
    layer = 8 * hidden**2 + 4 * hidden * inner + 4 * length * hidden
    head = 2 * (hidden * embedding + embedding * config.vocab_size)
    layers = config.num_hidden_layers * config.inner_group_num
    return layers * layer + 2 * embedding * hidden + masks_per_token * head


def training_flops(config: AlbertConfig, length: int, masks_per_token: float = 0.0) -> float:
    """Floating-point operations of a training step, a token; what gradient checkpointing computes again is left out.

    Args:
        config: The model.
        length: Tokens in a row.
        masks_per_token: Positions at which words are predicted, a token.

    Returns:
        Operations: three times those of a forward pass.
    """
    return (1 + _BACKWARD) * forward_flops(config, length, masks_per_token)


def machine_peak(
    dtype: DTypeLike = "float32", seconds: float = 0.5, devices: Sequence[jax.Device] | None = None
) -> float:
    """Measures how many floating-point operations a second a large matrix product reaches.

    Every device of this process multiplies at the same time, because devices may share a machine; what several
    processes do at the same time is taken to be the same.

    Args:
        dtype: What is multiplied.
        seconds: How long to measure, after it is compiled.
        devices: Which devices; by default all of this process.

    Returns:
        Operations a second of all devices of all processes: the best that was seen.
    """
    mesh = device_mesh(jax.local_devices() if devices is None else devices)
    # A product of this size takes some milliseconds; and on an accelerator several make the start of one unimportant.
    on_cpu = mesh.devices.flat[0].platform == "cpu"
    size, products = (1024, 1) if on_cpu else (8192, 8)

    def multiply(left: Float[Array, "devices n n"], right: Float[Array, "n n"]) -> Float[Array, "devices n n"]:
        for _ in range(products):
            left = left @ right
        return left

    spread = NamedSharding(mesh, PartitionSpec(DATA))
    random = np.random.default_rng(0)
    right = random.normal(0, size**-0.5, (size, size)).astype(np.float32)  # what it multiplies keeps its size
    left = np.broadcast_to(right, (mesh.size, size, size))
    chosen = computable(dtype)
    arguments = (
        jax.jit(lambda: jnp.asarray(left, chosen), out_shardings=spread)(),
        jax.device_put(jnp.asarray(right, chosen), NamedSharding(mesh, PartitionSpec())),
    )
    compiled = jax.jit(multiply, out_shardings=spread).lower(*arguments).compile()
    jax.block_until_ready(compiled(*arguments))
    shortest, until = float("inf"), time.perf_counter() + seconds
    while shortest == float("inf") or time.perf_counter() < until:
        began = time.perf_counter()
        jax.block_until_ready(compiled(*arguments))
        shortest = min(shortest, time.perf_counter() - began)
    return 2 * size**3 * products * mesh.size * jax.process_count() / shortest
