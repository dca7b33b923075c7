"""``flax-albert report``, called in this process."""

import re
from pathlib import Path

import pytest

from flax_albert.cli import main
from tests.training.reporting import runs


def test_a_page_is_written_for_a_run_in_any_state(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "sst2"
    runs.tell(runs.run(folder, last=100), runs.keepers(folder))
    assert main(["report", str(folder)]) == 0
    said = capsys.readouterr()
    assert re.fullmatch(rf"{re.escape(str(folder / 'report.html'))}: \d+ kB\n", said.out)
    assert "step 100 is the last that is known" in (folder / "report.html").read_text()
    other = tmp_path / "other.html"
    assert main(["report", str(folder), "--output", str(other)]) == 0
    assert other.read_text() == (folder / "report.html").read_text()


def test_mistakes_are_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path)]) == 2
    assert "holds no run to report on" in capsys.readouterr().err
    runs.kept(tmp_path)
    assert main(["report", str(tmp_path), "--output", str(tmp_path / "no" / "a.html")]) == 2
    error = capsys.readouterr().err
    assert "a.html cannot be written: No such file or directory." in error
    assert error.count("\n") == 1
    (tmp_path / "training" / "run.json").write_text("[")
    assert main(["report", str(tmp_path)]) == 2
    assert "run.json is no JSON" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.html"))
