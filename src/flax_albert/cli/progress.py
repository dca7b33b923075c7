"""How far a long run has come, on standard error."""

from __future__ import annotations

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
    """A bar for work that takes long, where standard error is a terminal and standard output is not.

    Args:
        total: How much there is to do, in any unit; None where nobody knows.
    """

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._done = 0
        self._texts = 0
        self._next = time.monotonic() + _PATIENCE
        self._wanted = _is_terminal(sys.stderr) and not _is_terminal(sys.stdout)
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
            return f"{self._texts:,} texts"
        share = min(self._done / self._total, 1.0)
        return f"{'█' * round(share * _WIDTH):░<{_WIDTH}} {share:4.0%}  {self._texts:,} texts"


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _draw(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
