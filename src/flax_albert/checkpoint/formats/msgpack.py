"""msgpack files as flax writes them: nested maps whose leaves are arrays in an extension type.

Written with flax itself. Read with limits of our own, because flax's reader trusts the file: it allocates what a
header announces and asserts what it expects.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import flax.serialization
import flax.traverse_util
import msgpack
import numpy as np

from flax_albert.checkpoint.formats.dtypes import MSGPACK

_NDARRAY_EXTENSION = 1  # flax's number for an array: a nested msgpack of (shape, dtype name, row-major bytes)
_CHUNKED = "__msgpack_chunked_array__"  # flax cuts arrays above 1 GiB into pieces, kept in a map with this key
_MAX_DIMENSIONS = 8
_MAX_DEPTH = 32


def read(data: memoryview) -> dict[str, np.ndarray]:
    """Reads a msgpack file.

    Args:
        data: The bytes of the file.

    Returns:
        Its arrays, the names of nested maps joined with ``/``.

    Raises:
        ValueError: The bytes are damaged or hold something else than a tree of arrays.
    """
    # A tree as flax writes it holds no lists at all; admitting none leaves nothing to allocate ahead of the data.
    tree = _unpack(data, max_array_len=0, raw=False)
    if not isinstance(tree, dict):
        raise ValueError(f"it holds a {type(tree).__name__} where a tree of arrays is expected")
    return dict(_leaves(tree, ()))


def write(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes a msgpack file that ``flax.serialization.from_bytes`` reads.

    Args:
        path: The file.
        arrays: The arrays by name; a ``/`` opens a nested map.

    Raises:
        OSError: The file cannot be written.
    """
    path.write_bytes(flax.serialization.to_bytes(flax.traverse_util.unflatten_dict(dict(arrays), sep="/")))


def _unpack(data: memoryview | bytes, **limits: object) -> object:
    try:
        return msgpack.unpackb(data, **limits)
    except (ValueError, TypeError, RecursionError, msgpack.exceptions.UnpackException) as error:
        reason = str(error).rstrip(".") or type(error).__name__
        raise ValueError(f"the msgpack data in it breaks off or is no tree of arrays ({reason})") from error


def _array(value: object) -> np.ndarray:
    if not isinstance(value, msgpack.ExtType) or value.code != _NDARRAY_EXTENSION:
        raise ValueError(f"a {type(value).__name__} stands where an array is expected")
    parts = _unpack(value.data, max_array_len=_MAX_DIMENSIONS, max_map_len=0, max_ext_len=0, raw=True)
    match parts:
        case [[*shape], bytes(dtype_name), bytes(content)]:
            pass
        case _:
            raise ValueError("an array is not stored as (shape, dtype, bytes)")
    dtype = MSGPACK.get(dtype_name.decode("utf-8", "replace"))
    if dtype is None:
        raise ValueError(f"an array has the unsupported dtype {dtype_name[:20]!r}")
    _check_shape(shape, len(content) / dtype.itemsize)
    return np.frombuffer(content, dtype).reshape(shape)


def _check_shape(shape: list, elements: float | int) -> None:
    if not all(type(size) is int and size >= 0 for size in shape) or math.prod(shape) != elements:
        raise ValueError(f"an array of shape {str(shape)[:80]} cannot be made of {elements:g} stored elements")


def _leaves(tree: dict, path: tuple[str, ...]) -> Iterator[tuple[str, np.ndarray]]:
    if len(path) > _MAX_DEPTH:
        raise ValueError(f"its maps are nested deeper than {_MAX_DEPTH}")
    for key, value in tree.items():
        if not isinstance(key, str):
            raise ValueError(f"it holds a key of type {type(key).__name__}, which is no name")
        inner = (*path, key)
        if not isinstance(value, dict):
            yield "/".join(inner), _array(value)
        elif _CHUNKED in value:
            yield "/".join(inner), _join_chunks(value)
        else:
            yield from _leaves(value, inner)


def _join_chunks(value: dict) -> np.ndarray:
    shape = _numbered(value.get("shape"))
    chunks = [_array(chunk) for chunk in _numbered(value.get("chunks"))]
    if not chunks or any(chunk.dtype != chunks[0].dtype for chunk in chunks):
        raise ValueError("an array stored in chunks is incomplete")
    if len(shape) > _MAX_DIMENSIONS:
        raise ValueError(f"an array has {len(shape)} dimensions")
    _check_shape(shape, sum(chunk.size for chunk in chunks))
    return np.concatenate([chunk.reshape(-1) for chunk in chunks]).reshape(shape)


def _numbered(items: object) -> list:
    """The values of flax's stand-in for a tuple, ``{"0": ..., "1": ...}``."""
    if not isinstance(items, dict) or set(items) != {str(number) for number in range(len(items))}:
        raise ValueError("an array stored in chunks is incomplete")
    return [items[str(number)] for number in range(len(items))]
