"""How far a long run has come, on standard error."""

from __future__ import annotations

import os
import stat
import sys
import time
from types import TracebackType
from typing import Any, Self, TextIO, final

from flax_albert.cli.interrupt import say_on_interrupt

_PATIENCE = 2.0
"""Seconds after which work counts as long."""
_SHOW_CURSOR = "\x1b[?25h"
_now = time.monotonic


@final
class Progress:
    """A bar with rate and remaining time, for work that takes long, where standard error is a terminal.

    Args:
        total: How much there is to do, in any unit; None where nobody knows.
        wanted: Whether nothing else shows how far it is. By default that is so where standard output goes to a file:
            to a terminal the answers themselves show it, and so they may at the end of a pipe.
        unit: What is counted beside the share that is done.
    """

    def __init__(self, total: int | None, wanted: bool | None = None, unit: str = "rows") -> None:
        self._total = total
        self._unit = unit
        self._wanted = sys.stderr is not None and sys.stderr.isatty() and (wanted or _is_file(sys.stdout))
        self._bar: Any = None
        self._rows = 0
        self._first: tuple[float, int] | None = None
        self._begun = _now()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def advance(self, position: int, rows: int) -> None:
        """Counts rows that are done.

        Args:
            position: How much of the total is done with them.
            rows: How many they are.
        """
        if not self._wanted:
            return
        now = _now()
        self._rows += rows
        if self._first is None:  # what came before it was loading and compiling, or was done by an earlier run
            self._first = now, self._rows
        if self._bar is None and now - self._begun >= _PATIENCE:
            self._bar = _bar()
            self._bar.add_task("", total=self._total, completed=position, rows="", rate="")
            say_on_interrupt(_SHOW_CURSOR)
            self._bar.start()
        if self._bar:
            since, before = self._first
            rate = (self._rows - before) / (now - since) if now > since else 0.0
            said = f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"
            task = self._bar.task_ids[0]
            count = f"{self._rows:,} {self._unit}"
            self._bar.update(task, completed=position, rows=count, rate=f"{said} {self._unit}/s" if rate else "")


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    return Bar(
        BarColumn(30),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        refresh_per_second=4,
        redirect_stdout=False,
        redirect_stderr=False,
    )


def _is_file(stream: TextIO) -> bool:
    """Whether it is a file or a device such as /dev/null: no terminal, and no pipe or socket."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, AttributeError):  # it is closed, or replaced by an object of Python's
        return False
    return not stream.isatty() and not stat.S_ISFIFO(mode) and not stat.S_ISSOCK(mode)
