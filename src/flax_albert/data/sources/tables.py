"""Tables as text: CSV and TSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from flax_albert.data.errors import DataError
from flax_albert.data.sources.lines import LONGEST_LINE, Line
from flax_albert.data.sources.record import Record
from flax_albert.errors import listed

_Row = tuple[int, list[str], int, str | None]
"""Number of its first line, its fields, the position after it, and what is wrong with it."""


def read_csv(lines: Iterable[Line | None], source: str, header: Sequence[str] | None = None) -> Iterator[Record]:
    r"""Comma-separated values, as RFC 4180 describes them: quotes around a field, and doubled within.

    Args:
        lines: The lines.
        source: The file that errors name.
        header: Names of the columns, where the first line does not give them.

    Yields:
        A record a row.

    Raises:
        DataError: The names of the columns cannot be read, or two are the same.

    Example:
        >>> import io
        >>> from flax_albert.data.sources.lines import read_lines
        >>> from flax_albert.data.sources.tables import read_csv
        >>> lines = read_lines(io.BytesIO(b'id,text\n1,"a, ""b"" c"\n'), "data.csv")
        >>> [record.columns for record in read_csv(lines, "data.csv")]
        [{'id': '1', 'text': 'a, "b" c'}]
    """
    return _records(_csv_rows(lines, source), source, header)


def read_tsv(lines: Iterable[Line | None], source: str, header: Sequence[str] | None = None) -> Iterator[Record]:
    """Tab-separated values: no field holds a tab, and quotes mean nothing.

    Args:
        lines: As for :func:`read_csv`.
        source: As for :func:`read_csv`.
        header: As for :func:`read_csv`.

    Returns:
        As :func:`read_csv`.

    Raises:
        DataError: As for :func:`read_csv`.
    """
    rows = (
        (line.number, line.text.removesuffix("\r").split("\t"), line.position, line.fault)
        for line in lines
        if line and (line.fault or line.text.strip())
    )
    return _records(rows, source, header)


class _Feed:
    """Lines for Python's reader, and what happened to those that it has taken."""

    def __init__(self, lines: Iterable[Line | None]) -> None:
        self._lines = (line for line in lines if line)
        self.number = 0
        self.position = 0
        self.fault: str | None = None

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.number, self.position = line.number, line.position
            self.fault = self.fault or line.fault
            yield line.text + "\n"


def _csv_rows(lines: Iterable[Line | None], source: str) -> Iterator[_Row]:
    csv.field_size_limit(LONGEST_LINE)
    feed = _Feed(lines)
    reader = csv.reader(feed, strict=True)
    while True:
        first, feed.fault = feed.number + 1, None
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault = f"line {first} of {source} is no CSV: {error}; is there a quote too many or too few?"
            yield first, [], feed.position, feed.fault or fault
        else:
            if fields or feed.fault:
                yield first, fields, feed.position, feed.fault


def _records(rows: Iterator[_Row], source: str, header: Sequence[str] | None) -> Iterator[Record]:
    names = list(header) if header else _header(rows, source)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"{source} has two columns named {listed(repeated)}; rename one.")
    for number, fields, position, fault in rows:
        if not fault and len(fields) != len(names):
            fault = f"line {number} of {source} has {len(fields)} fields, and there are {len(names)} columns: mend it."
        yield Record(number, {} if fault else dict(zip(names, fields, strict=True)), "line", source, position, fault)


def _header(rows: Iterator[_Row], source: str) -> list[str]:
    for _, fields, _, fault in rows:
        if fault:
            raise DataError(fault)
        return fields
    raise DataError(f"{source} is empty; its first line must name the columns.")
