"""The reporters of a run together, told by the loop itself."""

from pathlib import Path

import pytest

from flax_albert.training.events import Event, Logged, Reporter
from flax_albert.training.loop import train
from flax_albert.training.reporting.environment import environment
from flax_albert.training.reporting.history import read_history
from flax_albert.training.reporting.layout import Layout
from flax_albert.training.reporting.reporters import reporters
from flax_albert.training.settings import OptimizerSettings, TrainingSettings
from tests.training import small

pytestmark = pytest.mark.slow  # what fine-tunes and pretrains is tested with them every day


def trained(folder: Path, *more: Reporter, resume: bool = False) -> None:
    model = small.model()
    objective = small.Classifying(model.module)
    settings = TrainingSettings(
        8, 8, optimizer=OptimizerSettings(learning_rate=1e-2), devices=1, log_every=2, evaluate_every=4
    )
    train(
        objective,
        model.params,
        small.batches(),
        settings,
        folder,
        evaluators=[small.Accuracy(objective, small.batches(seed=None))],
        reporters=[*reporters(folder), *more],
        described={"data": {"train": "/home/someone/train.csv"}},
        environment=environment(),
        flops_per_token=1e6,
        resume=resume,
    )


class Fail(Reporter):
    """Ends the run when a step is logged."""

    def __init__(self, step: int) -> None:
        self._step = step

    def tell(self, event: Event) -> None:
        if isinstance(event, Logged) and event.step == self._step:
            raise ZeroDivisionError


def test_a_run_of_the_loop_is_kept_and_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    trained(tmp_path)
    history = read_history(tmp_path)
    assert [event.step for event in history.logged] == [2, 4, 6, 8]
    (name,) = history.evaluated
    assert [event.step for event in history.evaluated[name]] == [4, 8]
    assert history.finished is not None
    assert history.finished.reason == "finished"
    assert history.run["settings"]["steps"] == 8
    assert history.run["environment"]["versions"]["python"]
    assert len(list(Layout(tmp_path).tensorboard.iterdir())) == 1
    assert "Finished after 8 steps." in Layout(tmp_path).report.read_text()
    shown = capfd.readouterr()
    assert shown.out == ""
    assert f"{name} at step 4, in 0:" in shown.err
    assert "Finished at step 8, after" in shown.err.splitlines()[-1]


def test_a_run_that_failed_and_was_resumed_is_kept_as_one(tmp_path: Path) -> None:
    trained(tmp_path / "whole")
    with pytest.raises(ZeroDivisionError):
        trained(tmp_path / "resumed", Fail(6))
    assert read_history(tmp_path / "resumed").finished is None
    trained(tmp_path / "resumed", resume=True)
    whole, resumed = read_history(tmp_path / "whole"), read_history(tmp_path / "resumed")
    assert [start.step for start in resumed.starts] == [0, 4]
    for one, other in zip(whole.logged, resumed.logged, strict=True):
        assert (one.step, one.loss, one.terms, one.tokens) == (other.step, other.loss, other.terms, other.tokens)
        assert (one.learning_rate, one.gradient_norm) == (other.learning_rate, other.gradient_norm)
    for one, other in zip(whole.evaluated["dev"], resumed.evaluated["dev"], strict=True):
        assert (one.step, one.evaluation, one.best) == (other.step, other.evaluation, other.best)
    lines = Layout(tmp_path / "resumed").metrics.read_text().splitlines()
    assert len([line for line in lines if '"event": "logged"' in line]) == 4
