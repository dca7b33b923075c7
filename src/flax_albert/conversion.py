"""A checkpoint of any format -> a directory in one format, with what became of every array."""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from flax_albert import models
from flax_albert.checkpoint import convert
from flax_albert.checkpoint.convert import TreePath
from flax_albert.checkpoint.errors import CheckpointError, listed
from flax_albert.checkpoint.exchange import exchange, staging_in
from flax_albert.checkpoint.formats import Arrays, tensor_bundle
from flax_albert.checkpoint.load import find_weights, read_weights
from flax_albert.checkpoint.save import FORMATS, earlier_files, save, warn_of_other_weights
from flax_albert.checkpoint.variables import explanation, is_training_state, other_model
from flax_albert.config import CONFIG_NAME, AlbertConfig
from flax_albert.hub import Folder, HubOptions, open_folder
from flax_albert.model.parameters import Leaf, expand, nested
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tokenization.files import SENTENCEPIECE_NAMES, TOKENIZER_FILES, WORDPIECE_NAMES

# Of classes that are equally well filled, the first.
CLASSES: dict[str, type[FlaxAlbertPreTrainedModel]] = {
    model.__name__: model
    for model in (
        models.FlaxAlbertForPreTraining,
        models.FlaxAlbertForMaskedLM,
        models.FlaxAlbertForSequenceClassification,
        models.FlaxAlbertForMultipleChoice,
        models.FlaxAlbertForTokenClassification,
        models.FlaxAlbertForQuestionAnswering,
        models.FlaxAlbertModel,
    )
}
DTYPES = ("float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Mapped:
    """An array that became a parameter.

    Attributes:
        source: Its name in the file.
        parameter: The parameter, as ``a/b/c``.
        shape: The shape of the parameter.
        dtype: Its type in the new file.
        transposed: Whether the array lay transposed in the file, as seen from the parameter.
    """

    source: str
    parameter: str
    shape: tuple[int, ...]
    dtype: str
    transposed: bool


@dataclass(frozen=True)
class Skipped:
    """An array that did not.

    Attributes:
        source: Its name in the file.
        shape: Its shape.
        reason: Why it was left out.
    """

    source: str
    shape: tuple[int, ...]
    reason: str


@dataclass(frozen=True)
class Conversion:
    """What was done.

    Attributes:
        source: The file of weights that was read.
        destination: The directory that was written.
        model: The class that the new checkpoint is of.
        mapped: Every parameter and where it came from.
        skipped: Every array that became none.
        written: The names of the files.
        hidden_by: A file of weights that was there already and that ``from_pretrained`` reads instead, if any.
    """

    source: str
    destination: str
    model: str
    mapped: tuple[Mapped, ...]
    skipped: tuple[Skipped, ...]
    written: tuple[str, ...]
    hidden_by: str | None


@dataclass(frozen=True)
class _Filling:
    """A class and its parameters among the arrays of a checkpoint."""

    model: type[FlaxAlbertPreTrainedModel]
    config: AlbertConfig
    leaves: list[Leaf]
    keys: dict[TreePath, tuple[str, bool]]
    missing: list[str]


def convert_checkpoint(
    source: str | os.PathLike[str],
    destination: str | os.PathLike[str],
    *,
    to: str = "safetensors",
    model: str | None = None,
    dtype: str | None = None,
    max_shard_size: int | str = "10GB",
    overwrite: bool = False,
) -> Conversion:
    """Converts a checkpoint: weights, configuration and tokenizer.

    The new checkpoint is of the class that the configuration names, if the weights fill it, and otherwise of the class
    of which they fill most.

    Args:
        source: A directory, a hub id, a file of weights beside its configuration, or the prefix of a TensorFlow
            checkpoint such as ``model.ckpt-best``.
        destination: The directory to write; made if need be.
        to: ``"safetensors"``, ``"msgpack"`` or ``"bin"``.
        model: The name of a class to convert to, such as ``"FlaxAlbertForMultipleChoice"``.
        dtype: The type of the new weights; by default each array keeps its own.
        max_shard_size: The size above which the weights are cut into several files.
        overwrite: Whether files of the destination may be replaced.

    Returns:
        What became of every array.

    Raises:
        OSError: A file is missing or damaged, the weights fill no class, or the destination holds such files already.
        ValueError: An argument or the configuration is impossible, or a shape does not fit.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.conversion import convert_checkpoint
        >>> done = convert_checkpoint(
        ...     "albert-mini-en", pathlib.Path(tempfile.mkdtemp()), to="msgpack", dtype="bfloat16"
        ... )
        >>> done.model, done.mapped[0].source, done.mapped[0].dtype
        ('FlaxAlbertForMaskedLM', 'albert.embeddings.word_embeddings.weight', 'bfloat16')
    """
    for name, value, allowed in (("to", to, FORMATS), ("dtype", dtype, DTYPES), ("model", model, CLASSES)):
        if value is not None and value not in allowed:
            raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}.")
    destination = Path(destination)
    _refuse_to_overwrite(destination, [CONFIG_NAME, FORMATS[to]], overwrite)
    folder, weights = _opened(source)
    config = AlbertConfig.from_pretrained(folder)
    arrays, files = read_weights(weights)
    filling = _chosen(arrays, files, weights, config, model)
    found, report = convert.from_arrays(arrays, files, filling.leaves, ignore_mismatched_sizes=False)
    params = {path: _cast(array, path, dtype) for path, array in found.items()}
    filling.config.name_or_path = ""
    if dtype:
        filling.config.torch_dtype = dtype
    filling.config.architectures = [filling.model.__name__.removeprefix("Flax")]
    with staging_in(destination) as staging:
        save(staging, nested(params), filling.leaves, filling.config, format=to, max_shard_size=max_shard_size)
        _copy_tokenizer(folder, staging)
        written = sorted(path.name for path in staging.iterdir() if path.name != CONFIG_NAME)
        written = [*written, CONFIG_NAME]  # the last to enter: without it nothing is loaded
        _refuse_to_overwrite(destination, written, overwrite)
        stale = [name for name in written if (destination / name).exists()] + earlier_files(destination, FORMATS[to])
        exchange(destination, sorted(set(stale), key=lambda name: name != CONFIG_NAME), staging, written)
    warn_of_other_weights(destination, FORMATS[to])
    mapped = tuple(_mapped(leaf, filling.keys[leaf.path], params[leaf.path]) for leaf in filling.leaves)
    used = {key for key, _ in filling.keys.values()}
    skipped = tuple(_skipped(arrays, used, report.unexpected, filling.model.__name__))
    first = find_weights(destination).name
    return Conversion(
        str(weights),
        str(destination),
        filling.model.__name__,
        mapped,
        skipped,
        tuple(written),
        hidden_by=None if first in written else first,
    )


def _opened(source: str | os.PathLike[str]) -> tuple[Folder, Path]:
    """The folder that holds configuration and tokenizer, and the file of weights."""
    path = Path(source)
    index = path.with_name(path.name + tensor_bundle.SUFFIX)
    prefix = not path.exists() and index.is_file()
    folder = open_folder(index if prefix else source, HubOptions(), or_weights=True)
    return folder, find_weights(folder)


def _chosen(
    arrays: Arrays, files: Mapping[str, Path], weights: Path, config: AlbertConfig, wanted: str | None
) -> _Filling:
    """The class to convert to."""
    other = other_model(arrays)
    if other:
        raise CheckpointError(f"{weights} is no ALBERT that can be converted: {other}.")
    names = [wanted] if wanted else list(CLASSES)
    fillings = [filling for name in names for filling in _fillings(CLASSES[name], arrays, files, config)]
    whole = [filling for filling in fillings if not filling.missing]
    if whole:
        named = {f"Flax{name.removeprefix('Flax').removeprefix('TF')}" for name in config.architectures or ()}
        return max(whole, key=lambda filling: (filling.model.__name__ in named, len(filling.keys)))
    if not fillings:
        raise ValueError(f"{wanted} needs two labels, and the configuration has {config.num_labels}.")
    nearest = max(fillings, key=lambda filling: len(filling.keys) - len(filling.missing))
    if not nearest.keys:
        raise CheckpointError(
            f"{weights} holds no parameter of an ALBERT; its keys are {listed(list(arrays), most=3)}. "
            "Pass the checkpoint of an ALBERT."
        )
    raise CheckpointError(
        f"{weights} lacks these parameters of {nearest.model.__name__}, so nothing was converted: "
        f"{listed(nearest.missing)}. Pass a whole checkpoint, or the class that it is of."
    )


def _fillings(
    model: type[FlaxAlbertPreTrainedModel], arrays: Arrays, files: Mapping[str, Path], config: AlbertConfig
) -> Iterator[_Filling]:
    """How far arrays fill a class, the bare model with a pooler and without."""
    config = copy.deepcopy(config)
    labels = _labels(model, arrays)
    if labels is not None:
        config.num_labels = labels
    settings: list[dict[str, Any]] = [{}]
    if model is models.FlaxAlbertModel:
        settings.append({"add_pooling_layer": False})
    for setting in settings:
        try:
            leaves = expand(model(config, _do_init=False, **setting).module.table_rows, config)
        except ValueError:  # the class does not compute such a configuration
            continue
        keys, _ = convert.recognise(arrays, files, leaves)
        missing = ["/".join(leaf.path) for leaf in leaves if leaf.path not in keys]
        yield _Filling(model, config, leaves, keys, missing)


def _labels(model: type[FlaxAlbertPreTrainedModel], arrays: Arrays) -> int | None:
    """The number of labels by the classifier in the file; ``None`` where it holds none, or they are always the same."""
    if model is models.FlaxAlbertForQuestionAnswering:
        return 2
    if model not in (models.FlaxAlbertForSequenceClassification, models.FlaxAlbertForTokenClassification):
        return None
    biases = [key for key in arrays if key.removeprefix("module/") in ("output_bias", "classifier.bias")]
    biases += [key for key in arrays if key in ("classifier/bias", "classifier/bias:0")]
    shapes = [arrays[key].shape for key in biases]
    return shapes[0][0] if len(shapes) == 1 and len(shapes[0]) == 1 else None


def _cast(array: np.ndarray, path: TreePath, dtype: str | None) -> np.ndarray:
    if dtype is None:
        return array
    with np.errstate(over="ignore"):
        cast = array.astype(jnp.dtype(dtype))
    if not np.isfinite(cast).all():
        raise ValueError(
            f"Parameter {'/'.join(path)} has numbers that {dtype} cannot hold; choose bfloat16 or float32."
        )
    return cast


def _copy_tokenizer(folder: Folder, staging: Path) -> None:
    """Copies the files of the tokenizer, the vocabulary under the name that every program knows."""
    names = [name for name in folder.names() if name in TOKENIZER_FILES]
    directory = folder.fetch(names)
    for known in (SENTENCEPIECE_NAMES, WORDPIECE_NAMES):
        present = [name for name in known if name in names]
        names = [name for name in names if name not in known]
        if present:
            shutil.copyfile(directory / present[0], staging / known[0])
    for name in names:
        shutil.copyfile(directory / name, staging / name)


def _refuse_to_overwrite(destination: Path, names: Sequence[str], overwrite: bool) -> None:
    there = [name for name in names if os.path.lexists(destination / name)]
    if there and not overwrite:
        raise FileExistsError(f"{destination} holds {listed(there)} already, and nothing was written.")


def _mapped(leaf: Leaf, key: tuple[str, bool], array: np.ndarray) -> Mapped:
    source, transposed = key
    return Mapped(source, "/".join(leaf.path), array.shape, array.dtype.name, transposed)


def _skipped(arrays: Arrays, used: set[str], unexpected: Sequence[str], model: str) -> Iterator[Skipped]:
    for name, array in arrays.items():
        if name in used:
            continue
        if is_training_state(name):
            reason = "state of the training"
        elif name in unexpected:
            reason = explanation([name]) or f"{model} has no such parameter"
        else:
            reason = "a copy of a parameter, or a constant"
        yield Skipped(name, array.shape, reason)
