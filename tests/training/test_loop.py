"""The loop: what it learns, and that nothing it survives changes a bit of the result."""

from __future__ import annotations

import dataclasses
import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
import optax
import pytest

from flax_albert.data.batches import ALL_ROWS, Batch, Batches
from flax_albert.model.leaves import leaves_of
from flax_albert.training.errors import ChangedRunError, CheckpointError, DivergedError
from flax_albert.training.events import Evaluated, Event, Finished, Logged, Noticed, Reporter, Started
from flax_albert.training.loop import TrainingResult, train
from flax_albert.training.optimizers import optimizer as build_optimizer
from flax_albert.training.optimizers import trained_paths
from flax_albert.training.settings import OptimizerSettings, TrainingSettings
from flax_albert.training.state import equal_bits, first_state
from flax_albert.training.step import train_step
from tests.training import small

SETTINGS = TrainingSettings(
    steps=24,
    batch_size=8,
    optimizer=OptimizerSettings(learning_rate=1e-2, warmup=3),
    devices=1,  # it compiles faster
    log_every=4,
    save_every=5,
)


def run(folder: Path, settings: TrainingSettings = SETTINGS, **more: Any) -> TrainingResult:
    model = small.model()
    objective = small.Classifying(model.module)
    arguments: dict[str, Any] = {"batches": small.batches(), **more}
    evaluators = [small.Accuracy(objective, small.batches(seed=None))]
    return train(objective, model.params, settings=settings, folder=folder, evaluators=evaluators, **arguments)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> TrainingResult:
    return run(tmp_path_factory.mktemp("whole"))


class Crash(Reporter):
    """Fails when a step is reported."""

    def __init__(self, step: int) -> None:
        self.step = step

    def tell(self, event: Event) -> None:
        if isinstance(event, Logged) and event.step == self.step:
            raise ZeroDivisionError


class Raise(Reporter):
    """Sends this process a signal when a step is reported."""

    def __init__(self, number: signal.Signals, step: int) -> None:
        self.number, self.step = number, step

    def tell(self, event: Event) -> None:
        if isinstance(event, Logged) and event.step == self.step:
            signal.raise_signal(self.number)


def test_it_learns_and_says_so(tmp_path: Path) -> None:
    kept = small.Kept()
    settings = dataclasses.replace(SETTINGS, steps=60, optimizer=OptimizerSettings(learning_rate=3e-3, warmup=3))
    result = run(tmp_path, settings, reporters=[kept])
    assert (result.step, result.reason) == (60, "finished")
    assert result.evaluations["dev"].metrics["accuracy"] >= 0.85
    losses = [event.loss for event in kept.of(Logged)]
    assert len(losses) == 60 // 4
    assert losses[-1] < 0.6 * losses[0]
    assert isinstance(kept.events[0], Started)
    assert isinstance(kept.events[-1], Finished)
    assert [event.step for event in kept.of(Evaluated)] == list(range(5, 61, 5))
    batches = small.batches()
    assert kept.of(Logged)[-1].tokens == sum(int(batches.batch(n)["attention_mask"].sum()) for n in range(60))


def test_equal_runs_are_equal_to_the_last_bit(tmp_path: Path, uninterrupted: TrainingResult) -> None:
    again = run(tmp_path)
    assert equal_bits(again.params, uninterrupted.params)
    other = run(tmp_path / "other", dataclasses.replace(SETTINGS, seed=1))
    assert not equal_bits(other.params, uninterrupted.params)  # another dropout


@pytest.mark.parametrize("step", [4, 12, 20])
def test_a_run_that_failed_goes_on_as_if_it_had_not(tmp_path: Path, uninterrupted: TrainingResult, step: int) -> None:
    with pytest.raises(ZeroDivisionError):
        run(tmp_path, reporters=[Crash(step)])
    kept = small.Kept()
    resumed = run(tmp_path, resume=True, reporters=[kept])
    assert kept.of(Started)[0].step == (step - 1) // 5 * 5  # it failed before that step was saved
    assert equal_bits(resumed.params, uninterrupted.params)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_and_leaves(tmp_path: Path, uninterrupted: TrainingResult, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    kept = small.Kept()
    left = run(tmp_path, reporters=[Raise(number, 12), kept])
    assert (left.step, left.reason) == (12, number.name)
    assert kept.of(Noticed)[0].text.startswith(f"{number.name}: saving a checkpoint")
    assert signal.getsignal(number) is before
    resumed = run(tmp_path, resume=True)
    assert resumed.step == 24
    assert equal_bits(resumed.params, uninterrupted.params)


def damaged(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def damage(checkpoint: Path) -> None:
        for data in (checkpoint / "state").rglob("d/*"):
            data.write_bytes(change(data.read_bytes()))

    return damage


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # orbax leaves other reads unawaited
@pytest.mark.parametrize(
    "damage",
    [
        damaged(lambda data: data[: len(data) // 2]),
        damaged(lambda data: data[:500] + bytes(b ^ 255 for b in data[500:900]) + data[900:]),
        damaged(lambda data: b""),
        lambda checkpoint: (checkpoint / "notes" / "metadata").write_text("{"),
        lambda checkpoint: shutil.rmtree(checkpoint / "state"),
    ],
    ids=["cut short", "overwritten", "empty", "notes", "missing"],
)
def test_a_damaged_checkpoint_gives_way_to_the_one_before(
    tmp_path: Path, uninterrupted: TrainingResult, damage: Callable[[Path], None]
) -> None:
    run(tmp_path, reporters=[Raise(signal.SIGTERM, 12)])
    damage(tmp_path / "training" / "checkpoints" / "12")
    kept = small.Kept()
    resumed = run(tmp_path, resume=True, reporters=[kept])
    (notice,) = kept.of(Noticed)
    assert "step 12" in notice.text
    assert "Going on from step 10" in notice.text
    assert kept.of(Started)[0].step == 10
    assert equal_bits(resumed.params, uninterrupted.params)
    assert [path.name for path in (tmp_path / "training" / "damaged").iterdir()] == ["12-0"]


def test_no_whole_checkpoint_is_told(tmp_path: Path) -> None:
    run(tmp_path, reporters=[Raise(signal.SIGTERM, 4)])
    for checkpoint in (tmp_path / "training" / "checkpoints").iterdir():
        shutil.rmtree(checkpoint / "state")
    with pytest.raises(CheckpointError, match=r"No checkpoint in .* can be resumed from"):
        run(tmp_path, resume=True)


def test_a_changed_run_is_refused_by_the_name_of_what_changed(tmp_path: Path) -> None:
    run(tmp_path, reporters=[Raise(signal.SIGTERM, 4)], described={"data": {"train.csv": "abc"}})
    changed = dataclasses.replace(SETTINGS, optimizer=dataclasses.replace(SETTINGS.optimizer, learning_rate=2e-2))
    with pytest.raises(
        ChangedRunError, match=r"settings\.optimizer\.learning_rate: it began with 0\.01,.*now it is 0\.02"
    ):
        run(tmp_path, changed, resume=True, described={"data": {"train.csv": "abc"}})
    with pytest.raises(ChangedRunError, match=r"data\.train\.csv"):
        run(tmp_path, resume=True, described={"data": {"train.csv": "abd"}})
    often = dataclasses.replace(SETTINGS, log_every=2, keep=1)  # what changes no number may change
    assert run(tmp_path, often, resume=True, described={"data": {"train.csv": "abc"}}).step == 24
    with pytest.raises(FileNotFoundError, match="no run to resume"):
        run(tmp_path / "elsewhere", resume=True)


def test_the_last_and_the_best_stay(tmp_path: Path) -> None:
    kept = small.Kept()
    result = run(tmp_path, dataclasses.replace(SETTINGS, keep=2, select="best", steps=40), reporters=[kept])
    best = [event.step for event in kept.of(Evaluated) if event.best][-1]
    steps = {int(path.name) for path in (tmp_path / "training" / "checkpoints").iterdir()}
    assert steps == {best, 35, 40}
    assert result.step == best
    figures = {event.step: event.evaluation.metrics["accuracy"] for event in kept.of(Evaluated)}
    assert result.evaluations["dev"].metrics["accuracy"] == figures[best] == max(figures.values())


class Poisoned(Batches):
    """Batches one of which makes the loss infinite where the learning rate is not below a bound."""

    def __init__(self, number: int) -> None:
        self._batches, self._number = small.batches(), number

    @property
    def size(self) -> int:
        return self._batches.size

    @property
    def per_epoch(self) -> int:
        return self._batches.per_epoch

    def batch(self, number: int, rows: slice = ALL_ROWS) -> Batch:
        batch = dict(self._batches.batch(number, rows))
        batch["poison"] = np.full(len(batch["valid"]), number == self._number, np.float32)
        return batch


class Explosive(small.Classifying):
    """A loss that is not finite on a poisoned batch if the parameters have grown beyond a bound."""

    def loss(self, params: Any, batch: Any, weights: Any, dropout_key: Any = None) -> Any:
        loss, terms = super().loss(params, batch, weights, dropout_key)
        poisoned = (batch["poison"].max() > 0) & (self.distance(params) > self.bound)
        return jax.numpy.where(poisoned, jax.numpy.inf, loss), terms

    def distance(self, params: Any) -> Any:
        """How far the parameters have come; a lower learning rate keeps them near."""
        return optax.tree.norm(jax.tree.map(jax.numpy.subtract, params, self.start))

    bound: float
    start: Any


def exploding(folder: Path, bound: float, **more: Any) -> TrainingResult:
    model = small.model()
    objective = Explosive(model.module)
    objective.bound, objective.start = bound, model.params
    settings = dataclasses.replace(SETTINGS, **more.pop("settings", {}))
    return train(objective, model.params, Poisoned(13), settings, folder, **more)


def test_divergence_stops_with_the_batch_and_the_last_good_checkpoint(tmp_path: Path) -> None:
    kept = small.Kept()
    with pytest.raises(DivergedError, match=r"step 14.*diverged-batch-13\.npz.*checkpoints/13") as told:
        exploding(tmp_path, bound=0.0, reporters=[kept])
    assert kept.events[-1] == dataclasses.replace(kept.of(Finished)[0], reason="diverged", step=13)
    with np.load(tmp_path / "training" / "diverged-batch-13.npz") as batch:
        assert np.array_equal(batch["input_ids"], Poisoned(13).batch(13)["input_ids"])
    assert "rollback" in str(told.value)
    # It can be gone on from: what was saved is the state before the batch, and the batch is met again.
    with pytest.raises(DivergedError, match="step 14"):
        exploding(tmp_path, bound=0.0, resume=True)
    assert exploding(tmp_path, bound=1e9, resume=True).step == 24


def test_rollback_goes_back_with_a_lower_rate_until_it_helps(tmp_path: Path) -> None:
    def distance(step: int) -> float:
        reporters = [Raise(signal.SIGTERM, step)]
        left = exploding(tmp_path / str(step), bound=1e9, settings={"log_every": 1}, reporters=reporters)
        return float(optax.tree.norm(jax.tree.map(np.subtract, left.params, small.model().params)))

    assert distance(10) < distance(13)
    kept = small.Kept()
    bound = 0.3 * distance(10) + 0.7 * distance(13)
    result = exploding(tmp_path, bound=bound, settings={"on_divergence": "rollback"}, reporters=[kept])
    assert result.step == 24
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(result.params))
    notices = kept.of(Noticed)
    assert notices
    assert "back to step 10, with 0.5 of the learning rate" in notices[0].text
    full = SETTINGS.optimizer.learning_rate * (1 - 23 / 24)
    assert kept.of(Logged)[-1].learning_rate == pytest.approx(full * 0.5 ** len(notices))


@pytest.mark.slow
def test_rollback_gives_up_in_the_end(tmp_path: Path) -> None:
    with pytest.raises(DivergedError, match="after 5 rollbacks"):
        exploding(tmp_path, bound=-1.0, settings={"on_divergence": "rollback"})


@pytest.mark.parametrize("sharding", ["replicated", "sharded"])
def test_eight_devices_are_as_one(tmp_path: Path, uninterrupted: TrainingResult, sharding: Any) -> None:
    result = run(tmp_path, dataclasses.replace(SETTINGS, devices=8, sharding=sharding))
    assert result.evaluations == uninterrupted.evaluations
    for one, eight in zip(*(jax.tree.leaves(each.params) for each in (uninterrupted, result)), strict=True):
        np.testing.assert_allclose(eight, one, rtol=0, atol=1e-4)


def test_accumulation_is_the_large_batch(tmp_path: Path) -> None:
    model = small.model(dropout=0.0)
    objective = small.Classifying(model.module)
    results = [
        train(
            objective,
            model.params,
            small.batches(size=32, count=60),
            dataclasses.replace(SETTINGS, steps=6, accumulate=parts),
            tmp_path / str(parts),
        )
        for parts in (1, 4)
    ]
    for whole, parts in zip(*(jax.tree.leaves(result.params) for result in results), strict=True):
        np.testing.assert_allclose(parts, whole, rtol=0, atol=2e-5)


def test_frozen_parameters_stay_and_cost_nothing(tmp_path: Path) -> None:
    model = small.model()
    optimizer = dataclasses.replace(SETTINGS.optimizer, frozen=("albert/*",))
    kept = small.Kept()
    result = run(tmp_path, dataclasses.replace(SETTINGS, steps=4, optimizer=optimizer), reporters=[kept])
    assert equal_bits(result.params["albert"], model.params["albert"])
    assert not equal_bits(result.params["classifier"], model.params["classifier"])
    assert kept.of(Started)[0].parameters == 16 * 2 + 2

    # Nothing is left of the backward pass below the head: a step costs little more than a forward pass.
    objective = small.Classifying(model.module)
    leaves = leaves_of(model.module, model.config, (1, 1))
    batch = small.batches().batch(0)

    def operations(frozen: tuple[str, ...]) -> float:
        settings = dataclasses.replace(SETTINGS.optimizer, frozen=frozen)
        transformation = build_optimizer(settings, 4, leaves)
        step = train_step(objective, transformation, trained=trained_paths(frozen, leaves))
        lowered = jax.jit(step).lower(first_state(model.params, transformation), batch)
        counted: Any = lowered.compile().cost_analysis()
        return counted["flops"]

    assert operations(("albert/*",)) < 0.5 * operations(())


def test_a_batch_that_cannot_be_divided_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="12 rows cannot be divided among 8 devices; take a multiple of 8"):
        run(tmp_path, dataclasses.replace(SETTINGS, devices=8), batches=small.batches(size=12))


def test_a_step_compiles_once_a_shape(tmp_path: Path) -> None:
    settings = dataclasses.replace(SETTINGS, steps=60)
    lengths = {small.batches().batch(number)["input_ids"].shape for number in range(60)}
    with jax.log_compiles(), pytest.MonkeyPatch.context():
        import logging

        messages: list[str] = []
        handler = logging.Handler()
        handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
        logger = logging.getLogger("jax._src.dispatch")
        logger.addHandler(handler)
        try:
            run(tmp_path, settings)
        finally:
            logger.removeHandler(handler)
    compiled = [message for message in messages if message.startswith("Finished XLA compilation of jit(step)")]
    assert len(compiled) == len(lengths)


def test_the_run_file_says_what_was_chosen(tmp_path: Path) -> None:
    run(tmp_path, dataclasses.replace(SETTINGS, steps=4), described={"kind": "classify"}, environment={"jax": "x"})
    told = json.loads((tmp_path / "training" / "run.json").read_text())
    assert told["settings"]["optimizer"]["learning_rate"] == SETTINGS.optimizer.learning_rate
    assert (told["kind"], told["environment"]) == ("classify", {"jax": "x"})
