"""Confusion matrices and samples: the last and the best evaluation stay."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from flax_albert.training.evaluator import Evaluation, Sample
from flax_albert.training.reporting.evaluation_files import EvaluationFiles, read_details
from tests.training.reporting import runs


def steps(folder: Path) -> list[tuple[str, int, bool]]:
    return [(details.name, details.step, details.best) for details in read_details(folder)]


def test_the_last_and_the_best_stay(tmp_path: Path) -> None:
    reporter = EvaluationFiles(tmp_path / "evaluations")
    reporter.tell(runs.started(tmp_path))
    for step, best in ((50, True), (100, True), (150, False), (200, False)):
        reporter.tell(runs.evaluated(step, best=best))
    assert steps(tmp_path / "evaluations") == [("dev", 100, True), ("dev", 200, False)]
    reporter.tell(runs.evaluated(200, name="../other/\u2028", best=True))
    reporter.tell(runs.evaluated(250, best=True))
    assert steps(tmp_path / "evaluations") == [("../other/\u2028", 200, True), ("dev", 250, True)]
    assert [path.name for path in tmp_path.iterdir()] == ["evaluations"]


def test_what_is_kept_is_what_was_found(tmp_path: Path) -> None:
    event = runs.evaluated(50, labels=3)
    runs.tell([runs.started(tmp_path), event], [EvaluationFiles(tmp_path)])
    (read,) = read_details(tmp_path)
    assert event.evaluation.confusion
    assert read.confusion
    assert list(read.confusion.labels) == list(event.evaluation.confusion.labels)
    assert np.array_equal(read.confusion.counts, event.evaluation.confusion.counts)
    assert read.samples[1:] == tuple(event.evaluation.samples[1:])
    assert read.samples[0].text == runs.HOSTILE.replace("\ud800", "?")


def test_many_long_samples_are_cut(tmp_path: Path) -> None:
    samples = [Sample("x" * 10_000, "a", "b", number % 2 == 0) for number in range(3000)]
    event = dataclasses.replace(runs.evaluated(50), evaluation=Evaluation({}, samples=samples))
    runs.tell([runs.started(tmp_path), event], [EvaluationFiles(tmp_path)])
    (read,) = read_details(tmp_path)
    assert read.left_out == 2500
    assert [sample.right for sample in read.samples] == [False] * 400 + [True] * 100
    assert len(read.samples[0].text) == 2001


def test_resuming_forgets_later_ones(tmp_path: Path) -> None:
    runs.tell(
        [runs.started(tmp_path), runs.evaluated(50), runs.evaluated(100, best=False)], [EvaluationFiles(tmp_path)]
    )
    runs.tell([runs.started(tmp_path, step=70)], [EvaluationFiles(tmp_path)])
    assert steps(tmp_path) == [("dev", 50, True)]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    runs.tell([runs.started(tmp_path), runs.evaluated(50)], [EvaluationFiles(tmp_path)])
    (path,) = tmp_path.iterdir()
    path.write_text('{"step": 50}')
    with pytest.raises(ValueError, match=r"00000050-dev\.json is no evaluation that training keeps"):
        read_details(tmp_path)
