"""Which weights there are, and what their tensors are in terms of the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from flax_albert.checkpoint import candidates
from flax_albert.checkpoint.convert import TreePath, recognise
from flax_albert.checkpoint.errors import CheckpointError
from flax_albert.checkpoint.load import find_weights, read_weights
from flax_albert.checkpoint.variables import other_model
from flax_albert.config import AlbertConfig
from flax_albert.hub import Folder
from flax_albert.model import parameters as table
from flax_albert.model.parameters import Leaf

# Every parameter of any class, once.
_ROWS = (
    *table.under("albert", table.BACKBONE + table.POOLER),
    *table.under("predictions", table.PREDICTIONS + table.UNTIED_DECODER),
    *table.under("sop_classifier", table.SENTENCE_ORDER),
    *table.SEQUENCE_CLASSIFIER,
    *table.SPAN,
)
_GROUPS = ("albert", "encoder", "albert_layer_groups")
_MOST_LAYERS = 512  # with parameters of their own; a file with more is hostile
_MOST_INNER = 64

# The key of the configuration that gives the size of an axis.
_KEYS = {
    "vocab": "vocab_size",
    "embedding": "embedding_size",
    "hidden": "hidden_size",
    "heads": "hidden_size",
    "pooled": "hidden_size",
    "intermediate": "intermediate_size",
    "position": "max_position_embeddings",
    "segment": "type_vocab_size",
    "label": "num_labels",
}


@dataclass(frozen=True)
class Opened:
    """The weights of one format.

    Attributes:
        path: The file, or the index of its shards.
        arrays: Its arrays by name; where the format allows, they stay in the file until they are looked at.
        files: The file of each.
        error: Why it cannot be read, in the loader's words, or nothing.
    """

    path: Path
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Census:
    """The parameters among the arrays of a file.

    Attributes:
        arrays: Each parameter as it lies in a tree of ours.
        keys: Its name in the file.
        leaves: Its entry of the table; of the shapes there nothing holds here.
        unexpected: Names in the file that are no parameter of any class.
    """

    arrays: dict[TreePath, np.ndarray]
    keys: dict[TreePath, str]
    leaves: dict[TreePath, Leaf]
    unexpected: tuple[str, ...]

    def has(self, *path: str) -> bool:
        """Whether there is a parameter below a path."""
        return any(found[: len(path)] == path for found in self.arrays)

    def groups(self) -> tuple[int, int]:
        """Number of groups, and of layers in a group; 0 where there are none."""
        found = [path for path in self.arrays if path[: len(_GROUPS)] == _GROUPS]
        at = len(_GROUPS)
        return (
            max((int(path[at]) + 1 for path in found), default=0),
            max((int(path[at + 2]) + 1 for path in found), default=0),
        )

    def sizes_of(self, path: TreePath) -> list[tuple[str, int]]:
        """Keys of a configuration that the shape of one array shows."""
        axes, shape = self.leaves[path].axes, self.arrays[path].shape
        return [(_KEYS[axis], size) for axis, size in zip(axes, shape, strict=False) if axis in _KEYS]

    def sizes(self) -> dict[str, int]:
        """Keys of a configuration that the shapes show, each as most of the arrays have it."""
        votes: dict[str, Counter[int]] = {}
        for path in self.arrays:
            for key, size in self.sizes_of(path):
                votes.setdefault(key, Counter())[size] += 1
        sizes = {key: counter.most_common(1)[0][0] for key, counter in votes.items()}
        groups, inner = self.groups()
        return sizes | ({"num_hidden_groups": groups, "inner_group_num": inner} if groups else {})


def open_weights(folder: Folder) -> list[Opened]:
    """Opens the weights of a folder, in the order in which loading looks for them.

    Of a repository on the hub only those are downloaded that loading would read, and what a cache holds already.

    Args:
        folder: The folder.

    Returns:
        One entry a format; one that cannot be read holds the reason and nothing else.

    Raises:
        OSError: The folder cannot be read.
    """
    present = candidates.present(folder.names())
    if not present:
        return []
    name, preferred = present[0]
    try:
        first = find_weights(folder)
    except OSError as error:
        return [Opened(Path(name), error=str(error))]
    # Several of one format are several moments of one training.
    others = [first.parent / name for name, candidate in present if candidate is not preferred]
    return [_open(path) for path in (first, *others) if path.exists()]


def _open(path: Path) -> Opened:
    try:
        arrays, files = read_weights(path)
    except CheckpointError as error:
        return Opened(path, error=str(error))
    other = other_model(arrays)
    if other:
        return Opened(path, error=f"{path} is no ALBERT that can be loaded: {other}.")
    return Opened(path, arrays, files)


def take_census(weights: Opened) -> Census:
    """Finds out what each array is.

    Args:
        weights: The weights.

    Returns:
        The parameters, of whatever head and however many groups.

    Raises:
        CheckpointError: A parameter is held twice.
    """
    most_groups = most_inner = 2
    while True:
        census = _census(weights, most_groups, most_inner)
        groups, inner = census.groups()
        if groups < most_groups and inner < most_inner:
            return census
        # The last one looked for is there, so there may be more.
        most_groups *= 2 if groups == most_groups else 1
        most_inner *= 2 if inner == most_inner else 1
        if most_inner > _MOST_INNER or most_groups * most_inner > _MOST_LAYERS:
            return census


def _census(weights: Opened, most_groups: int, most_inner: int) -> Census:
    leaves = {leaf.path: leaf for leaf in _leaves(most_groups, most_inner)}
    keys, unexpected = recognise(weights.arrays, weights.files, list(leaves.values()))
    arrays = {path: weights.arrays[key].T if turned else weights.arrays[key] for path, (key, turned) in keys.items()}
    return Census(arrays, {path: key for path, (key, _) in keys.items()}, leaves, tuple(unexpected))


def _leaves(groups: int, inner: int) -> Iterable[Leaf]:
    smallest: dict[str, Any] = dict.fromkeys(("vocab_size", "embedding_size", "hidden_size", "intermediate_size"), 1)
    layers: dict[str, Any] = {"num_hidden_layers": groups, "num_hidden_groups": groups, "inner_group_num": inner}
    return table.expand(_ROWS, AlbertConfig(**smallest, **layers, num_attention_heads=1))
