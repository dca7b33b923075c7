"""metrics.jsonl: everything comes back, lines are whole, and what a run goes back behind is forgotten."""

import dataclasses
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from flax_albert.training.evaluator import Evaluation
from flax_albert.training.events import Evaluated, Noticed, Saved
from flax_albert.training.reporting.layout import Layout
from flax_albert.training.reporting.metrics_file import MetricsFile, read_metrics
from tests.training.reporting import runs


def written(folder: Path) -> list[dict[str, object]]:
    def refused(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    lines = Layout(folder).metrics.read_text(encoding="utf-8").splitlines()
    return [json.loads(line, parse_constant=refused) for line in lines]


def test_events_come_back_as_they_were(tmp_path: Path) -> None:
    events = list(runs.run(tmp_path))
    runs.tell(events, [MetricsFile(Layout(tmp_path).metrics)])
    read = [event for _, event in read_metrics(Layout(tmp_path).metrics, tmp_path)]
    assert len(read) == len(events)
    for event, expected in zip(read, events, strict=True):
        if isinstance(event, Evaluated):
            assert isinstance(expected, Evaluated)
            found, whole = event.evaluation, expected.evaluation
            assert (found.metrics, found.baselines, found.settings) == (whole.metrics, whole.baselines, whole.settings)
            event, expected = (dataclasses.replace(each, evaluation=Evaluation({})) for each in (event, expected))
        elif isinstance(event, Saved):
            expected = Saved(expected.step, tmp_path)  # where a checkpoint lies is not kept
        assert event == expected
    assert str(tmp_path) not in Layout(tmp_path).metrics.read_text()


def test_numbers_that_json_lacks_are_null_and_named(tmp_path: Path) -> None:
    event = dataclasses.replace(
        runs.logged(10), loss=math.nan, terms={"a.b": math.inf, "c": 1.0}, gradient_norm=-math.inf
    )
    figures = Evaluation(
        {"f1": 0.5, "loss": math.nan}, settings={"list": [np.float32(1), math.nan, (np.int64(2), "x")]}
    )
    runs.tell(
        [runs.started(tmp_path), event, Evaluated(10, "dev", figures, 1.0, True)],
        [MetricsFile(Layout(tmp_path).metrics)],
    )
    line = written(tmp_path)[1]
    assert line["loss"] is None
    assert line["terms"] == {"a.b": None, "c": 1.0}
    assert line["not_finite"] == {"loss": "nan", "terms.a.b": "inf", "gradient_norm": "-inf"}
    _, (_, read), (_, evaluated) = read_metrics(Layout(tmp_path).metrics, tmp_path)
    assert repr(read) == repr(event)
    assert isinstance(evaluated, Evaluated)
    assert repr(evaluated.evaluation.metrics) == "{'f1': 0.5, 'loss': nan}"
    assert repr(evaluated.evaluation.settings) == "{'list': [1.0, nan, [2, 'x']]}"


def test_resuming_drops_later_steps_and_half_a_line(tmp_path: Path) -> None:
    path = Layout(tmp_path).metrics
    runs.tell(runs.run(tmp_path, last=150), [MetricsFile(path)])
    with path.open("ab") as file:
        file.write(b'{"event": "logged", "step": 1')
    assert len(read_metrics(path, tmp_path)) == len(written_whole(path))
    runs.tell(runs.run(tmp_path, first=100), [MetricsFile(path)])
    lines = written(tmp_path)
    assert [line["step"] for line in lines if line["event"] == "logged"] == list(range(10, 201, 10))
    assert [line["step"] for line in lines if line["event"] == "started"] == [0, 100]
    assert [line["step"] for line in lines if line["event"] == "evaluated"] == [50, 100, 150, 200]
    assert [file.name for file in path.parent.iterdir()] == ["metrics.jsonl"]


def written_whole(path: Path) -> list[bytes]:
    return [line for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]


def test_a_full_disk_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Layout(tmp_path).metrics
    reporter = MetricsFile(path)
    reporter.tell(runs.started(tmp_path))
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[:20]))
    with pytest.raises(OSError, match=r"metrics\.jsonl cannot be written: the disk is full"):
        reporter.tell(runs.logged(10))
    monkeypatch.undo()
    reporter.tell(runs.logged(20))
    reporter.close()
    assert [line["step"] for line in written(tmp_path)] == [0, 20]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = Layout(tmp_path).metrics
    runs.tell(runs.run(tmp_path, last=50), [MetricsFile(path)])
    lines = path.read_bytes().splitlines(keepends=True)
    for damaged in (b"[1]\n", b"{}\n", b"\xff\n", b'{"event": "noticed", "time": "2026-01-01", "step": 1}\n', b"\0\n"):
        path.write_bytes(b"".join([*lines[:2], damaged, *lines[2:]]))
        with pytest.raises(ValueError, match=r"Line 3 of .*metrics\.jsonl cannot be read: it is no line that training"):
            read_metrics(path, tmp_path)


def test_text_of_any_kind_stays_on_its_line(tmp_path: Path) -> None:
    said = "two\nlines \u2028 and \r more \ud800"
    runs.tell([runs.started(tmp_path), Noticed(1, said)], [MetricsFile(Layout(tmp_path).metrics)])
    (_, _), (_, read) = read_metrics(Layout(tmp_path).metrics, tmp_path)
    assert isinstance(read, Noticed)
    assert read.text == said.replace("\ud800", "?")
