"""Where a model lives: a directory, or the name of a model that ships inside the package."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

BUNDLED = Path(__file__).parent / "bundled"

# How transformers' from_pretrained is told to download; files that are here already need none of it.
DOWNLOAD_OPTIONS = frozenset(
    {
        "cache_dir",
        "force_download",
        "local_files_only",
        "proxies",
        "resume_download",
        "revision",
        "token",
        "trust_remote_code",
        "use_auth_token",
        "_commit_hash",
        "_from_auto",
    }
)


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


def local_options(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a ``from_pretrained`` call without those that say how to download."""
    return {name: value for name, value in options.items() if name not in DOWNLOAD_OPTIONS}


def resolve(name_or_path: str | os.PathLike[str], subfolder: str = "") -> Path:
    """Turns what a user passes to ``from_pretrained`` into a directory of files.

    Args:
        name_or_path: A directory, or the name of a bundled model. A directory wins over a name.
        subfolder: A directory below it to take instead.

    Returns:
        The directory.

    Raises:
        OSError: There is no such directory and no such bundled model.
    """
    name = os.fspath(name_or_path)
    if not name:
        raise OSError("The name of the model is empty; pass a directory or the name of a bundled model.")
    path = Path(os.path.expanduser(name)) / subfolder  # noqa: PTH111  (leaves an unknown ~user as it is)
    if path.is_dir():
        return path
    if name in bundled_names():
        return BUNDLED / name / subfolder
    if path.exists():
        raise OSError(f"{name!r} is a file; pass the directory that holds config.json and the weights.")
    known = ", ".join(bundled_names()) or "none"
    raise OSError(
        f"There is no model {name!r}: it is neither a directory nor a bundled model (bundled: {known}). "
        "Pass the path of a directory that holds config.json and the weights."
    )
