"""One input of a command, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple


class Record(NamedTuple):
    """A row of the input, whatever it was read from.

    Example:
        >>> from flax_albert.data.sources.record import Record
        >>> Record(7, {"text": "a word"}, source="data.csv").where
        'line 7 of data.csv'
    """

    number: int
    """Which line, row or argument it is, counted from 1."""
    columns: dict[str, Any]
    """What it holds, by the names of the columns."""
    unit: str = "line"
    """What ``number`` counts."""
    source: str = ""
    """The file, where there is one."""
    position: int = 0
    """How much of the source has been read when this is used up, in the unit of :attr:`Source.total`."""
    fault: str | None = None
    """Why it cannot be read, as a whole sentence; then there are no columns but perhaps its number."""

    @property
    def where(self) -> str:
        """Where it stands, for messages."""
        return f"{self.unit} {self.number}" + (f" of {self.source}" if self.source else "")


@dataclass(frozen=True)
class Source:
    """What a command works on.

    Args:
        records: The rows; None among them says that the next may be long in coming.
        total: The position at the end, where it is known.
        path: The file, where the same rows can be read again.
    """

    records: Iterator[Record | None]
    total: int | None = None
    path: Path | None = None
