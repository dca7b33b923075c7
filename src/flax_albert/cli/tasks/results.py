"""What becomes of results: they are printed as they come, or written to a file that can be gone on with."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self, final

from flax_albert.cli.errors import UserError
from flax_albert.cli.interrupt import say_on_interrupt
from flax_albert.cli.output import encode_output, write
from flax_albert.cli.progress import Progress
from flax_albert.cli.sinks.journal import json_line
from flax_albert.cli.sinks.output_file import OutputFile
from flax_albert.cli.tasks.command import TaskCommand
from flax_albert.cli.tasks.table import Table
from flax_albert.data.sources.record import Record, Source

Answered = tuple[Record, Any, Any]
"""A row, the input that was made of it, and its result, or a ``UserError`` that says what is wrong with it."""

_PRINTED_TOGETHER = 64


class Results(ABC):
    """Where results go.

    Args:
        command: The command that they are of.
        options: What the parser made of the arguments.
        source: Where the inputs come from.
        progress: Whether the results themselves do not show how far it is.
    """

    def __init__(
        self, command: TaskCommand, options: argparse.Namespace, source: Source, progress: bool | None = None
    ) -> None:
        self.rows = 0
        """Rows that are done."""
        self.window = 0
        """Windows that are done."""
        self.errors = 0
        """Rows that were at fault."""
        self._command = command
        self._options = options
        self._close = contextlib.ExitStack()
        self._progress = self._close.enter_context(Progress(source.total, progress))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close.close()

    def add(self, answered: Sequence[Answered], counts: bool = True) -> None:
        """Takes the results of a window.

        Args:
            answered: The results.
            counts: Whether a run that is resumed may go on after them.

        Raises:
            UserError: A row is at fault and the run is to stop there, or the results cannot be written.
        """
        stop: UserError | None = None
        kept = answered
        if self._options.on_error == "stop":
            for place, (_, _, result) in enumerate(answered):
                if isinstance(result, UserError):
                    stop, kept = result, answered[:place]
                    break
        self.errors += sum(isinstance(result, UserError) for _, _, result in kept)
        self.rows += len(kept)
        self.window += 1
        self._take(kept, counts and stop is None)
        if stop:
            raise UserError(f"{stop}{self._kept}") from None
        if answered:
            self._progress.advance(answered[-1][0].position, len(answered))

    @property
    def _kept(self) -> str:
        """What to say of the results before a row at fault."""
        return ""

    @abstractmethod
    def _take(self, answered: Sequence[Answered], counts: bool) -> None:
        """Prints or writes results."""

    @abstractmethod
    def end(self) -> None:
        """Takes note that there are no more.

        Raises:
            UserError: They cannot be written.
        """

    def _row(self, record: Record, item: Any, result: Any) -> dict[str, Any]:
        """A row of the output: what is kept of the input, and the result. Names of results are never the input's."""
        keep = self._options.keep
        taken = {*self._command.results, "error"}
        row: dict[str, Any] = {}
        for name, value in record.columns.items():
            if keep is None or name in keep:
                while name in taken:
                    name = f"input_{name}"
                row[name] = value
        if isinstance(result, UserError):
            return {**row, "error": str(result)}
        return {**row, **self._command.columns(item, result)}


@final
class Printed(Results):
    """On standard output, as they come.

    Args:
        command: As in :class:`Results`.
        options: As in :class:`Results`.
        source: As in :class:`Results`.
        table: What shows them to people; None for JSON Lines.
    """

    def __init__(self, command: TaskCommand, options: argparse.Namespace, source: Source, table: Table | None) -> None:
        super().__init__(command, options, source)
        self._table = table
        encode_output("utf-8" if table is None else None)

    def _take(self, answered: Sequence[Answered], counts: bool) -> None:
        if self._table is None:
            for place in range(0, len(answered), _PRINTED_TOGETHER):
                together = answered[place : place + _PRINTED_TOGETHER]
                write("".join(json_line(self._row(*one)) for one in together))
            return
        for _, item, result in answered:
            if isinstance(result, UserError):
                write(self._table.render_error(str(result)))
            else:
                write(self._table.render(item, result))

    def end(self) -> None:
        """See :meth:`Results.end`."""
        if self._table and (last := self._table.render_end()):
            write(last)
        if self.errors:
            print(f"flax-albert: {self.errors:,} of {self.rows:,} inputs were at fault.", file=sys.stderr)


@final
class Written(Results):
    """In a file.

    Args:
        command: As in :class:`Results`.
        options: As in :class:`Results`.
        source: As in :class:`Results`.
        output: The file.
        identity: What the results depend on.
    """

    def __init__(
        self,
        command: TaskCommand,
        options: argparse.Namespace,
        source: Source,
        output: OutputFile,
        identity: dict[str, Any],
    ) -> None:
        super().__init__(command, options, source, progress=True)
        self._output = output
        self._close.enter_context(output)
        state = output.begin(identity)
        self.rows, self.window, self.errors = state.rows, state.window, state.errors
        self._can_resume = source.path is not None
        if self._can_resume:
            say_on_interrupt(f"flax-albert: interrupted; --resume goes on with {str(output.path)!r}.\n")

    @property
    def _kept(self) -> str:
        if not self._can_resume:
            return ""
        return " What comes before it is kept: go on with --resume --on-error record, which notes such errors."

    def _take(self, answered: Sequence[Answered], counts: bool) -> None:
        self._output.write([self._row(record, item, result) for record, item, result in answered])
        if counts:
            self._output.commit(self.rows, self.window, self.errors)

    def end(self) -> None:
        """See :meth:`Results.end`."""
        self._output.commit(self.rows, self.window, self.errors, complete=True)
        self._output.finish()
        tell_complete(self._output.path, self._options.json, self.rows, self.errors)


def tell_complete(path: Path, as_json: bool, rows: int | None = None, errors: int = 0) -> None:
    """Says that a file is complete.

    Args:
        path: The file.
        as_json: Whether to say so in JSON.
        rows: Its rows; None where an earlier run had completed it.
        errors: How many of them were at fault.
    """
    encode_output("utf-8" if as_json else None)
    if as_json:
        write(json.dumps({"output": str(path), "rows": rows, "errors": errors}, ensure_ascii=False) + "\n")
    elif rows is None:
        write(f"{path} is complete already.\n")
    else:
        fault = f"; {errors:,} of them with an error" if errors else ""
        write(f"{path}: {rows:,} row{'s' * (rows != 1)}{fault}\n")
