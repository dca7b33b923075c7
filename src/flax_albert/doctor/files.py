"""The files of a checkpoint, and what each is for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from flax_albert.checkpoint import shards
from flax_albert.config import CONFIG_NAME
from flax_albert.doctor import tokenizer
from flax_albert.doctor.report import FileFacts
from flax_albert.doctor.weights import Opened

_MOST = 200  # a directory of anything at all may have been named


def list_files(directory: Path, opened: Sequence[Opened]) -> tuple[FileFacts, ...]:
    """Lists the files of a directory, without hidden ones and without what lies deeper.

    Args:
        directory: The directory.
        opened: Its weights, those that would be read first.

    Returns:
        The first two hundred, weights first.
    """
    roles = dict.fromkeys(tokenizer.FILES, "tokenizer") | {CONFIG_NAME: "configuration"}
    for position, weights in reversed(list(enumerate(opened))):
        names = {weights.path.name, *(path.name for path in weights.files.values())}
        if weights.error and weights.path.name.endswith(shards.INDEX_SUFFIX):
            stem, suffix = os.path.splitext(weights.path.name.removesuffix(shards.INDEX_SUFFIX))  # noqa: PTH122
            names |= {path.name for path in directory.glob(f"{stem}-*-of-*{suffix}")}
        roles |= dict.fromkeys(names, "other weights" if position else "weights")
    order = ("weights", "other weights", "configuration", "tokenizer", "other")
    files = [
        FileFacts(path.name, path.stat().st_size, roles.get(path.name, "other"))
        for path in directory.iterdir()
        if path.is_file() and not path.name.startswith(".")
    ]
    return tuple(sorted(files, key=lambda file: (order.index(file.role), file.name))[:_MOST])
