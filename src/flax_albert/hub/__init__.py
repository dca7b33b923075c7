"""Where a model lives: a directory, a model that ships inside the package, or a repository on the hub."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flax_albert.hub.errors import HubError as HubError
from flax_albert.hub.folder import Folder as Folder
from flax_albert.hub.folder import LocalFolder as LocalFolder
from flax_albert.hub.options import HubOptions as HubOptions
from flax_albert.hub.pushing import Pushable as Pushable

BUNDLED = Path(__file__).parent.parent / "bundled"

_REPOSITORY = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)

Source = str | os.PathLike[str] | Folder
"""What ``from_pretrained`` takes: a directory, a bundled name or a hub id; or a folder that is open already."""


def bundled_names() -> list[str]:
    """Names of the models that ship inside the package and load without any network.

    Returns:
        Sorted names, each accepted by every ``from_pretrained``.

    Example:
        >>> from flax_albert.hub import bundled_names
        >>> isinstance(bundled_names(), list)
        True
    """
    if not BUNDLED.is_dir():
        return []
    return sorted(path.name for path in BUNDLED.iterdir() if (path / "config.json").is_file())


def called(source: Source) -> str:
    """What the user calls a source: the path or name, as it was passed.

    Args:
        source: What was passed to ``from_pretrained``.

    Returns:
        A text.
    """
    return source.name if isinstance(source, Folder) else os.fspath(source)


def open_folder(source: Source, options: HubOptions | None = None, *, or_weights: bool = False) -> Folder:
    """Finds the folder that a user names. The one place that decides what a name means.

    A directory wins over the name of a bundled model, and that over the id of a repository on the hub.

    Args:
        source: A directory, the name of a bundled model, or a hub id. A folder that is open is returned as it is, so
            that what is read from it one after the other comes from one commit.
        options: Which part and revision is meant, and how to download.
        or_weights: Whether the name may be that of a file of weights too, which stands for its directory then.

    Returns:
        The folder.

    Raises:
        OSError: There is no such directory, and the name is not that of a bundled model nor of a repository to be had.

    Example:
        >>> from flax_albert.hub import open_folder
        >>> "config.json" in open_folder("albert-mini-en").names()
        True
    """
    if isinstance(source, Folder):
        return source
    options = options or HubOptions()
    name = os.fspath(source)
    bundled = ", ".join(bundled_names()) or "none"
    if not name:
        raise OSError("The name of the model is empty; pass a directory, a bundled model or a hub id.")
    path = Path(os.path.expanduser(name))  # noqa: PTH111  (leaves an unknown ~user as it is)
    if path.is_dir():
        if not (path / options.subfolder).is_dir():
            raise OSError(f"{path} has no subfolder {options.subfolder!r}; name one that it has.")
        return LocalFolder(path / options.subfolder, name)
    if name in bundled_names():
        return LocalFolder(BUNDLED / name / options.subfolder, name)
    if path.exists():
        if or_weights:
            return LocalFolder(path.parent, name, weights=path.name)
        raise OSError(f"{name!r} is a file; pass the directory that holds config.json and the weights.")
    nowhere = f"There is no model {name!r}: it is neither a directory nor a bundled model (bundled: {bundled})"
    if not _REPOSITORY.fullmatch(name):
        raise OSError(f"{nowhere}, and cannot be a hub id, which reads 'name' or 'owner/name'. Check the path.")
    from flax_albert.hub.repository import HubFolder

    try:
        return HubFolder(name, options)
    except HubError as error:
        if "/" in name:
            raise
        raise HubError(f"{nowhere}. {error}") from error.__cause__


def resolve(
    source: Source, subfolder: str = "", wanted: Iterable[str] = (), options: Mapping[str, Any] | None = None
) -> Path:
    """Turns what a user passes to ``from_pretrained`` into a directory of files.

    Args:
        source: A directory, the name of a bundled model, or a hub id, as for :func:`open_folder`.
        subfolder: A directory below it to take instead.
        wanted: Names of the files to download, those that are there, where it lies on the hub.
        options: The other fields of :class:`HubOptions`.

    Returns:
        The directory.

    Raises:
        OSError: There is no such model, or it cannot be had.
    """
    found, _ = HubOptions.split({**(options or {}), "subfolder": subfolder})
    return open_folder(source, found).fetch_present(wanted)
