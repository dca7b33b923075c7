"""A directory of weights -> the parameters of a model."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from flax_albert.checkpoint import candidates, convert, formats, shards
from flax_albert.checkpoint.convert import LoadReport
from flax_albert.checkpoint.errors import CheckpointError, listed
from flax_albert.checkpoint.variables import explanation, other_model, with_projection
from flax_albert.hub import Folder, LocalFolder
from flax_albert.model.parameters import Leaf, nested

_logger = logging.getLogger("flax_albert.checkpoint")


def load(
    folder: str | os.PathLike[str] | Folder,
    leaves: Sequence[Leaf],
    initial: Callable[[], Mapping[str, Any]] | None,
    *,
    from_pt: bool = False,
    ignore_mismatched_sizes: bool = False,
    model_name: str = "the model",
) -> tuple[dict[str, Any], LoadReport]:
    """Loads the parameters of a model from a folder, in whatever format they lie there.

    Looked for in this order, each whole or as shards with an index: ``model.safetensors``, ``flax_model.msgpack``,
    ``pytorch_model.bin``, ``tf_model.h5``; then a TensorFlow checkpoint, such as ``model.ckpt-best.index`` with its
    data files, the one that the file ``checkpoint`` names where there are several. Names of parameters may be
    PyTorch's, flax's, Keras's or those of Google's programs, and the checkpoint that of another head or of none. What
    did not fit is logged as warnings and returned; parameters in half precision are pointed out likewise.

    Args:
        folder: The directory, or a folder that may lie on the hub.
        leaves: The parameters of the model, expanded from the table.
        initial: Gives a freshly initialised parameter tree, from which missing and mismatched parameters are taken;
            called only where there are any. ``None`` leaves them out of the tree.
        from_pt: Whether to look for files that PyTorch writes only.
        ignore_mismatched_sizes: Whether arrays of other shapes than the model's are left out instead of an error.
        model_name: The model's name in messages.

    Returns:
        The parameter tree, each array in the precision of the file; and the report of what did not fit.

    Raises:
        CheckpointError: There are no weights, or a file cannot be used.
        ValueError: An array has another shape than the model's.

    Example:
        >>> import tempfile
        >>> import jax.numpy as jnp
        >>> from flax_albert.config import AlbertConfig
        >>> from flax_albert.checkpoint.load import load
        >>> from flax_albert.checkpoint.save import save
        >>> from flax_albert.model.parameters import SENTENCE_ORDER, expand
        >>> config = AlbertConfig(hidden_size=64, vocab_size=10)
        >>> leaves, directory = expand(SENTENCE_ORDER, config), tempfile.mkdtemp()
        >>> params = {"classifier": {"kernel": jnp.ones((64, 2)), "bias": jnp.zeros(2)}}
        >>> save(directory, params, leaves, config)
        >>> loaded, report = load(directory, leaves, initial=None)
        >>> loaded["classifier"]["kernel"].shape, report.missing
        ((64, 2), ())
    """
    path = find_weights(folder if isinstance(folder, Folder) else Path(folder), from_pt=from_pt)
    arrays, files = read_weights(path)
    other = other_model(arrays)
    if other:
        raise CheckpointError(f"{path} is no ALBERT that can be loaded: {other}.")
    found, report = convert.from_arrays(arrays, files, leaves, ignore_mismatched_sizes=ignore_mismatched_sizes)
    if len(report.missing) == len(leaves):
        raise CheckpointError(
            f"{path} holds no parameter of an ALBERT; its keys are {listed(list(arrays), most=3)}. "
            "Pass the checkpoint of an ALBERT."
        )
    _log(report, model_name, path, filled=initial is not None)
    _log_half_precision(found, path)
    params: dict[convert.TreePath, Any] = jax.device_put(found)
    if initial is not None and len(params) < len(leaves):
        fresh = initial()
        params = {leaf.path: params[leaf.path] if leaf.path in params else _at(fresh, leaf.path) for leaf in leaves}
    return nested(params), report


def find_weights(folder: Path | Folder, *, from_pt: bool = False) -> Path:
    """The file of weights in a folder, or the index of its shards; from the hub it is downloaded, shards and all.

    Args:
        folder: A directory, or a folder that may lie on the hub.
        from_pt: Whether to look for files that PyTorch writes only.

    Returns:
        The first there is, in the order that ``load`` documents, or the one that the user chose.

    Raises:
        CheckpointError: There is none; the message says what was looked for and what is there.
        OSError: It cannot be downloaded.
    """
    folder = LocalFolder(folder) if isinstance(folder, Path) else folder
    if isinstance(folder, LocalFolder) and folder.weights is not None:
        return folder.directory / folder.weights
    names = _names_in(folder)
    found = candidates.present(names, from_pt=from_pt)
    if not found:
        looked_for = ", ".join(candidate.pattern for candidate in candidates.candidates(from_pt=from_pt))
        raise CheckpointError(folder.lacks("weights", looked_for))
    name, candidate = found[0]
    rivals = [other for other, its_candidate in found if its_candidate is candidate]
    if len(rivals) > 1:
        name = candidates.last_saved(folder.fetch_present([candidates.TENSORFLOW_STATE]), rivals)
    path = folder.fetch([name]) / name
    if not isinstance(folder, LocalFolder):  # which parts a directory lacks, the reader says
        folder.fetch(candidate.parts(path, names))
    return path


def read_weights(path: Path) -> tuple[formats.Arrays, dict[str, Path]]:
    """Reads every array of a file of weights, or of the shards that an index names.

    Args:
        path: One of those that :func:`find_weights` returns, or that lie beside it.

    Returns:
        The arrays by their names in the files, as :func:`flax_albert.checkpoint.formats.read` gives them, with the
        projection that Google's programs leave out where it would be the identity; and the file of each.

    Raises:
        CheckpointError: A file cannot be read, is damaged, or holds something else than arrays.
    """
    if path.name.endswith(shards.INDEX_SUFFIX):
        return shards.read(path)
    arrays = with_projection(formats.read(path))
    return arrays, dict.fromkeys(arrays, path)


def _names_in(folder: Folder) -> list[str]:
    try:
        return folder.names()
    except OSError as error:
        raise CheckpointError(str(error)) from error.__cause__


def _log(report: LoadReport, model_name: str, path: Path, *, filled: bool) -> None:
    if report.unexpected:
        told = explanation(report.unexpected)
        _logger.log(
            logging.WARNING if told else logging.INFO,  # most files hold some head that a task has no use for
            "%s: %s has no use for these weights: %s. %s",
            path,
            model_name,
            listed(report.unexpected),
            told or "That is as it should be where the file comes from another task.",
        )
    fate = "newly initialised; train the model before you use it" if filled else "left out of the parameters"
    if report.missing:
        _logger.warning(
            "%s lacks these parameters of %s, which are %s: %s.", path, model_name, fate, listed(report.missing)
        )
    if report.mismatched:
        shapes = [f"{item.key}: {item.found}, not {item.expected}" for item in report.mismatched]
        _logger.warning(
            "%s: the shapes did not match those of %s for these, which are %s: %s.",
            path,
            model_name,
            fate,
            listed(shapes),
        )


def _log_half_precision(found: Mapping[convert.TreePath, np.ndarray], path: Path) -> None:
    kinds = [array.dtype.name for array in found.values() if array.dtype.itemsize < np.dtype(np.float32).itemsize]
    if kinds:
        _logger.warning(
            "%s: %d of %d parameters are in half precision (%s) and stay so; model.to_fp32(params) converts them to "
            "float32.",
            path,
            len(kinds),
            len(found),
            ", ".join(sorted(set(kinds))),
        )


def _at(tree: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    node: Any = tree
    for key in path:
        node = node[key]
    return node
