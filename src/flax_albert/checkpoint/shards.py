"""Checkpoints cut into several files: the index that names them, and the plan that cuts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from flax_albert.checkpoint import formats
from flax_albert.checkpoint.errors import CheckpointError, listed
from flax_albert.checkpoint.formats.mapped import map_file

INDEX_SUFFIX = ".index.json"
_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


def read(index: Path) -> tuple[formats.Arrays, dict[str, Path]]:
    """Reads every shard that an index names.

    Args:
        index: An index file, such as ``model.safetensors.index.json``.

    Returns:
        The arrays of all shards by name, and the file that each came from.

    Raises:
        CheckpointError: The index or a shard is missing, damaged, or names what it should not.
    """
    weight_map = _weight_map(index)
    shards = [index.parent / name for name in sorted(set(weight_map.values()))]
    absent = [shard.name for shard in shards if not shard.exists()]
    if absent:
        raise CheckpointError(f"{index} names files that are not beside it: {listed(absent)}. Fetch them too.")
    arrays: formats.Arrays = {}
    files: dict[str, Path] = {}
    for shard in shards:
        for name, array in formats.read(shard).items():
            if weight_map.get(name, shard.name) == shard.name:
                arrays[name], files[name] = array, shard
    lost = [name for name, shard in weight_map.items() if files.get(name) != index.parent / shard]
    if lost:
        raise CheckpointError(
            f"{index.parent / weight_map[lost[0]]} lacks what {index.name} says it holds: {listed(lost, most=3)}. "
            "Get a fresh copy of both."
        )
    return arrays, files


def named_in(index: Path) -> list[str]:
    """The names of the shards that an index names.

    Args:
        index: An index file.

    Returns:
        Plain names of files beside it, sorted.

    Raises:
        CheckpointError: The index is missing, damaged, or names what it should not.
    """
    return sorted(set(_weight_map(index).values()))


def _weight_map(index: Path) -> dict[str, str]:
    """Which file holds which array; every file a plain name beside the index, of the format that the index is for."""
    suffix = PurePosixPath(index.name.removesuffix(INDEX_SUFFIX)).suffix
    try:
        content = json.loads(bytes(map_file(index)))
    except OSError as error:
        raise CheckpointError(f"{index} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{index} is damaged or not an index of shards ({error}). Get a fresh copy of it."
        ) from error
    weight_map = content.get("weight_map") if isinstance(content, dict) else None
    if not isinstance(weight_map, dict) or not weight_map:
        raise CheckpointError(
            f"{index} is damaged or not an index of shards: it has no weight_map. Get a fresh copy of it."
        )
    keras = suffix == ".h5"
    for name in weight_map.values():
        # An index must not be able to have other files of the machine read.
        plain = isinstance(name, str) and re.fullmatch(rf"[^/\\:]{{1,200}}{re.escape(suffix)}", name)
        if not plain or not name.isprintable():
            raise CheckpointError(
                f"{index} names {str(name)[:80]!r}, which is not a {suffix} file beside it. Get a fresh copy of it."
            )
    # Keras's index gives names that begin with the model's; the shards and every other file leave it out.
    return {name.partition("/")[2] or name: shard for name, shard in weight_map.items()} if keras else weight_map


def plan(arrays: Mapping[str, np.ndarray], max_shard_size: int | str) -> list[list[str]]:
    """Cuts arrays into shards, in their order, none larger than a limit unless a single array is.

    Args:
        arrays: The arrays by name.
        max_shard_size: The limit in bytes, or as text such as ``"500MB"`` or ``"2GiB"``.

    Returns:
        The names in each shard.

    Raises:
        ValueError: The limit cannot be understood or is not positive.

    Example:
        >>> import numpy as np
        >>> from flax_albert.checkpoint import shards
        >>> shards.plan({name: np.zeros(10, "float32") for name in "abc"}, 80)
        [['a', 'b'], ['c']]
    """
    limit = _parse_size(max_shard_size)
    cut: list[list[str]] = [[]]
    size = 0
    for name, array in arrays.items():
        if cut[-1] and size + array.nbytes > limit:
            cut.append([])
            size = 0
        cut[-1].append(name)
        size += array.nbytes
    return cut


def file_names(name: str, count: int) -> list[str]:
    """The names of shards, in the numbering that transformers introduced.

    Args:
        name: The name that one file would have.
        count: The number of shards.

    Returns:
        ``[name]`` for one shard, else ``stem-00001-of-00002.suffix`` and so on.
    """
    if count == 1:
        return [name]
    path = PurePosixPath(name)
    return [f"{path.stem}-{number:05d}-of-{count:05d}{path.suffix}" for number in range(1, count + 1)]


def index_text(arrays: Mapping[str, np.ndarray], weight_map: Mapping[str, str]) -> str:
    """The text of an index file.

    Args:
        arrays: All arrays by name.
        weight_map: The file that each is in.

    Returns:
        JSON with sorted keys.
    """
    total_size = sum(array.nbytes for array in arrays.values())
    index = {"metadata": {"total_size": total_size}, "weight_map": dict(weight_map)}
    return json.dumps(index, indent=2, sort_keys=True) + "\n"


def _parse_size(size: int | str) -> int:
    parsed = re.fullmatch(r"\s*(\d+)\s*([A-Za-z]*)\s*", str(size))
    if not parsed or parsed[2].upper() not in _UNITS or not int(parsed[1]):
        raise ValueError(f'max_shard_size must be a number of bytes or a text such as "500MB" or "2GiB", got {size!r}.')
    return int(parsed[1]) * _UNITS[parsed[2].upper()]
