"""A folder of files, wherever it lies."""

from __future__ import annotations

import abc
from collections.abc import Iterable
from pathlib import Path
from typing import final

from flax_albert.errors import listed


class Folder(abc.ABC):
    """Where the files of a model lie. They are asked for by name, so that only what is needed is downloaded.

    Attributes:
        name: What the user called it.
    """

    name: str

    @abc.abstractmethod
    def names(self) -> list[str]:
        """The names of the files in the folder, sorted.

        Raises:
            OSError: The folder cannot be read.
        """

    @abc.abstractmethod
    def fetch(self, names: Iterable[str]) -> Path:
        """Sees to it that files are on this machine.

        Args:
            names: Their names.

        Returns:
            The directory that holds them.

        Raises:
            OSError: They are not there or cannot be had. A directory of this machine is returned as it is.
        """

    @abc.abstractmethod
    def below(self, subfolder: str) -> Folder:
        """A folder inside this one, of the same commit.

        Args:
            subfolder: Its path from here.

        Returns:
            The folder. Where there is none, reading from it says so.

        Raises:
            OSError: The path leads elsewhere.
        """

    @abc.abstractmethod
    def lacks(self, what: str, looked_for: str) -> str:
        """The sentence that says that something is not in the folder, and what to do.

        Args:
            what: What is missed, such as ``"weights"``.
            looked_for: The names of the files that would do.
        """

    def fetch_present(self, names: Iterable[str]) -> Path:
        """Fetches those of some files that the folder has.

        Args:
            names: The names of the files.

        Returns:
            The directory that holds them.

        Raises:
            OSError: They cannot be had.
        """
        present = set(self.names())
        return self.fetch(name for name in names if name in present)


@final
class LocalFolder(Folder):
    """A directory of this machine.

    Args:
        directory: The directory.
        name: What the user called it, by default its path.
        weights: The file to read weights from, where the user chose one.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.hub import LocalFolder
        >>> directory = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (directory / "config.json").write_text("{}")
        >>> LocalFolder(directory).names()
        ['config.json']
    """

    def __init__(self, directory: Path, name: str | None = None, weights: str | None = None) -> None:
        self.directory = directory
        self.weights = weights
        self.name = str(directory) if name is None else name

    def names(self) -> list[str]:
        """See :meth:`Folder.names`."""
        try:
            return sorted(entry.name for entry in self.directory.iterdir())
        except OSError as error:
            raise OSError(f"{self.directory} cannot be read: {error.strerror or error}.") from error

    def fetch(self, names: Iterable[str]) -> Path:
        """The directory, whatever is in it."""
        return self.directory

    def below(self, subfolder: str) -> LocalFolder:
        """See :meth:`Folder.below`."""
        return LocalFolder(self.directory / inside(subfolder)) if subfolder else self

    def lacks(self, what: str, looked_for: str) -> str:
        """See :meth:`Folder.lacks`."""
        return (
            f"{self.directory} holds no {what}: looked for {looked_for}; found {listed(self.names()) or 'nothing'}. "
            "Pass the directory that holds them."
        )


def inside(subfolder: str) -> str:
    """A path from one folder to another, seen to lead into it.

    Args:
        subfolder: The path; it may come out of a file.

    Returns:
        It.

    Raises:
        OSError: It leads elsewhere.
    """
    if "\\" in subfolder or ":" in subfolder or not all(part.strip(".") for part in subfolder.split("/")):
        raise OSError(
            f"{subfolder!r} names no folder inside another; leave out '.', '..' and a leading or trailing '/'."
        )
    return subfolder
