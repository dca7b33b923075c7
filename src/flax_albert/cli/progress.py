"""How far a long run has come, on standard error."""

from __future__ import annotations

import os
import stat
import sys
import time
from types import TracebackType
from typing import Self, TextIO, final

_PATIENCE = 2.0
"""Seconds after which work counts as long."""
_INTERVAL = 0.2
"""Seconds between two pictures of the bar."""
_WIDTH = 30
_CLEAR_LINE = "\r\x1b[K"


@final
class Progress:
    """A bar for work that takes long, where standard error is a terminal and standard output goes to a file.

    To a terminal the answers themselves show how far it is, and so they may at the end of a pipe.

    Args:
        total: How much there is to do, in any unit; None where nobody knows.
    """

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._done = 0
        self._texts = 0
        self._next = time.monotonic() + _PATIENCE
        self._wanted = sys.stderr is not None and sys.stderr.isatty() and _is_file(sys.stdout)
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._shown:
            _draw(_CLEAR_LINE)

    def advance(self, amount: int) -> None:
        """Counts one more text.

        Args:
            amount: Its share of the total.
        """
        self._done += amount
        self._texts += 1
        now = time.monotonic()
        if self._wanted and now >= self._next:
            self._next = now + _INTERVAL
            self._shown = True
            _draw(_CLEAR_LINE + self._picture())

    def _picture(self) -> str:
        if not self._total:
            return f"text {self._texts:,}"
        share = min(self._done / self._total, 1.0)
        return f"{'█' * round(share * _WIDTH):░<{_WIDTH}} {share:4.0%}  text {self._texts:,}"


def _is_file(stream: TextIO) -> bool:
    """Whether it is a file or a device such as /dev/null: no terminal, and no pipe or socket."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, AttributeError):  # it is closed, or replaced by an object of Python's
        return False
    return not stream.isatty() and not stat.S_ISFIFO(mode) and not stat.S_ISSOCK(mode)


def _draw(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
