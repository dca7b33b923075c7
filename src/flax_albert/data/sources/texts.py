"""Texts: the arguments of a command, or one a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flax_albert.data.errors import DataError
from flax_albert.data.sources.lines import Line
from flax_albert.data.sources.record import Record, Source


def from_arguments(rows: Sequence[dict[str, Any]], unit: str = "text") -> Source:
    """The inputs that stand on the command line.

    Args:
        rows: What each holds, by the names of the columns.
        unit: What messages call one.

    Returns:
        Records that are numbered from 1.

    Raises:
        DataError: One is not UTF-8.

    Example:
        >>> from flax_albert.data.sources.texts import from_arguments
        >>> [record.where for record in from_arguments([{"text": "one"}, {"text": "two"}]).records]
        ['text 1', 'text 2']
    """
    records = []
    for number, row in enumerate(rows, start=1):
        try:
            json.dumps(row, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise DataError(f"{unit} {number} is not UTF-8; check the encoding of the terminal or script.") from None
        records.append(Record(number, {"number": number, **row}, unit, position=number))
    return Source(iter(records), len(records))


def read_texts(lines: Iterable[Line | None], source: str) -> Iterator[Record | None]:
    """Texts, one a line; lines without text are skipped.

    Args:
        lines: The lines.
        source: The file that errors name, or nothing.

    Yields:
        Records with the columns ``number``, of the line, and ``text``.
    """
    for line in lines:
        if line is None:
            yield None
        elif line.fault:
            yield Record(line.number, {"number": line.number}, source=source, position=line.position, fault=line.fault)
        elif line.text.strip():
            columns = {"number": line.number, "text": line.text.removesuffix("\r")}
            yield Record(line.number, columns, source=source, position=line.position)
