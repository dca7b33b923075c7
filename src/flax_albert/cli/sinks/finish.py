"""From the partial file to the format that was asked for, in bounded memory."""

from __future__ import annotations

import contextlib
import csv
import itertools
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from flax_albert.cli.errors import UserError

_TAB_OR_BREAK = str.maketrans("\t\n\r", "   ")


def finish_csv(partial: Path, new: Path) -> None:
    """Writes a CSV: a column for each key that any row has, lists and objects as JSON.

    Args:
        partial: JSON Lines.
        new: The file to write.

    Raises:
        OSError: A file cannot be read or written.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.cli.sinks.finish import finish_csv
        >>> partial = pathlib.Path(tempfile.mkdtemp()) / "partial"
        >>> _ = partial.write_text('{"a": 1}' + chr(10) + '{"a": "x, y", "b": [2]}' + chr(10))
        >>> finish_csv(partial, partial.with_name("new.csv"))
        >>> print(partial.with_name("new.csv").read_text(), end="")
        a,b
        1,
        "x, y",[2]
    """
    names = columns(partial)
    with _opened(new) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in rows(partial):
            writer.writerow([_cell(row.get(name)) for name in names])


def finish_tsv(partial: Path, new: Path) -> None:
    """Writes a TSV like a CSV, but without quotes: a tab or a line break within a value becomes a space.

    Args:
        partial: JSON Lines.
        new: The file to write.

    Raises:
        OSError: A file cannot be read or written.
    """
    names = columns(partial)
    with _opened(new) as file:
        for row in itertools.chain([{name: name for name in names}], rows(partial)):
            file.write("\t".join(_cell(row.get(name)).translate(_TAB_OR_BREAK) for name in names) + "\n")


def finish_parquet(partial: Path, new: Path, vector: str = "") -> None:
    """Writes a Parquet file.

    Args:
        partial: JSON Lines.
        new: The file to write.
        vector: A column of lists of float32.

    Raises:
        OSError: A file cannot be read or written.
        UserError: A value does not fit the type of its column.
    """
    from flax_albert.cli.sinks.parquet import write_parquet

    try:
        write_parquet(lambda: rows(partial), new, vector)
    except ValueError as error:
        new.unlink(missing_ok=True)
        raise UserError(
            f"the results cannot be written as Parquet ({error}); they are kept as JSON Lines in {str(partial)!r}."
        ) from error
    with new.open("r+b") as file:
        os.fsync(file.fileno())


def finish_npy(partial: Path, new: Path, count: int, size: int | None) -> None:
    """Writes an array.

    Args:
        partial: Its numbers.
        new: The file to write.
        count: Its rows.
        size: Numbers of a row.

    Raises:
        OSError: A file cannot be read or written.
        UserError: There is no vector at all.
    """
    if size is None:
        raise UserError("there is no vector to write: every row was at fault.")
    with partial.open("rb") as numbers, new.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (count, size)})
        shutil.copyfileobj(numbers, file, 2**20)
        file.flush()
        os.fsync(file.fileno())


def rows(partial: Path) -> Iterator[dict[str, Any]]:
    """The rows of JSON Lines.

    Args:
        partial: The file.

    Yields:
        What each row holds, by column.

    Raises:
        OSError: The file cannot be read.
    """
    with partial.open(encoding="utf-8", newline="\n") as file:
        yield from map(json.loads, file)


def columns(partial: Path) -> list[str]:
    """The names of all columns, in the order in which they first occur, that of errors last.

    Args:
        partial: JSON Lines.

    Returns:
        The names.

    Raises:
        OSError: The file cannot be read.
    """
    names: dict[str, None] = {}
    for row in rows(partial):
        names.update(dict.fromkeys(row))
    if "error" in names:
        names["error"] = names.pop("error")
    return list(names)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """A text file that is on the disk when it is closed."""
    with path.open("w", encoding="utf-8", newline="") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
