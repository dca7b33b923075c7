"""Some files of a directory exchanged for others, so that an interruption never leaves a mixture to be loaded."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

_logger = logging.getLogger("flax_albert.checkpoint")


@contextlib.contextmanager
def staging_in(directory: Path) -> Iterator[Path]:
    """A hidden directory inside another one, for files on their way in. It goes at the end, whatever happens.

    Args:
        directory: The directory to write to; made if need be, and removed again where nothing came of it.

    Yields:
        The staging directory.

    Raises:
        OSError: The directory cannot be made, or is a file.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.checkpoint.exchange import staging_in
        >>> directory = pathlib.Path(tempfile.mkdtemp()) / "new"
        >>> with staging_in(directory) as staging:
        ...     _ = (staging / "config.json").write_text("{}")
        ...     _ = (staging / "config.json").replace(directory / "config.json")
        >>> [path.name for path in directory.iterdir()]
        ['config.json']
    """
    made = not directory.is_dir()
    if made:
        if directory.exists():
            raise NotADirectoryError(f"{directory} is a file; pass the directory to save in.")
        directory.mkdir(parents=True)
    staging = Path(tempfile.mkdtemp(prefix=".saving-", dir=directory))
    try:
        yield staging
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        if made:
            with contextlib.suppress(OSError):
                directory.rmdir()
        raise
    shutil.rmtree(staging, ignore_errors=True)


def exchange(directory: Path, leaving: Sequence[str], staging: Path, entering: Sequence[str]) -> None:
    """Sets files of a directory aside, moves others in, and deletes what was set aside.

    A directory of several files cannot change at one stroke. So the file without which nothing is loaded has to be
    the first to leave and the last to enter: whoever looks in between misses it and gets an error. Where a move fails,
    all moves are undone; where the process is killed, what was set aside stays in a directory ``.earlier-...``.

    Args:
        directory: Where the files lie.
        leaving: Names of the files to remove, in order.
        staging: Where the new files wait, on the same file system.
        entering: Names of the new files, in order.

    Raises:
        OSError: A file cannot be moved.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.checkpoint.exchange import exchange
        >>> directory, staging = pathlib.Path(tempfile.mkdtemp()), pathlib.Path(tempfile.mkdtemp())
        >>> (directory / "config.json").write_text("old"), (staging / "config.json").write_text("new")
        (3, 3)
        >>> exchange(directory, ["config.json"], staging, ["config.json"])
        >>> [(path.name, path.read_text()) for path in directory.iterdir()]
        [('config.json', 'new')]
    """
    aside = Path(tempfile.mkdtemp(prefix=".earlier-", dir=directory))
    moves = [(directory / name, aside / name) for name in leaving]
    moves += [(staging / name, directory / name) for name in entering]
    begun: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            begun.append((source, target))
            source.replace(target)
    except BaseException:
        try:
            for source, target in reversed(begun):
                if not os.path.lexists(source):  # else this is the move that failed
                    target.replace(source)
        except OSError:
            _logger.error("%s: the earlier checkpoint could not be put back; its files are in %s.", directory, aside)
        else:
            with contextlib.suppress(OSError):
                aside.rmdir()
        raise
    shutil.rmtree(aside, ignore_errors=True)
