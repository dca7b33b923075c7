"""The reporters of a run together, told by the loop itself."""

from pathlib import Path

import pytest

from flax_albert.training.loop import train
from flax_albert.training.reporting.environment import environment
from flax_albert.training.reporting.history import read_history
from flax_albert.training.reporting.layout import Layout
from flax_albert.training.reporting.reporters import reporters
from flax_albert.training.settings import OptimizerSettings, TrainingSettings
from tests.training import small


def trained(folder: Path, steps: int = 8) -> None:
    model = small.model()
    objective = small.Classifying(model.module)
    settings = TrainingSettings(
        steps, 8, optimizer=OptimizerSettings(learning_rate=1e-2), devices=1, log_every=2, evaluate_every=4
    )
    train(
        objective,
        model.params,
        small.batches(),
        settings,
        folder,
        evaluators=[small.Accuracy(objective, small.batches(seed=None))],
        reporters=reporters(folder),
        described={"data": {"train": "/home/someone/train.csv"}},
        environment=environment(),
        flops_per_token=1e6,
    )


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
