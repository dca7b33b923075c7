"""The HDF5 files that Keras writes, through h5py; only what lies inside the file itself is ever followed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from flax_albert.checkpoint.errors import CheckpointError
from flax_albert.checkpoint.formats.mapped import map_file

_MOST_OBJECTS = 100_000
_MAX_DEPTH = 32
_MAX_DIMENSIONS = 8
_WEIGHT_NAMES = "weight_names"
_KINDS = "fiub"  # numbers: float, signed and unsigned integer, boolean


def read(path: Path) -> dict[str, np.ndarray]:
    """Reads a file of Keras weights.

    Args:
        path: The file.

    Returns:
        The weights by the names that Keras gives them, without the model's own name at the front, such as
        ``albert/embeddings/LayerNorm/gamma:0``. They are the same for a model in one file and in shards.

    Raises:
        OSError: The file cannot be opened, or h5py is not installed.
        ValueError: The file is damaged, or holds something else than arrays kept in it.
    """
    size = len(map_file(path))
    try:
        import h5py
    except ImportError:
        raise CheckpointError(
            f"{path} is an HDF5 file, and h5py, which reads it, is not installed: pip install 'flax-albert[h5]'."
        ) from None
    try:
        with h5py.File(path, "r") as file:
            return _arrays(file, size)
    except (OSError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        # h5py raises any of these for whatever the HDF5 library finds wrong.
        raise ValueError(f"HDF5 cannot read it ({' '.join(str(error).split())[:200]})") from None


def _arrays(file: Any, size: int) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    taken = 0
    for name, dataset in _datasets(file):
        # A dataset may claim any size or lie in another file, or several names may stand for the same one.
        taken += dataset.nbytes
        if dataset.external or dataset.is_virtual:
            raise ValueError(f"{name[:80]!r} lies in another file")
        if dataset.compression or taken > size or (dataset.nbytes and dataset.id.get_storage_size() < dataset.nbytes):
            raise ValueError(f"{name[:80]!r} is compressed, or larger than what is stored of it")
        if dataset.dtype.kind not in _KINDS or dataset.ndim > _MAX_DIMENSIONS:
            raise ValueError(f"{name[:80]!r} has the unsupported type {str(dataset.dtype)[:40]}")
        array = np.asarray(dataset[()])
        # Keras stores a layer that two others share with each of them.
        if not np.array_equal(arrays.setdefault(name, array), array):
            raise ValueError(f"it holds two different arrays {name[:80]!r}")
    return arrays


def _datasets(file: Any) -> Iterator[tuple[str, Any]]:
    """Every dataset with its weight's name."""
    import h5py

    count = 0
    waiting: list[tuple[str, Any, int]] = [("", file, 0)]
    while waiting:
        path, group, depth = waiting.pop()
        for key in group:
            count += 1
            if depth > _MAX_DEPTH or count > _MOST_OBJECTS:
                raise ValueError("its groups are nested without end")
            inner = f"{path}/{key}" if path else key
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                raise ValueError(f"{inner[:80]!r} is a link to somewhere else")
            item = group[key]
            if isinstance(item, h5py.Group):
                waiting.append((inner, item, depth + 1))
            elif isinstance(item, h5py.Dataset):
                yield _weight_name(file, inner), item
            else:
                raise ValueError(f"{inner[:80]!r} is no array")


def _weight_name(file: Any, path: str) -> str:
    """The name of a weight. A model's file keeps it in the group of its layer, beginning with the model's name."""
    layer, _, name = path.partition("/")
    if _WEIGHT_NAMES not in file[layer].attrs:
        return path
    model, _, rest = name.partition("/")
    return rest if rest and model not in file else name
