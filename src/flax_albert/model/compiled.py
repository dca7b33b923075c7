"""The two compiled functions that every model shares: initialising a module, and applying it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array

from flax_albert.model.ops import DropoutKey
from flax_albert.model.outputs import ModelOutput


@functools.partial(jax.jit, static_argnums=(0, 1))
def initialised(module: nn.Module, input_shape: tuple[int, ...], key: DropoutKey) -> dict[str, Any]:
    """Initial parameters; compiled, so that the forward pass which shapes them is never computed.

    Args:
        module: A linen module of this package, or one with the same inputs.
        input_shape: Shape of the ids to trace it with.
        key: Random key.

    Returns:
        A parameter tree.
    """
    zeros, ones = jnp.zeros(input_shape, jnp.int32), jnp.ones(input_shape, jnp.int32)
    variables: Any = module.init({"params": key}, zeros, ones, zeros, zeros)
    return variables["params"]


@functools.partial(jax.jit, static_argnums=(0, 4, 5, 6))
def applied(
    module: nn.Module,
    params: Mapping[str, Any],
    inputs: dict[str, Array],
    dropout_key: DropoutKey | None,
    train: bool,
    output_attentions: bool,
    output_hidden_states: bool,
) -> ModelOutput:
    """The one call of every model.

    Args:
        module: A linen module of this package, or one with the same inputs; equal ones share executables.
        params: Its parameters.
        inputs: Arrays by argument name.
        dropout_key: Random key for dropout.
        train: Whether dropout applies.
        output_attentions: Whether to return attention probabilities.
        output_hidden_states: Whether to return every step's hidden states.

    Returns:
        The module's output.
    """
    arguments: dict[str, Any] = {
        **jax.tree.map(jnp.asarray, inputs),  # they are numpy's under jax.disable_jit
        "deterministic": not train,
        "output_attentions": output_attentions,
        "output_hidden_states": output_hidden_states,
        "rngs": {} if dropout_key is None else {"dropout": dropout_key},
    }
    output: Any = module.apply({"params": params}, **arguments)
    return output
