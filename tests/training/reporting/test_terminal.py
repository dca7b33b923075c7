"""What a person sees while a run goes on: on a terminal, on a narrow one, and in a file."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from flax_albert.training.events import Finished, Noticed, Saved
from flax_albert.training.reporting import terminal
from flax_albert.training.reporting.progress import Progress
from flax_albert.training.reporting.terminal import Terminal
from tests.training.reporting import runs


def console(width: int = 100, interactive: bool = True) -> Console:
    return Console(
        file=io.StringIO(), width=width, height=30, force_terminal=interactive, force_interactive=interactive,
        color_system=None, highlight=False, markup=False, emoji=False, legacy_windows=False,
    )  # fmt: skip


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", console.file.getvalue())


def line(width: int, peak: float | None = 12e9) -> str:
    """The moving line after two thirds of a run."""
    progress = Progress(runs.started(Path(), steps=20_000), peak)
    for step in (1000, 15_000):
        progress.log(runs.logged(step, loss=0.4312))
    drawn = console(width)
    drawn.print(progress)
    return shown(drawn).rstrip("\n")


def test_the_line_says_everything_where_there_is_room() -> None:
    said = line(100)
    assert said.startswith("15,000/20,000  ━")
    for part in ("loss 0.4312", "1:06:40 left", "tokens/s", "% of peak"):
        assert part in said
    rate = int(re.findall(r"([\d,]+) tokens/s", said)[0].replace(",", ""))
    share = int(re.findall(r"(\d+)% of peak", said)[0])
    assert share == pytest.approx(100 * rate * 5.0e6 / 12e9, abs=0.51)
    assert "peak" not in line(100, peak=None)


@pytest.mark.parametrize("width", range(12, 110, 7))
def test_the_line_stays_one_line(width: int) -> None:
    said = line(width)
    assert "\n" not in said
    assert len(said) < width
    assert said.startswith("15,000/20,000"[: width - 2])


def test_a_run_on_a_terminal(tmp_path: Path) -> None:
    wide = console()
    runs.tell(runs.run(tmp_path), [Terminal(wide)])
    said = shown(wide)
    assert "1,953,984 parameters, 200 steps, 4 epochs." in said
    assert "the first steps are being compiled" in said
    assert "dev at step 50, in 0:02, the best so far" in said
    assert re.search(r"accuracy +0\.7544 +0\.5090", said)
    at_the_end = said[said.index("dev at step 200") :]
    assert "best before (step 150)" in at_the_end
    assert re.search(r"accuracy +0\.9000 +0\.9131 +0\.5090", at_the_end)
    assert "The checkpoint in /home/someone/out/5 was <damaged>." in at_the_end
    assert at_the_end.rstrip().endswith("Finished at step 200, after 2:45.")


@pytest.mark.parametrize("width", [12, 30, 50])
def test_a_narrow_terminal_keeps_the_figures_whole(tmp_path: Path, width: int) -> None:
    narrow = console(width)
    runs.tell(runs.run(tmp_path), [Terminal(narrow)])
    said = " ".join(shown(narrow).split())
    assert "accuracy 0.7544" in said
    assert all(len(line) <= width for line in shown(narrow).replace("\r", "\n").split("\n"))


def test_in_a_file_there_is_a_line_a_minute_and_one_an_evaluation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 10_000, 15))  # seconds between one look and the next
    monkeypatch.setattr(terminal, "_now", lambda: float(next(clock)))
    plain = console(interactive=False)
    runs.tell(runs.run(tmp_path), [Terminal(plain)])
    assert isinstance(plain.file, io.StringIO)
    assert "\x1b" not in plain.file.getvalue()
    lines = plain.file.getvalue().splitlines()
    steps = [line for line in lines if line.startswith("step")]
    assert 3 <= len(steps) <= 6
    assert re.fullmatch(r"step \d+ of 200, loss [\d.]+, [\d:]+ left, 1,\d\d\d tokens/s", steps[-1])
    assert [line for line in lines if line.startswith("dev")][-1] == (
        "dev at step 200, in 0:02: loss 0.3357, accuracy 0.9000 (baseline 0.5090), best at step 150"
    )
    assert lines[-1] == "Finished at step 200, after 2:45."


def test_a_run_that_is_gone_on_with_knows_its_best(tmp_path: Path) -> None:
    runs.tell(runs.run(tmp_path, last=150), runs.keepers(tmp_path))
    wide = console()
    runs.tell([runs.started(tmp_path, 100), runs.evaluated(110, best=False)], [Terminal(wide)])
    assert "going on after step 100." in shown(wide)
    assert "best before (step 100)" in shown(wide)


def test_the_cursor_comes_back_when_an_error_ends_the_run(tmp_path: Path) -> None:
    wide = console()
    reporter = Terminal(wide)
    reporter.tell(runs.started(tmp_path))
    assert isinstance(wide.file, io.StringIO)
    assert wide.file.getvalue().count("\x1b[?25l") == 1
    reporter.close()
    reporter.close()
    assert wide.file.getvalue().endswith("\x1b[?25h") or "\x1b[?25h" in wide.file.getvalue()


def test_nothing_steers_the_terminal(tmp_path: Path) -> None:
    wide = console()
    Terminal(wide).tell(Noticed(1, "[red]left\x1b[2J as it is[/]"))
    Terminal(wide).tell(Saved(1, tmp_path))
    Terminal(wide).tell(Finished(7, "interrupted", 65.0))
    assert isinstance(wide.file, io.StringIO)
    assert "[red]left\N{REPLACEMENT CHARACTER}[2J as it is[/]" in wide.file.getvalue()
    assert "Interrupted at step 7, after 1:05; the run can be resumed." in wide.file.getvalue()
