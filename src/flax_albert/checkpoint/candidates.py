"""Which files may hold the weights of a model, in the order in which they are looked for.

Loading from a directory and downloading from the hub both go by this list.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PureWindowsPath
from typing import final

from flax_albert.checkpoint import shards
from flax_albert.checkpoint.errors import CheckpointError, listed
from flax_albert.checkpoint.formats.mapped import map_file

SAFETENSORS_NAME = "model.safetensors"
MSGPACK_NAME = "flax_model.msgpack"
TORCH_NAME = "pytorch_model.bin"
KERAS_NAME = "tf_model.h5"
# The index of a TensorFlow checkpoint, whose prefix may be any; Google's is model.ckpt-best.
TENSORFLOW_PATTERN = "*.index"
TENSORFLOW_STATE = "checkpoint"
_LONGEST_STATE = 2**16  # bytes

_logger = logging.getLogger("flax_albert.checkpoint")


def _none(_entry: Path, _names: Collection[str]) -> list[str]:
    return []


def _shards(entry: Path, _names: Collection[str]) -> list[str]:
    return shards.named_in(entry)


def _data_files(entry: Path, names: Collection[str]) -> list[str]:
    return [name for name in names if name == TENSORFLOW_STATE or name.startswith(f"{entry.stem}.data-")]


@final
@dataclass(frozen=True)
class Candidate:
    """One way in which weights may lie in a folder.

    Attributes:
        pattern: The name of the file that is read first; ``*`` stands for anything.
        from_pt: Whether it counts with ``from_pt=True``.
        parts: The names of the further files, told from the first, which is there by then, and the folder's names.
    """

    pattern: str
    from_pt: bool = False
    parts: Callable[[Path, Collection[str]], list[str]] = _none


CANDIDATES = (
    Candidate(SAFETENSORS_NAME, from_pt=True),
    Candidate(SAFETENSORS_NAME + shards.INDEX_SUFFIX, from_pt=True, parts=_shards),
    Candidate(MSGPACK_NAME),
    Candidate(MSGPACK_NAME + shards.INDEX_SUFFIX, parts=_shards),
    Candidate(TORCH_NAME, from_pt=True),
    Candidate(TORCH_NAME + shards.INDEX_SUFFIX, from_pt=True, parts=_shards),
    Candidate(KERAS_NAME),
    Candidate(KERAS_NAME + shards.INDEX_SUFFIX, parts=_shards),
    Candidate(TENSORFLOW_PATTERN, parts=_data_files),
)


def candidates(*, from_pt: bool = False) -> list[Candidate]:
    """The ways in which weights may lie in a folder, the preferred first.

    Args:
        from_pt: Whether to leave out what only other programs than PyTorch write.
    """
    return [candidate for candidate in CANDIDATES if candidate.from_pt or not from_pt]


def present(names: Collection[str], *, from_pt: bool = False) -> list[tuple[str, Candidate]]:
    """Those that a folder has.

    Args:
        names: The names of the files in the folder.
        from_pt: As for :func:`candidates`.

    Returns:
        The name of the file to read first and the candidate that it is, the preferred first.

    Example:
        >>> from flax_albert.checkpoint.candidates import present
        >>> [name for name, _ in present(["config.json", "pytorch_model.bin", "model.safetensors"])]
        ['model.safetensors', 'pytorch_model.bin']
    """
    return [
        (name, candidate)
        for candidate in candidates(from_pt=from_pt)
        for name in sorted(names)
        if fnmatchcase(name, candidate.pattern)
    ]


def last_saved(directory: Path, indexes: Sequence[str]) -> str:
    """Chooses among several TensorFlow checkpoints by the file ``checkpoint``, which names the one saved last.

    Args:
        directory: Where they lie.
        indexes: The names of their index files.

    Returns:
        One of these names.

    Raises:
        CheckpointError: The file is missing or names another one.
    """
    try:
        state = bytes(map_file(directory / TENSORFLOW_STATE)[:_LONGEST_STATE]).decode("utf-8", "replace")
    except (OSError, ValueError):
        state = ""
    named = re.search(r'^model_checkpoint_path: "([^"]*)"', state, re.MULTILINE)
    name = f"{PureWindowsPath(named[1]).name}.index" if named else ""  # which takes either slash
    if name not in indexes:
        raise CheckpointError(
            f"{directory} holds several TensorFlow checkpoints, {listed(indexes)}, and no file 'checkpoint' that says "
            f"which of them was saved last. Name the one that you mean: {directory / indexes[-1]}."
        )
    return name


def of_format(names: Collection[str], name: str) -> list[str]:
    """The files of one format that :func:`flax_albert.checkpoint.save.save` writes, whole or in shards.

    Args:
        names: The names of the files in a folder.
        name: The name of the one file that the format would have.

    Returns:
        Those that the folder has: what is looked for first, the index before the shards.

    Example:
        >>> from flax_albert.checkpoint.candidates import of_format
        >>> of_format(["model-00001-of-00001.safetensors", "model.safetensors", "config.json"], "model.safetensors")
        ['model.safetensors', 'model-00001-of-00001.safetensors']
    """
    stem, suffix = name.split(".")
    shard = re.compile(rf"{stem}-\d{{5}}-of-\d{{5}}\.{suffix}")
    entries = [entry for entry in (name, name + shards.INDEX_SUFFIX) if entry in names]
    return entries + sorted(other for other in names if shard.fullmatch(other))


def superseded(there: Collection[str], written: Collection[str]) -> list[str]:
    """The files of earlier weights that must go when new ones are put beside them, lest they be loaded or mixed.

    Weights in another format stay; where they would be loaded first, a warning says so.

    Args:
        there: The names of the files in the folder.
        written: The names of those that are new.

    Returns:
        The earlier weights of the same format.
    """
    stale: list[str] = []
    for name in (SAFETENSORS_NAME, MSGPACK_NAME, TORCH_NAME):
        if of_format(written, name):
            stale += [other for other in of_format(there, name) if other not in written]
    found = present({*there, *written} - {*stale})
    if found and found[0][0] not in written and present(written):
        _logger.warning("%s is there already, and is loaded before what is pushed now. Remove it.", found[0][0])
    return stale
