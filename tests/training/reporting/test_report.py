"""report.html: what it holds, made from the folder alone."""

import html.parser
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flax_albert.training.events import Started
from flax_albert.training.reporting import report, report_data
from flax_albert.training.reporting.history import read_history
from flax_albert.training.reporting.layout import Layout
from tests.training.reporting import runs

ENVIRONMENT = {
    "versions": {"python": "3.11.9", "jax": "0.10.2"},
    "devices": {"cpu: cpu": 1},
    "cpu": "A processor",
    "peak_flops_per_second": 12e9,
    "command": "flax-albert finetune classify --train train.csv",
}


def described(folder: Path, select: str = "last") -> Path:
    """A folder with a whole run and its description."""
    runs.kept(folder)
    data = {"train": {"file": "/home/someone/data/train.csv", "rows": 67349}}
    run = {"settings": {"steps": 200, "select": select}, "data": data, "environment": ENVIRONMENT}
    Layout(folder).run.write_text(json.dumps(run))
    return folder


def data_of(page: str) -> dict[str, Any]:
    return json.loads(re.findall(r'id="run">(.*?)</script>', page, re.S)[0])


class Texts(html.parser.HTMLParser):
    """What a reader sees without a program, and the elements that there are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


def test_curves_and_figures_are_those_of_the_run(tmp_path: Path) -> None:
    page = report.write(described(tmp_path / "sst2")).read_text(encoding="utf-8")
    data = data_of(page)
    expected = [runs.logged(step) for step in range(10, 201, 10)]
    assert data["logged"]["of"]["step"] == list(range(10, 201, 10))
    np.testing.assert_allclose(data["logged"]["loss"], [event.loss for event in expected], rtol=1e-6)
    np.testing.assert_allclose(data["logged"]["share"], [e.tokens_per_second * 5e6 / 12e9 for e in expected], rtol=1e-6)
    dev = data["evaluated"]["dev"]
    assert dev["of"] == {
        "step": [50, 100, 150, 200],
        "tokens": [50_000, 100_000, 150_000, 200_000],
        "seconds": [40.0, 80.0, 120.0, 160.0],
    }
    assert dev["best"] == [150]
    assert [found["step"] for found in data["details"]] == [200, 150]
    said = " ".join(Texts(page).seen)
    assert "Finished after 200 steps." in said
    assert re.search(r"accuracy\s+0\.9000\s+0\.9000\s+0\.9131\s+0\.5090", said)
    assert "67,349" in said
    assert "A processor" in said
    assert "flax-albert finetune classify --train train.csv" in said
    assert "Step 200: The checkpoint in 5 was <damaged>." in said
    assert "someone" not in page


def test_the_kept_model_may_be_the_best(tmp_path: Path) -> None:
    page = report.write(described(tmp_path, select="best")).read_text(encoding="utf-8")
    assert re.search(r"accuracy\s+0\.9131\s+0\.9000\s+0\.9131\s+0\.5090", " ".join(Texts(page).seen))
    assert [found["kept"] for found in data_of(page)["details"]] == [False, True]


def test_nothing_leaves_the_page_and_no_text_becomes_markup(tmp_path: Path) -> None:
    folder = tmp_path / "<img src=x>&\"'"
    page = report.write(described(folder)).read_text(encoding="utf-8")
    texts = Texts(page)
    tags = [tag for tag, _ in texts.elements]
    assert tags.count("script") == 2
    assert not {"img", "link", "iframe", "b"} & set(tags)
    assert not [attributes for _, attributes in texts.elements if {"src", "href", "onerror", "style"} & set(attributes)]
    assert f"Training of {folder.name}" in texts.seen
    assert data_of(page)["details"][0]["samples"][0]["text"] == runs.HOSTILE.replace("\ud800", "?")
    assert "classify | <b>" not in page  # the settings of run.json are there; those of the events have it too
    assert "default-src 'none'" in page
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)


def test_it_can_be_made_again_from_a_copy_of_the_folder(tmp_path: Path) -> None:
    page = report.write(described(tmp_path / "here" / "model")).read_text()
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    (tmp_path / "there" / "model" / "report.html").unlink()
    assert report.write(tmp_path / "there" / "model").read_text() == page


def test_a_long_run_is_thinned_by_means(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_data, "MOST_POINTS", 7)
    page = report.write(runs.kept(tmp_path)).read_text()
    data = data_of(page)["logged"]
    assert data["of"]["step"] == [30, 60, 90, 120, 150, 180, 200]
    assert data["loss"][0] == pytest.approx(np.mean([runs.logged(step).loss for step in (10, 20, 30)]), rel=1e-6)
    assert "mean of 3 lines" in page


def test_a_run_that_has_only_begun(tmp_path: Path) -> None:
    runs.tell([runs.started(tmp_path)], runs.keepers(tmp_path))
    page = report.write(tmp_path).read_text()
    assert "Nothing has been measured yet." in page
    assert "step 0 is the last that is known" in page


def test_losses_that_are_not_finite_leave_a_gap(tmp_path: Path) -> None:
    runs.tell([runs.started(tmp_path), runs.logged(10, loss=float("nan")), runs.logged(20)], runs.keepers(tmp_path))
    assert data_of(report.write(tmp_path).read_text())["logged"]["loss"][0] is None


def test_a_run_that_was_gone_on_with_says_so(tmp_path: Path) -> None:
    runs.tell(runs.run(tmp_path, last=150), runs.keepers(tmp_path))
    runs.tell(runs.run(tmp_path, first=100), runs.keepers(tmp_path))
    history = read_history(tmp_path)
    assert [start.step for start in history.starts] == [0, 100]
    assert isinstance(history.started, Started)
    assert "Gone on with after step 100." in report.write(tmp_path).read_text()


def test_a_failed_write_leaves_the_earlier_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = report.write(runs.kept(tmp_path))
    before = path.read_text()

    def full(self: Path, *_arguments: Any, **_options: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match=r"report\.html cannot be written: No space left on device"):
        report.write(tmp_path)
    monkeypatch.undo()
    assert path.read_text() == before
    assert not list(tmp_path.glob(".*"))


def test_a_report_that_cannot_be_written_does_not_end_a_run(tmp_path: Path) -> None:
    told = runs.Told()
    reporters = [*runs.keepers(tmp_path), report.ReportFile(tmp_path, told)]
    events = list(runs.run(tmp_path))
    runs.tell(events[:-1], reporters)
    (tmp_path / "training" / "run.json").write_text("{")
    reporters[-1].tell(events[-1])
    (notice,) = told.events
    assert re.search(r"There is no report: .*run\.json is no JSON", str(notice))
