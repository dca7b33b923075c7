"""``metrics.jsonl``: everything that happens in a run, a line each."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import final

from flax_albert.training.events import Event, Reporter, Started
from flax_albert.training.reporting.records import from_line, to_line

_now = time.time


@final
class MetricsFile(Reporter):
    """Appends a JSON object for each event to a file.

    A line is written in one piece, so that whoever reads along, or kills the run, finds whole ones. On resuming, the
    lines of later steps go, and so does what a crash left of a line.

    Args:
        path: The file, ``training/metrics.jsonl`` in the output directory. Its directory is made.

    Raises:
        OSError: The file cannot be written; it ends with a whole line even then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def tell(self, event: Event) -> None:
        """Writes the event."""
        if isinstance(event, Started):
            self.close()
            self._trim(event.step)
            self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        if self._file is None:
            raise RuntimeError("Started comes before all other events.")
        line = to_line(event, _now())
        end = os.fstat(self._file).st_size
        try:
            if os.write(self._file, line) < len(line):
                raise OSError("the disk is full")
        except OSError as error:
            os.truncate(self._file, end)
            raise OSError(f"{self._path} cannot be written: {error.strerror or error}.") from error

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _trim(self, step: int) -> None:
        """Keeps the lines up to a step."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._path.exists():
            return
        lines = self._path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if _is_kept(line, step)]
        if len(kept) < len(lines):
            written = self._path.with_name(f".{self._path.name}.tmp")
            written.write_bytes(b"".join(kept))
            written.replace(self._path)


def read_metrics(path: Path, folder: Path) -> list[tuple[float, Event]]:
    """Reads the file.

    Args:
        path: The file.
        folder: The output directory that it is about.

    Returns:
        When each event happened, and the event. A last line that is not whole is left out: a run may be writing it.

    Raises:
        OSError: It cannot be read.
        ValueError: A line is none of ours.
    """
    events = []
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), start=1):
        if not line.endswith(b"\n"):
            break
        try:
            events.append(from_line(line, folder))
        except ValueError as error:
            raise ValueError(f"Line {number} of {path} cannot be read: {error}") from error
    return [event for event in events if event]


def _is_kept(line: bytes, step: int) -> bool:
    if not line.endswith(b"\n"):
        return False
    try:
        told = from_line(line, Path())
    except ValueError:
        return False
    return told is None or told[1].step <= step
