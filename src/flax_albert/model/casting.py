"""Parameters in another precision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from flax.core import FrozenDict, freeze
from flax.traverse_util import flatten_dict, unflatten_dict
from jax.typing import DTypeLike


def cast(params: Mapping[str, Any], dtype: DTypeLike, mask: Any = None) -> Any:
    """Casts the floating-point arrays of a parameter tree.

    Args:
        params: A parameter tree; it stays as it is.
        dtype: The precision to cast to.
        mask: A tree like it of booleans; only parameters where it is true are cast. ``None`` casts all.

    Returns:
        A new tree, frozen if the parameters are.

    Raises:
        ValueError: The mask is not a tree like the parameters.

    Example:
        >>> import jax.numpy as jnp
        >>> from flax_albert.model.casting import cast
        >>> params = {"kernel": jnp.ones(2), "bias": jnp.ones(2)}
        >>> half = cast(params, jnp.bfloat16, mask={"kernel": True, "bias": False})
        >>> half["kernel"].dtype.name, half["bias"].dtype.name
        ('bfloat16', 'float32')
    """
    leaves: dict[Any, Any] = flatten_dict(params)
    chosen: dict[Any, Any] = dict.fromkeys(leaves, True) if mask is None else flatten_dict(mask)
    if chosen.keys() != leaves.keys():
        path = "/".join(min(chosen.keys() ^ leaves.keys()))
        raise ValueError(f"The mask must be a tree like the parameters; only one of the two has {path}.")
    cast = {path: chosen[path] and jnp.issubdtype(leaf.dtype, jnp.floating) for path, leaf in leaves.items()}
    tree = unflatten_dict({path: leaf.astype(dtype) if cast[path] else leaf for path, leaf in leaves.items()})
    return freeze(tree) if isinstance(params, FrozenDict) else tree


def computable(dtype: DTypeLike) -> jnp.dtype:
    """A dtype to compute in.

    Raises:
        TypeError: It is none of floating point.

    Example:
        >>> from flax_albert.model.casting import computable
        >>> computable("bfloat16").name
        'bfloat16'
    """
    try:
        found = jnp.dtype(dtype)
    except TypeError:
        found = None
    if found is None or not jnp.issubdtype(found, jnp.floating):
        raise TypeError(f"dtype must be float32, bfloat16 or float16, got {dtype!r}.")
    return found
