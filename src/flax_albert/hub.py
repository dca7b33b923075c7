"""Where a model lives: a directory, or the name of a model that ships inside the package."""

from __future__ import annotations

import os
from pathlib import Path

BUNDLED = Path(__file__).parent / "bundled"


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


def resolve(name_or_path: str | os.PathLike[str]) -> Path:
    """Turns what a user passes to ``from_pretrained`` into a directory of files.

    Args:
        name_or_path: A directory, or the name of a bundled model. A directory wins over a name.

    Returns:
        The directory.

    Raises:
        OSError: There is no such directory and no such bundled model.
    """
    path = Path(name_or_path).expanduser()
    if path.is_dir():
        return path
    name = os.fspath(name_or_path)
    if name in bundled_names():
        return BUNDLED / name
    if path.exists():
        raise OSError(f"{name!r} is a file; pass the directory that holds config.json and the weights.")
    known = ", ".join(bundled_names()) or "none"
    raise OSError(
        f"There is no model {name!r}: it is neither a directory nor a bundled model (bundled: {known}). "
        "Pass the path of a directory that holds config.json and the weights."
    )
