"""Which files may hold the weights of a model, in the order in which they are looked for.

Loading from a directory and downloading from the hub both go by this list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import final

from flax_albert.checkpoint import shards

SAFETENSORS_NAME = "model.safetensors"
MSGPACK_NAME = "flax_model.msgpack"
TORCH_NAME = "pytorch_model.bin"


def _none(_entry: Path, _names: Collection[str]) -> list[str]:
    return []


def _shards(entry: Path, _names: Collection[str]) -> list[str]:
    return shards.named_in(entry)


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
