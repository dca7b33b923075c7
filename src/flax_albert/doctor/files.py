"""The files of a checkpoint, and what each is for."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from flax_albert.checkpoint import candidates
from flax_albert.checkpoint.errors import CheckpointError
from flax_albert.doctor import configuration, tokenizer
from flax_albert.doctor.report import FileFacts
from flax_albert.doctor.weights import Opened
from flax_albert.hub import Folder

_MOST = 200  # a directory of anything at all may have been named
_ORDER = ("weights", "other weights", "configuration", "tokenizer", "other")


def list_files(folder: Folder, opened: Sequence[Opened]) -> tuple[FileFacts, ...]:
    """Lists the files of a folder, without hidden ones and without what lies deeper.

    Args:
        folder: The folder.
        opened: Its weights, those that would be read first.

    Returns:
        The first two hundred, weights first.
    """
    directory, names = folder.fetch([]), folder.names()
    roles = dict.fromkeys(tokenizer.FILES, "tokenizer")
    with contextlib.suppress(OSError):
        roles |= {configuration.file_name(folder) or "": "configuration"}
    for name, candidate in reversed(candidates.present(names)):
        role = "weights" if opened and name == opened[0].path.name else "other weights"
        try:
            parts = candidate.parts(directory / name, names)
        except CheckpointError:
            parts = []  # said of the weights already
        roles |= dict.fromkeys((name, *parts), role)
    files = []
    for name in names:
        path = directory / name
        there = path.is_file()
        if not name.startswith(".") and (there or not path.exists()):
            files.append(FileFacts(name, path.stat().st_size if there else None, roles.get(name, "other")))
    return tuple(sorted(files, key=lambda file: (_ORDER.index(file.role), file.name))[:_MOST])
