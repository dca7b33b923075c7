"""A file as bytes in memory, read on demand, with the refusals common to every format."""

from __future__ import annotations

import mmap
import os
import stat
from pathlib import Path

_GIT_LFS_POINTER = b"version https://git-lfs"


def map_file(path: Path) -> memoryview:
    """Maps a regular file into memory.

    Only the pages that are looked at are ever read, so a huge file costs nothing before it has proved sound.

    Args:
        path: The file.

    Returns:
        Its bytes, read-only.

    Raises:
        OSError: The file does not exist or may not be read.
        ValueError: It is no regular file, empty, or a Git LFS pointer.
    """
    # A pipe would block at open, so look before opening; the open file is looked at again below.
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is not a regular file")
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise ValueError("it is empty")
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    if data[: len(_GIT_LFS_POINTER)] == _GIT_LFS_POINTER:
        raise ValueError("it is a Git LFS pointer that stands for the weights; fetch them with `git lfs pull`")
    return data
