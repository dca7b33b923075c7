"""Devices as a mesh, and what lies where on it.

Every device has its share of the rows of a batch. Parameters and what an optimizer remembers of them are whole on every
device, or cut: then a device keeps a share of each large array, and they are put together while a step needs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from math import prod
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from flax_albert.model.parameters import Leaf

DATA = "data"
"""The axis of the mesh."""

_LARGE = 2**14
"""Elements from which on an array is worth cutting."""

# Patterns of the table's logical axes -> whether a parameter may be cut along one. Of the axes of a parameter, the one
# that comes first here is cut: the longest, so that many numbers of devices divide it.
_AXES = {
    "vocab": True,
    "intermediate": True,
    "hidden": True,
    "heads": True,
    "pooled": True,
    "position": True,
    "embedding": True,
    "segment": False,
    "label": False,
    "order": False,
    "choice_score": False,
    "*.[0-9]": True,  # of a module that the table does not know
}


def device_mesh(devices: Sequence[jax.Device] | None = None) -> Mesh:
    """Devices in a row, along the axis ``data``.

    Args:
        devices: The devices; by default all, of all processes.

    Returns:
        The mesh.
    """
    return Mesh(np.array(jax.devices() if devices is None else devices), (DATA,))


def row_sharding(mesh: Mesh) -> NamedSharding:
    """Where the arrays of a batch lie: their rows are divided among the devices."""
    return NamedSharding(mesh, PartitionSpec(DATA))


def partition_specs(leaves: Sequence[Leaf], mesh: Mesh, sharding: str) -> dict[tuple[str, ...], PartitionSpec]:
    """How parameters are cut, from the logical axes of the table.

    Args:
        leaves: The parameters.
        mesh: The devices.
        sharding: ``replicated`` cuts none. ``sharded`` cuts every large one along an axis whose size the number of
            devices divides, if it has any.

    Returns:
        A spec for each, by its path.

    Raises:
        ValueError: There is no such sharding, or no rule for an axis.

    Example:
        >>> import jax
        >>> from flax_albert import AlbertConfig
        >>> from flax_albert.model.parameters import POOLER, expand
        >>> from flax_albert.parallel import device_mesh, partition_specs
        >>> leaves = expand(POOLER, AlbertConfig(hidden_size=256, num_attention_heads=4))
        >>> specs = partition_specs(leaves, device_mesh(jax.devices()[:1]), "sharded")
        >>> {"/".join(path): tuple(spec) for path, spec in specs.items()}
        {'pooler/kernel': ('data', None), 'pooler/bias': ()}
    """
    if sharding not in ("replicated", "sharded"):
        raise ValueError(f"sharding must be replicated or sharded, got {sharding!r}.")
    preferences = {leaf.path: [_preference(axis) for axis in leaf.axes] for leaf in leaves}
    if sharding == "replicated":
        return {leaf.path: PartitionSpec() for leaf in leaves}
    return {leaf.path: _cut(leaf.shape, preferences[leaf.path], mesh.size) for leaf in leaves}


def shardings(shapes: Any, leaves: Sequence[Leaf], mesh: Mesh, sharding: str) -> Any:
    """Where every array of a training state lies.

    Args:
        shapes: A tree of arrays, or of their shapes: parameters, an optimizer's state, or both and more.
        leaves: The parameters.
        mesh: The devices.
        sharding: As for :func:`partition_specs`.

    Returns:
        A tree like it of shardings. An array whose path in the tree ends in the path of a parameter, and has its shape,
        lies as that parameter does; any other one is whole on every device.

    Raises:
        ValueError: There is no such sharding, or no rule for an axis.
    """
    specs = partition_specs(leaves, mesh, sharding)
    sizes = {leaf.path: leaf.shape for leaf in leaves}

    def where(path: tuple[Any, ...], array: Any) -> NamedSharding:
        parameter = _parameter(tuple(_name(key) for key in path), sizes)
        belongs = parameter is not None and tuple(array.shape) == sizes[parameter]
        return NamedSharding(mesh, specs[parameter] if belongs else PartitionSpec())

    return jax.tree_util.tree_map_with_path(where, shapes)


def bytes_per_device(tree: Any) -> dict[jax.Device, int]:
    """How much memory the arrays of a tree take on every device of this process.

    Args:
        tree: A tree of arrays.

    Returns:
        Bytes by device.
    """
    held: dict[jax.Device, int] = {}
    for array in jax.tree.leaves(tree):
        for shard in array.addressable_shards:
            held[shard.device] = held.get(shard.device, 0) + shard.data.nbytes
    return held


def _preference(axis: str) -> int | None:
    """Place of an axis in the order of what is cut first; None where it never is."""
    for place, (pattern, cuts) in enumerate(_AXES.items()):
        if fnmatchcase(axis, pattern):
            return place if cuts else None
    raise ValueError(f"There is no rule for cutting parameters along the axis {axis!r}.")


def _cut(shape: tuple[int, ...], preferences: Sequence[int | None], devices: int) -> PartitionSpec:
    fitting = [
        (preference, number)
        for number, preference in enumerate(preferences)
        if preference is not None and shape[number] % devices == 0
    ]
    if prod(shape) < _LARGE or not fitting:
        return PartitionSpec()
    chosen = min(fitting)[1]
    return PartitionSpec(*(DATA if number == chosen else None for number in range(len(shape))))


def _parameter(path: tuple[str, ...], sizes: Mapping[tuple[str, ...], Any]) -> tuple[str, ...] | None:
    """The parameter whose path is the longest end of another path."""
    return next((path[start:] for start in range(len(path)) if path[start:] in sizes), None)


def _name(key: Any) -> str:
    """One step of a path in a tree."""
    for attribute in ("key", "name", "idx"):
        if hasattr(key, attribute):
            return str(getattr(key, attribute))
    return str(key)
