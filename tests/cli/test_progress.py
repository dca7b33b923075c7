"""The bar of long work: on a terminal, when the answers go to a file, and gone afterwards."""

import os
import re
import sys
from pathlib import Path

import pytest

from flax_albert.cli import progress


class Terminal:
    """A terminal, of which tests hold both ends."""

    def __init__(self) -> None:
        self._ours, theirs = os.openpty()
        self.stream = os.fdopen(theirs, "w")

    def shown(self) -> str:
        """What it has been sent; nothing can be sent afterwards."""
        self.stream.write("\0")
        self.stream.close()
        seen = b""
        while not seen.endswith(b"\0"):
            seen += os.read(self._ours, 65536)
        os.close(self._ours)
        return seen.decode().removesuffix("\0")


def plain(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)


@pytest.mark.parametrize("total", [200, None])
def test_a_long_run_shows_how_far_it_is_and_clears_the_line(
    total: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    clock = iter([0.0, 10.0, 12.0, 12.0])
    with (tmp_path / "answers").open("w") as out:
        monkeypatch.setattr(sys, "stderr", terminal.stream)
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(progress, "_now", lambda: next(clock))
        with progress.Progress(total) as bar:
            bar.advance(50, 1000)
            bar.advance(150, 2468)
        monkeypatch.undo()
    shown = terminal.shown()
    assert shown.endswith("\x1b[2K")
    last = [line for line in plain(shown).split("\r") if "rows" in line][-1]
    assert "3,468 rows" in last
    assert "1,234 rows/s" in last
    assert ("75%" in last) == (total is not None)


@pytest.mark.parametrize("case", ["short", "pipe", "terminal"])
def test_nothing_is_shown_where_it_would_disturb(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 60 if case == "short" else 0)
    terminal = Terminal()
    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing, "w") as pipe, (tmp_path / "answers").open("w") as file:
        monkeypatch.setattr(sys, "stderr", terminal.stream)
        monkeypatch.setattr(sys, "stdout", {"short": file, "pipe": pipe, "terminal": terminal.stream}[case])
        with progress.Progress(None) as bar:
            bar.advance(1, 1)
        monkeypatch.undo()
    assert terminal.shown() == ""


def test_results_in_a_file_show_nothing_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    monkeypatch.setattr(sys, "stdout", terminal.stream)
    with progress.Progress(10, wanted=True) as bar:
        bar.advance(5, 1)
    monkeypatch.undo()
    assert "50%" in plain(terminal.shown())
