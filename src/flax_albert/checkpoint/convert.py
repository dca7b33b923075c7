"""Flat dictionaries of arrays <-> parameter trees, through the table of ``flax_albert.model.parameters``.

The names in a file may be PyTorch's or flax's, with or without the backbone's prefix, those of Google's TensorFlow
programs, or Keras's, which end in ``:0``. Each key is recognised by itself, so a base checkpoint loads into any head
and a head's checkpoint into the base without a case for either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from flax_albert.checkpoint.errors import CheckpointError, listed
from flax_albert.checkpoint.variables import is_training_state
from flax_albert.model.parameters import KERAS_COPIES, TORCH_TIED_COPIES, Leaf

LAYOUTS = ("pytorch", "flax")
TreePath = tuple[str, ...]

_PREFIX = "albert."
_KERAS_PREFIX = "albert/"
_KERAS_SUFFIX = ":0"
_HUB_PREFIX = "module/"  # before the variables of a TensorFlow Hub module
# Constants that PyTorch's embeddings keep beside their parameters.
_BUFFERS = ("embeddings.position_ids", "embeddings.token_type_ids")
# Names of a layer norm's leaves in files older than transformers 2.
_OLD_NAMES = {"gamma": "weight", "beta": "bias"}
_COPIES = TORCH_TIED_COPIES | {
    name + _KERAS_SUFFIX: original + _KERAS_SUFFIX for name, original in KERAS_COPIES.items()
}


@dataclass(frozen=True)
class Mismatch:
    """An array of another shape than the model's.

    Attributes:
        key: Its name in the file.
        found: Its shape, as this library would lay it out.
        expected: The model's shape.
    """

    key: str
    found: tuple[int, ...]
    expected: tuple[int, ...]


@dataclass(frozen=True)
class LoadReport:
    """What did not fit when a checkpoint met a model.

    Attributes:
        missing: Parameters of the model that the file does not hold, as ``a/b/c``.
        unexpected: Keys of the file that the model has no parameter for.
        mismatched: Arrays of other shapes than the model's, which were left out.
        skipped: Keys that are no parameters of any model: the state of an optimizer, counters of training.
    """

    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    mismatched: tuple[Mismatch, ...]
    skipped: tuple[str, ...] = ()


def from_arrays(
    arrays: Mapping[str, np.ndarray],
    files: Mapping[str, Path],
    leaves: Sequence[Leaf],
    *,
    ignore_mismatched_sizes: bool,
) -> tuple[dict[TreePath, np.ndarray], LoadReport]:
    """Finds each parameter of a model among the arrays of a checkpoint.

    Args:
        arrays: The arrays by their names in the files.
        files: The file of each, for messages.
        leaves: The parameters of the model.
        ignore_mismatched_sizes: Whether an array of another shape is left out instead of an error.

    Returns:
        The parameters found, by tree path, in memory of their own and in the file's precision; and the report.

    Raises:
        ValueError: A shape differs from the model's.
        CheckpointError: A parameter is held twice, is not of floating point, or is not finite.
    """
    keys, unexpected = recognise(arrays, files, leaves)
    found: dict[TreePath, np.ndarray] = {}
    mismatched = []
    for leaf in leaves:
        if leaf.path not in keys:
            continue
        key, transposed = keys[leaf.path]
        array = arrays[key].T if transposed else arrays[key]
        if array.shape == leaf.shape:
            found[leaf.path] = _owned(array, key, files[key])
        elif ignore_mismatched_sizes:
            mismatched.append(Mismatch(key, array.shape, leaf.shape))
        else:
            raise ValueError(
                f"{files[key]}: {key[:80]!r} has the shape {array.shape}, and the model's {'/'.join(leaf.path)} has "
                f"{leaf.shape} (both as laid out here). Pass ignore_mismatched_sizes=True to load the rest without it."
            )
    missing = tuple("/".join(leaf.path) for leaf in leaves if leaf.path not in keys)
    skipped = tuple(key for key in arrays if is_training_state(key))
    return found, LoadReport(missing, tuple(unexpected), tuple(mismatched), skipped)


def to_arrays(params: Mapping[str, Any], leaves: Sequence[Leaf], layout: str) -> dict[str, np.ndarray]:
    """Names and lays out a parameter tree as a file holds it.

    Args:
        params: The parameter tree.
        leaves: The parameters that it must consist of.
        layout: ``"pytorch"`` for PyTorch's names and transposed kernels, ``"flax"`` for paths joined with ``/``.

    Returns:
        The arrays by name, in table order.

    Raises:
        ValueError: The tree is not the model's or holds NaN or infinity, or there is no such layout.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"layout must be one of {', '.join(LAYOUTS)}, got {layout!r}.")
    flat = dict(_flat(params, ()))
    expected = {leaf.path: leaf for leaf in leaves}
    if flat.keys() != expected.keys():
        missing = listed(sorted("/".join(path) for path in expected.keys() - flat.keys())) or "none"
        unexpected = listed(sorted("/".join(path) for path in flat.keys() - expected.keys())) or "none"
        raise ValueError(f"These are not the parameters of this model: missing {missing}, unexpected {unexpected}.")
    arrays = {}
    for path, leaf in expected.items():
        array = np.asarray(flat[path])
        if array.shape != leaf.shape:
            raise ValueError(
                f"Parameter {'/'.join(path)} has the shape {array.shape} and not the model's {leaf.shape}."
            )
        if not np.isfinite(array).all():
            raise ValueError(f"Parameter {'/'.join(path)} holds NaN or infinity: such a model cannot be saved.")
        if layout == "pytorch":
            arrays[leaf.torch_name] = array.T if leaf.torch_transposed else array
        else:
            arrays["/".join(path)] = array
    return arrays


def recognise(
    arrays: Mapping[str, np.ndarray], files: Mapping[str, Path], leaves: Sequence[Leaf]
) -> tuple[dict[TreePath, tuple[str, bool]], list[str]]:
    """Tells which array of a checkpoint is which parameter, by name alone.

    Args:
        arrays: The arrays by their names in the files.
        files: The file of each, for messages.
        leaves: The parameters to look for.

    Returns:
        For each parameter that is there, its key and whether it lies transposed; and the keys that are none of them,
        but for the state of an optimizer.

    Raises:
        CheckpointError: A parameter is held twice.

    Example:
        >>> import pathlib
        >>> import numpy as np
        >>> from flax_albert.checkpoint.convert import recognise
        >>> from flax_albert.config import AlbertConfig
        >>> from flax_albert.model.parameters import SENTENCE_ORDER, expand
        >>> arrays = {"classifier.weight": np.zeros((2, 4)), "other": np.zeros(3)}
        >>> files = dict.fromkeys(arrays, pathlib.Path("model.safetensors"))
        >>> recognise(arrays, files, expand(SENTENCE_ORDER, AlbertConfig()))
        ({('classifier', 'kernel'): ('classifier.weight', True)}, ['other'])
    """
    targets = _targets(leaves)
    keys: dict[TreePath, tuple[str, bool]] = {}
    left_over = []
    for key in arrays:
        target = _target(key, targets)
        if target is None:
            left_over.append(key)
            continue
        path, transposed = target
        if path in keys:
            raise CheckpointError(
                f"{files[key]} holds {'/'.join(path)} twice, as {keys[path][0]!r} and as {key!r}. "
                "Leave out one of them."
            )
        keys[path] = (key, transposed)
    unexpected = []
    for key in left_over:
        name = _bare(key)
        copied = _target(_COPIES.get(name, ""), targets)
        if copied is not None:
            # Some writers keep only the copy of what is tied; where both are kept, they say the same.
            if copied[0] not in keys:
                keys[copied[0]] = (key, copied[1])
            elif not np.array_equal(arrays[keys[copied[0]][0]], arrays[key]):
                unexpected.append(key)
        elif name not in _BUFFERS and not is_training_state(key):
            unexpected.append(key)
    return keys, unexpected


def _targets(leaves: Sequence[Leaf]) -> dict[str, tuple[TreePath, bool]]:
    """The parameter, and whether it lies transposed, for every name that a file may have for it."""
    targets = {".".join(leaf.path): (leaf.path, False) for leaf in leaves}
    targets |= {leaf.torch_name: (leaf.path, leaf.torch_transposed) for leaf in leaves}
    targets |= {
        leaf.tensorflow_name: (leaf.path, leaf.tensorflow_transposed) for leaf in leaves if leaf.tensorflow_name
    }
    targets |= {name + _KERAS_SUFFIX: (leaf.path, False) for leaf in leaves for name in leaf.keras_names}
    return targets


def _target(key: str, targets: Mapping[str, tuple[TreePath, bool]]) -> tuple[TreePath, bool] | None:
    return next((targets[name] for name in _spellings(key) if name in targets), None)


def _spellings(key: str) -> Iterator[str]:
    """The names that a key may be meant for."""
    if key.endswith(_KERAS_SUFFIX):
        name, prefix = key, _KERAS_PREFIX
    else:
        yield key.removeprefix(_HUB_PREFIX)
        name, prefix = _modern(key), _PREFIX
    yield from (name, prefix + name, name.removeprefix(prefix))


def _bare(key: str) -> str:
    """A key in today's spelling and without the backbone's prefix."""
    return key.removeprefix(_KERAS_PREFIX) if key.endswith(_KERAS_SUFFIX) else _modern(key).removeprefix(_PREFIX)


def _modern(key: str) -> str:
    """A key in today's spelling, joined with dots."""
    *module, leaf = key.replace("/", ".").split(".")
    return ".".join([*module, _OLD_NAMES.get(leaf, leaf)])


def _owned(array: np.ndarray, key: str, file: Path) -> np.ndarray:
    """The array in memory of its own, in a precision that jax has, known to be finite."""
    if not jax.dtypes.issubdtype(array.dtype, np.floating):
        raise CheckpointError(
            f"{file}: {key[:80]!r} has the dtype {array.dtype}, and weights are floating-point numbers. "
            "Convert them first."
        )
    with np.errstate(over="ignore"):  # what overflows becomes infinity and is refused in the next line
        owned = np.array(array, dtype=jax.dtypes.canonicalize_dtype(array.dtype), order="C")
    if not np.isfinite(owned).all():
        raise CheckpointError(
            f"{file}: {key[:80]!r} holds NaN or infinity, so the model would answer nothing but NaN. "
            "Use another checkpoint."
        )
    return owned


def _flat(tree: Mapping[str, Any], path: TreePath) -> Iterator[tuple[TreePath, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, (*path, key))
        else:
            yield (*path, key), value
