"""Nested lists to NumPy or JAX arrays, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

TensorType = Literal["np", "jax"]


def array_maker(tensor_type: str) -> Callable[[Any], Any]:
    """The function that makes an array of the given kind from nested lists of numbers.

    Args:
        tensor_type: ``"np"`` or ``"jax"``.

    Returns:
        The function; it raises ``ValueError`` where the lists differ in length.

    Raises:
        ValueError: There is no such kind.

    Example:
        >>> from flax_albert.tokenization.tensors import array_maker
        >>> array_maker("np")([[2, 3], [2, 3]]).shape
        (2, 2)
    """
    if tensor_type == "np":
        return _numpy_array
    if tensor_type == "jax":
        import jax.numpy as jnp  # not needed, and slow to import, for anything else here

        return lambda value: jnp.asarray(_numpy_array(value))
    raise ValueError(
        f"return_tensors={tensor_type!r} is not offered: use 'np' for NumPy arrays, 'jax' for JAX arrays, "
        "or None for lists. There are no PyTorch or TensorFlow tensors here."
    )


def _numpy_array(value: Any) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype == object:
        raise ValueError("the values are not all numbers")
    # NumPy makes an empty list a float array; ids are integers.
    return array.astype(np.int64) if array.size == 0 else array


def is_array(value: Any) -> bool:
    """Whether a value is a NumPy or JAX array.

    Args:
        value: Anything.

    Returns:
        True for an array.
    """
    return tensor_type_of(value) is not None


def tensor_type_of(value: Any) -> TensorType | None:
    """The kind of array a value is.

    Args:
        value: Anything.

    Returns:
        ``"np"``, ``"jax"``, or None where it is no array.
    """
    if isinstance(value, (np.ndarray, np.generic)):
        return "np"
    # Any other object with these is an array of JAX; asking this way does not import JAX.
    return "jax" if hasattr(value, "__array__") and hasattr(value, "tolist") else None


def to_lists(value: Any) -> Any:
    """Turns arrays, also inside lists, into nested lists of Python numbers.

    Args:
        value: An array, a number, or lists of them.

    Returns:
        The same without arrays; a tuple becomes a list.
    """
    if isinstance(value, (list, tuple)):
        return [to_lists(item) for item in value]
    return value.tolist() if is_array(value) else value
