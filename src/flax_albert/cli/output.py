"""What the command prints: whole lines at once, and no noise when the output is gone."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from collections.abc import Iterator

from flax_albert.cli.errors import UserError

_LOCK = threading.Lock()


def encode_output(encoding: str | None = None) -> None:
    """Sees to it that every text can be printed.

    Args:
        encoding: The encoding that readers of the output expect; by default that of the terminal, with ``?`` for what
            it cannot show.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding=encoding, errors="replace")


def write(text: str) -> None:
    """Writes to standard output and flushes, so that what is printed stays whole whatever happens next.

    Args:
        text: Lines, with the newline of the last.

    Raises:
        BrokenPipeError: Whoever read the output has gone.
        UserError: The output cannot be written, because a disk is full for example.
    """
    if sys.stdout is None:
        raise UserError("standard output is closed.")
    try:
        with between_lines():
            sys.stdout.write(text)
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        discard_output()
        raise UserError(f"the output cannot be written: {error.strerror or error}.") from None


@contextlib.contextmanager
def between_lines() -> Iterator[None]:
    """Waits until no line is half printed, and holds further ones back."""
    with _LOCK:
        yield


def discard_output() -> None:
    """Sends what is still to come nowhere; Python's flush at the end would report the same failure once more."""
    # No file has a number, and a closed or replaced standard output none of ours: then there is nothing to flush.
    with contextlib.suppress(OSError, AttributeError, io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
