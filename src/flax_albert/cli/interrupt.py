"""Ctrl-C ends the command at once, quietly, and with every printed line whole."""

from __future__ import annotations

import contextlib
import os
import signal
import threading

from flax_albert.cli.output import between_lines

INTERRUPTED = 130
"""The exit code that shells report for a command that Ctrl-C ended."""

_last_words: list[str] = []


def leave_on_interrupt() -> None:
    """Makes Ctrl-C end this process.

    Python would raise ``KeyboardInterrupt`` in whatever the main thread is doing. Half-imported extensions turn that
    into other errors or lose it, and compiled code hears of it only seconds later. So a thread of its own waits.
    """
    listening, calling = os.pipe()
    os.set_blocking(calling, False)
    signal.set_wakeup_fd(calling)
    signal.signal(signal.SIGINT, lambda _signal, _frame: None)
    threading.Thread(target=_leave, args=(listening,), daemon=True).start()


def say_on_interrupt(text: str) -> None:
    """Has something written to standard error when Ctrl-C ends this process.

    Args:
        text: Lines, or what sets a terminal right.
    """
    _last_words.append(text)


def _leave(listening: int) -> None:
    os.read(listening, 1)
    with between_lines():
        if os.isatty(2):
            os.write(2, b"\n")  # the next prompt begins a line of its own
        with contextlib.suppress(OSError):
            os.write(2, "".join(reversed(_last_words)).encode(errors="replace"))
        os._exit(INTERRUPTED)
