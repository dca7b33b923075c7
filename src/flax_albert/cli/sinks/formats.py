"""The formats that results are written in, and how a file's name says which."""

from __future__ import annotations

from pathlib import Path

from flax_albert.cli.errors import UserError

FORMATS = ("jsonl", "csv", "tsv", "parquet", "npy")
_SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet", ".npy": "npy"}


def format_of(path: Path) -> str:
    """What the name of a file ends in.

    Args:
        path: The file.

    Returns:
        One of :data:`FORMATS`.

    Raises:
        UserError: The name does not say.

    Example:
        >>> import pathlib
        >>> from flax_albert.cli.sinks.formats import format_of
        >>> format_of(pathlib.Path("results.csv"))
        'csv'
    """
    found = _SUFFIXES.get(path.suffix.lower())
    if found is None:
        raise UserError(
            f"{str(path)!r} does not say what it is to be: its name ends in none of {', '.join(_SUFFIXES)}. "
            f"Say so with --output-format {'|'.join(FORMATS)}."
        )
    return found
