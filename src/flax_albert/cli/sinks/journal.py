"""What a run has computed so far, row after row: the partial file."""

from __future__ import annotations

import abc
import base64
import json
from collections.abc import Sequence
from typing import Any, final

import numpy as np


class Journal(abc.ABC):
    """How rows become bytes that can be appended to, cut off anywhere between rows, and read again."""

    @abc.abstractmethod
    def encode(self, rows: Sequence[dict[str, Any]]) -> bytes:
        """The bytes of some rows.

        Args:
            rows: What each row holds, by column.

        Returns:
            Bytes to append.

        Raises:
            ValueError: A row cannot be written.
        """


@final
class JsonLines(Journal):
    r"""An object a line.

    Example:
        >>> from flax_albert.cli.sinks.journal import JsonLines
        >>> JsonLines().encode([{"label": "good"}])
        b'{"label": "good"}\n'
    """

    def encode(self, rows: Sequence[dict[str, Any]]) -> bytes:
        """See :meth:`Journal.encode`."""
        return "".join(json_line(row) for row in rows).encode()


@final
class Vectors(Journal):
    """Rows of float32, all of one size, as they stand in an array; a row at fault is NaN throughout.

    Args:
        column: The column that holds the vector.
        waiting: Rows at fault that came before the first vector: how long theirs are is not known yet.
        size: Numbers of a row, where some are written already.
    """

    def __init__(self, column: str, waiting: int = 0, size: int | None = None) -> None:
        self._column = column
        self.waiting = waiting
        self.size = size

    def encode(self, rows: Sequence[dict[str, Any]]) -> bytes:
        """See :meth:`Journal.encode`."""
        vectors = []
        for row in rows:
            vector = row.get(self._column)
            if vector is not None:
                self.size = self.size or len(vector)
                vectors += [self._nothing(self.size)] * self.waiting
                self.waiting = 0
                vectors.append(np.asarray(vector, np.dtype("<f4")).tobytes())
            elif self.size:
                vectors.append(self._nothing(self.size))
            else:
                self.waiting += 1
        return b"".join(vectors)

    def _nothing(self, size: int) -> bytes:
        return np.full(size, np.nan, np.dtype("<f4")).tobytes()


def json_line(row: dict[str, Any]) -> str:
    r"""A row as a line of JSON.

    Args:
        row: What it holds. Arrays become lists, bytes become base64, dates and whatever else JSON does not know become
            text.

    Returns:
        The line, with its newline.

    Example:
        >>> import datetime
        >>> import numpy as np
        >>> from flax_albert.cli.sinks.journal import json_line
        >>> json_line({"day": datetime.date(2026, 1, 2), "vector": np.float32([0.1, 0.5])})
        '{"day": "2026-01-02", "vector": [0.1, 0.5]}\n'
    """
    return json.dumps(row, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        if value.dtype == np.float32:  # with the digits that a float32 has, not those of its float64
            value = value.astype("U32").astype(np.float64)
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)
