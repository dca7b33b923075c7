"""The parameters of a model -> a directory of weights and its ``config.json``."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flax_albert.checkpoint import candidates, convert, formats, shards
from flax_albert.checkpoint.candidates import MSGPACK_NAME, SAFETENSORS_NAME, TORCH_NAME
from flax_albert.checkpoint.exchange import exchange, staging_in
from flax_albert.checkpoint.load import find_weights
from flax_albert.config import CONFIG_NAME, AlbertConfig
from flax_albert.model.parameters import Leaf

FORMATS = {"safetensors": SAFETENSORS_NAME, "msgpack": MSGPACK_NAME, "bin": TORCH_NAME}
_ONLY_LAYOUTS = {"msgpack": "flax", "bin": "pytorch"}

# Who loads the weights of a format although those of another one, which flax-albert prefers, lie beside them.
_READ_INSTEAD = {
    SAFETENSORS_NAME: "PyTorch's transformers",
    MSGPACK_NAME: "Flax in transformers 4.37",
    TORCH_NAME: "Flax in transformers 4.37 with from_pt=True",
}

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
    """Saves parameters and configuration; an interruption never leaves a mixture of two checkpoints to be loaded.

    Everything is written under temporary names first, so a full disk or a crash while writing leaves an earlier
    checkpoint as it was. Then the files are renamed. One file of weights with the configuration that is there already
    takes its place at one stroke. Otherwise ``config.json`` and the earlier files step aside while the new ones move
    in: a failure puts them back, and if the process is killed in these moments, loading says that ``config.json`` is
    missing, and the earlier files lie in a directory ``.earlier-...`` beside the new ones. Shards and indexes of an
    earlier save in the same format are removed; weights in another format stay, with a warning.

    Args:
        directory: Where to save; made if need be.
        params: The parameter tree.
        leaves: The parameters of the model, expanded from the table.
        config: Becomes ``config.json``.
        format: ``"safetensors"``, ``"msgpack"`` for what flax's own serialisation reads, or ``"bin"`` for what
            ``torch.load`` reads.
        layout: For safetensors, ``"pytorch"`` names, which PyTorch's classes load, or ``"flax"`` names; msgpack is
            always in flax's, bin in PyTorch's.
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
    arrays = convert.to_arrays(params, leaves, _ONLY_LAYOUTS.get(format, layout))
    if format == "safetensors" and layout == "flax":
        arrays = {key.replace("/", "."): array for key, array in arrays.items()}
    cut = shards.plan(arrays, max_shard_size)
    names = shards.file_names(name, len(cut))

    with staging_in(directory) as staging:
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
        earlier = earlier_files(directory, name)
        if len(cut) == 1 and _same_content(staging / CONFIG_NAME, directory / CONFIG_NAME):
            # Found before any index, so from this moment the new weights count.
            (staging / name).replace(directory / name)
        else:
            exchange(directory, [CONFIG_NAME, *earlier] if _there(directory / CONFIG_NAME) else earlier, staging, names)
    for stale in earlier:
        if stale not in names:
            (directory / stale).unlink(missing_ok=True)
    warn_of_other_weights(directory, name)


def _flush_to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def earlier_files(directory: Path, name: str) -> list[str]:
    """The weights of an earlier save in this format.

    Args:
        directory: Where to look.
        name: The name that one file of weights has in this format.

    Returns:
        Names: what is looked for first, the index before the shards.
    """
    return candidates.of_format([path.name for path in directory.iterdir() if _there(path)], name)


def _there(path: Path) -> bool:
    """Whether there is a file to move; a directory in its place is not ours to remove."""
    return path.is_symlink() or path.is_file()


def _same_content(first: Path, second: Path) -> bool:
    return second.is_file() and first.read_bytes() == second.read_bytes()


def warn_of_other_weights(directory: Path, name: str) -> None:
    """Points out the weights of other formats, because programs differ in which of them they load.

    Args:
        directory: Where weights were saved.
        name: The name that one file of weights has in the format that was saved.
    """
    entries = [other + suffix for other in _READ_INSTEAD for suffix in ("", shards.INDEX_SUFFIX) if other != name]
    others = [entry for entry in entries if (directory / entry).exists()]
    read_first = find_weights(directory).name
    for other in others:
        reader = "flax-albert" if other == read_first else _READ_INSTEAD[other.removesuffix(shards.INDEX_SUFFIX)]
        _logger.warning(
            "%s was there already, and %s loads it before what was saved now: %s. Remove it if its weights are others.",
            directory / other,
            reader,
            name,
        )
