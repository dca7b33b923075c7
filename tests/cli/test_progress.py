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


def test_a_long_run_shows_how_far_it_is_and_clears_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    monkeypatch.setattr(progress, "_INTERVAL", 0)
    terminal = Terminal()
    with (tmp_path / "answers").open("w") as out:
        monkeypatch.setattr(sys, "stderr", terminal.stream)
        monkeypatch.setattr(sys, "stdout", out)
        with progress.Progress(200) as bar:
            bar.advance(50)
            bar.advance(100)
        monkeypatch.undo()
    pictures = terminal.shown().split("\r\x1b[K")
    assert pictures[0] == pictures[-1] == ""
    assert [re.sub("[█░]+", "", picture) for picture in pictures[1:-1]] == ["  25%  text 1", "  75%  text 2"]
    assert pictures[1].count("█") * 3 == pytest.approx(pictures[2].count("█"), abs=2)


@pytest.mark.parametrize("case", ["short", "pipe", "terminal"])
def test_nothing_is_shown_where_it_would_disturb(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 60 if case == "short" else 0)
    terminal = Terminal()
    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing, "w") as pipe, (tmp_path / "answers").open("w") as file:
        monkeypatch.setattr(sys, "stderr", terminal.stream)
        monkeypatch.setattr(sys, "stdout", {"short": file, "pipe": pipe, "terminal": terminal.stream}[case])
        with progress.Progress(None) as bar:
            bar.advance(1)
        monkeypatch.undo()
    assert terminal.shown() == ""
