"""From the rows of a source to the inputs of a task, and back from its results to the rows."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, final

from flax_albert.data.sources.columns import values
from flax_albert.data.sources.record import Record, Source
from flax_albert.errors import listed

Find = Callable[[Sequence[str]], dict[str, tuple[str, ...]]]


@final
class Unreadable:
    """Stands among the inputs of a task for a row that could not be read: no task can work on it."""

    def __repr__(self) -> str:
        return "a row that cannot be read"


@final
class Feed:
    """Hands the rows of a source to a task, and keeps them until their results are there.

    Args:
        source: The rows.
        find: Finds the columns that hold the fields, in those of the first row.
        item: Makes an input of the fields.
    """

    def __init__(self, source: Source, find: Find, item: Callable[[dict[str, Any]], Any]) -> None:
        self._records = source.records
        self._endless = source.path is None
        self._find = find
        self._item = item
        self._waiting: deque[tuple[Record, Any]] = deque()
        self._found: dict[str, tuple[str, ...]] = {}
        self.broken = False
        """Whether reading ended in an error, so that a window may have been cut short."""

    def look(self) -> None:
        """Reads the first row, so that a file of another kind is found out before a model is loaded.

        Raises:
            UserError: The source cannot be read, or it is not clear which columns to take.
        """
        first = next(self._records, None)
        self._records = itertools.chain([first], self._records)
        if first and not first.fault:
            self._found = self._find(list(first.columns))

    def inputs(self, pause: object, skip: int = 0) -> Iterator[Any]:
        """The inputs of the task. They may be taken in another thread than :meth:`take` is called in.

        Args:
            pause: What tells the task that the next input may be long in coming.
            skip: Rows that are done already.

        Yields:
            An input for each row.

        Raises:
            UserError: The source cannot be read, or it is not clear which columns to take.
        """
        try:
            for record in self._records:
                if record is None:
                    yield pause
                    continue
                if not record.fault and not self._found:
                    self._found = self._find(list(record.columns))
                if skip:
                    skip -= 1
                    continue
                record, value = self._input(record)
                self._waiting.append((record, value))
                yield value
                # A pipe may not end, and nothing after a row at fault may be wanted: see to that row first.
                if record.fault and self._endless:
                    yield pause
        except BaseException:
            self.broken = True
            raise

    def take(self) -> tuple[Record, Any]:
        """The first row whose result is not there yet, and the input that was made of it."""
        return self._waiting.popleft()

    def _input(self, record: Record) -> tuple[Record, Any]:
        if record.fault:
            return record, Unreadable()
        try:
            return record, self._item(values(record.columns, self._found))
        except KeyError as error:
            fault = f"{record.where} has no column {error.args[0]!r}; it has {listed(list(record.columns)) or 'none'}."
            return record._replace(fault=fault), Unreadable()
