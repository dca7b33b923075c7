"""Rows of a file, of a data set, or of a list of dictionaries, each with where it stands."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from flax_albert.data.errors import DataError
from flax_albert.data.readers.features import decoder
from flax_albert.data.readers.headers import first_line, header_of
from flax_albert.data.readers.json_file import read_json
from flax_albert.data.readers.skipped import SourceError
from flax_albert.data.sources.files import COMPRESSED, SUFFIXES, open_file

Examples = str | os.PathLike[str] | Iterable[Mapping[str, Any]]
"""What examples are read from: a file, a data set of the ``datasets`` library, or dictionaries."""


class Row(NamedTuple):
    """A row.

    Attributes:
        where: Where it stands: ``line 7 of train.csv``.
        columns: What it holds, by the names of the columns.
        fault: Why it cannot be read, as a whole sentence; then it holds nothing.
    """

    where: str
    columns: Mapping[str, Any]
    fault: str | None = None


class Table(NamedTuple):
    """Rows.

    Attributes:
        name: What they are of, for messages.
        columns: Columns of the first rows; not every row need have them all, and there are none where every row is at
            fault.
        rows: The rows.
    """

    name: str
    columns: Sequence[str]
    rows: Iterator[Row]


FORMATS = ("csv", "tsv", "jsonl", "json", "parquet", "conll", "text")
"""Formats of files of examples."""
_LOOKED_AT = 100
"""Rows whose columns are the columns."""


def open_table(
    source: Examples, file_format: str | None = None, header: Sequence[str] | None = None, text_file: str = "tsv"
) -> Table:
    """Opens what holds examples.

    Args:
        source: A file; a data set; or dictionaries.
        file_format: The format of a file; by default what its name ends in.
        header: Names of the columns of a CSV or TSV that does not give them.
        text_file: The format of a file whose name ends in ``.txt``.

    Returns:
        Its rows.

    Raises:
        DataError: It cannot be read, or is nothing that holds examples.
    """
    if isinstance(source, str | os.PathLike):
        return _file(Path(source), file_format, header, text_file)
    if isinstance(source, Mapping):
        splits = ", ".join(repr(str(name)) for name in list(source)[:8])
        raise DataError(f"Examples cannot be read from a dictionary; choose one of what it holds: {splits}.")
    if not isinstance(source, Iterable):
        raise DataError(f"Examples are read from a file, a data set or a list, and this is {type(source).__name__}.")
    decode = decoder(getattr(source, "features", None))
    name = "the data set" if hasattr(source, "features") else "the list"
    return _table(name, _dictionaries(source, decode, name))


def _table(name: str, rows: Iterator[Row]) -> Table:
    rows = (row if row.fault or row.columns else row._replace(fault=f"{row.where} holds nothing.") for row in rows)
    first: list[Row] = []
    columns: dict[str, None] = {}
    for row in rows:
        first.append(row)
        columns.update(dict.fromkeys(row.columns))
        if columns and len(first) >= _LOOKED_AT:
            break
    return Table(name, list(columns), itertools.chain(first, rows))


def file_kind(path: Path, file_format: str | None, text_file: str) -> str:
    """The format of a file of examples.

    Args:
        path: The file.
        file_format: What it is said to be.
        text_file: What it is if its name ends in ``.txt``; ``tsv`` only where its first line has a tab, and otherwise
            it is a text a line.

    Returns:
        A format that :func:`~flax_albert.data.sources.files.open_file` knows, or ``json``.

    Raises:
        DataError: Nothing says what it is.
    """
    if file_format:
        return file_format
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in COMPRESSED]
    found = {**SUFFIXES, ".json": "json"}.get(suffixes[-1] if suffixes else "")
    if found is None:
        raise SourceError(
            f"{str(path)!r} does not say what it is: its name ends in none of {', '.join(SUFFIXES)}, .json. Say so "
            f"with --format or file_format: {', '.join(FORMATS)}."
        )
    if found != "text" or text_file != "tsv":
        return text_file if found == "text" else found
    return "tsv" if "\t" in first_line(path) else "text"


def _file(path: Path, file_format: str | None, header: Sequence[str] | None, text_file: str) -> Table:
    file_format = file_kind(path, file_format, text_file)
    if file_format == "json":
        return _table(path.name, (Row(*parts) for parts in read_json(path)))
    if header is None and file_format in ("csv", "tsv"):
        header = header_of(path, file_format)
    records = open_file(path, file_format, header).records
    return _table(path.name, (Row(record.where, record.columns, record.fault) for record in records if record))


def _dictionaries(source: Iterable[Any], decode: Callable[[Any], Any], name: str) -> Iterator[Row]:
    for number, value in enumerate(source, start=1):
        where = f"row {number} of {name}"
        if isinstance(value, Mapping):
            yield Row(where, decode(value))
        else:
            yield Row(where, {}, f"{where} is no dictionary but {type(value).__name__}.")
