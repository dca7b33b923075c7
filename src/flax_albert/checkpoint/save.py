"""The parameters of a model -> a directory of weights and its ``config.json``."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flax_albert.checkpoint import convert, formats, shards
from flax_albert.checkpoint.load import MSGPACK_NAME, SAFETENSORS_NAME, find_weights
from flax_albert.config import CONFIG_NAME, AlbertConfig
from flax_albert.model.parameters import Leaf

FORMATS = {"safetensors": SAFETENSORS_NAME, "msgpack": MSGPACK_NAME}

_logger = logging.getLogger("flax_albert.checkpoint")


def save(
    directory: str | os.PathLike[str],
    params: Mapping[str, Any],
    leaves: Sequence[Leaf],
    config: AlbertConfig,
    *,
    format: str = "safetensors",  # noqa: A002  (the word of the trade)
    layout: str = "pytorch",
    max_shard_size: int | str = "10GB",
) -> None:
    """Saves parameters and configuration, whole or not at all.

    Everything is written under temporary names first, so a full disk or a crash while writing leaves an earlier
    checkpoint as it was. Shards and indexes of an earlier save in the same format are removed.

    Args:
        directory: Where to save; made if need be.
        params: The parameter tree.
        leaves: The parameters of the model, expanded from the table.
        config: Becomes ``config.json``.
        format: ``"safetensors"``, or ``"msgpack"`` for what flax's own serialisation reads.
        layout: For safetensors, ``"pytorch"`` names, which PyTorch's classes load, or ``"flax"`` names; msgpack is
            always in flax's.
        max_shard_size: The size above which the weights are cut into several files, in bytes or as ``"500MB"``.

    Raises:
        OSError: The directory cannot be written.
        ValueError: The parameters are not the model's or not finite, or an argument is impossible.

    Example:
        >>> import pathlib, tempfile
        >>> import jax.numpy as jnp
        >>> from flax_albert.checkpoint.save import save
        >>> from flax_albert.config import AlbertConfig
        >>> from flax_albert.model.parameters import SENTENCE_ORDER, expand
        >>> config = AlbertConfig(hidden_size=64, vocab_size=10)
        >>> params = {"classifier": {"kernel": jnp.ones((64, 2)), "bias": jnp.zeros(2)}}
        >>> directory = pathlib.Path(tempfile.mkdtemp())
        >>> save(directory, params, expand(SENTENCE_ORDER, config), config, max_shard_size=256)
        >>> sorted(path.name for path in directory.glob("*.safetensors"))
        ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']
    """
    directory = Path(directory)
    if format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}.")
    name = FORMATS[format]
    arrays = convert.to_arrays(params, leaves, "flax" if format == "msgpack" else layout)
    if format == "safetensors" and layout == "flax":
        arrays = {key.replace("/", "."): array for key, array in arrays.items()}
    cut = shards.plan(arrays, max_shard_size)
    names = shards.file_names(name, len(cut))

    made = _make_directory(directory)
    staging = Path(tempfile.mkdtemp(prefix=".saving-", dir=directory))
    try:
        for shard, keys in zip(names, cut, strict=True):
            tensors = {key: arrays[key] for key in keys}
            formats.write(staging / shard, tensors, {"format": "pt" if layout == "pytorch" else "flax"})
        if len(cut) > 1:
            weight_map = {key: shard for shard, keys in zip(names, cut, strict=True) for key in keys}
            names.append(name + shards.INDEX_SUFFIX)
            (staging / names[-1]).write_text(shards.index_text(arrays, weight_map), encoding="utf-8")
        names.append(CONFIG_NAME)
        (staging / CONFIG_NAME).write_text(config.to_json_string(), encoding="utf-8")
        for written in names:
            # The safetensors library keeps its files private; they are to be as readable as the others.
            shutil.copymode(staging / CONFIG_NAME, staging / written)
            _flush_to_disk(staging / written)
        # The index comes after its shards: until it is there, the earlier checkpoint is the one that is found.
        for written in names:
            (staging / written).replace(directory / written)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        if made:
            with contextlib.suppress(OSError):
                directory.rmdir()
        raise
    staging.rmdir()
    _remove_stale(directory, name, keep=names)
    read_first = find_weights(directory)
    if read_first.name not in names:
        _logger.warning("%s was there already, and it is loaded before what was saved now: %s.", read_first, name)


def _make_directory(directory: Path) -> bool:
    """Makes the directory where there is none; tells whether it did."""
    if directory.is_dir():
        return False
    if directory.exists():
        raise NotADirectoryError(f"{directory} is a file; pass the directory to save in.")
    directory.mkdir(parents=True)
    return True


def _flush_to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _remove_stale(directory: Path, name: str, keep: Sequence[str]) -> None:
    stem, suffix = name.split(".")
    of_earlier_save = re.compile(rf"{stem}(-\d{{5}}-of-\d{{5}})?\.{suffix}({re.escape(shards.INDEX_SUFFIX)})?")
    for present in directory.iterdir():
        if of_earlier_save.fullmatch(present.name) and present.name not in keep:
            present.unlink()
