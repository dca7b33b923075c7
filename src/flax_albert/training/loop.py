"""The loop that every run goes through: steps, evaluations, checkpoints, and going on where a run ended."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, final

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import NamedSharding, PartitionSpec

from flax_albert import parallel
from flax_albert.data.batches import Batches
from flax_albert.model.leaves import leaves_of
from flax_albert.pretrained import ParameterTree
from flax_albert.training import run_file
from flax_albert.training.checkpoints import Checkpoints
from flax_albert.training.errors import CheckpointError, DivergedError
from flax_albert.training.evaluation import Evaluations
from flax_albert.training.evaluator import Evaluation, Evaluator
from flax_albert.training.events import Event, Finished, Noticed, Reporter, Saved, Started
from flax_albert.training.feeding import Feed
from flax_albert.training.objective import Objective
from flax_albert.training.optimizers import learning_rate, optimizer, trained_paths
from flax_albert.training.progress_log import StepDivergedError, StepLog
from flax_albert.training.settings import TrainingSettings
from flax_albert.training.signals import StopRequest
from flax_albert.training.state import TrainState, first_state
from flax_albert.training.step import train_step

FOLDER = "training"
"""Where, in the output directory, a run keeps what only it needs."""
CHECKPOINTS = "checkpoints"
_MOST_ROLLBACKS = 5
_ROLLBACK_RATE = 0.5


@dataclass(frozen=True)
class TrainingResult:
    """What a run came to.

    Attributes:
        params: Parameters, on the host: of the last step, or of the best one, as the settings say.
        step: Their step.
        reason: ``finished``, or the name of the signal that ended the run, such as ``SIGTERM``: it can be resumed.
        evaluations: What was found with these parameters, by the evaluator's name; empty where a signal came first.
    """

    params: ParameterTree
    step: int
    reason: str
    evaluations: Mapping[str, Evaluation]


@dataclass
class _Notes:
    """What a checkpoint keeps beside the state."""

    tokens: int = 0
    seconds: float = 0.0
    best: dict[str, float] = field(default_factory=dict)
    best_step: int | None = None
    rollbacks: int = 0


def train(
    objective: Objective,
    params: ParameterTree,
    batches: Batches,
    settings: TrainingSettings,
    folder: Path,
    *,
    evaluators: Sequence[Evaluator] = (),
    reporters: Sequence[Reporter] = (),
    resume: bool = False,
    described: Mapping[str, Any] | None = None,
    environment: Mapping[str, Any] | None = None,
    flops_per_token: float = 0.0,
) -> TrainingResult:
    """Trains.

    Equal calls give equal parameters, to the last bit, on one machine with the same versions; and so does a call that
    was ended at any moment, in any way, and resumed.

    Args:
        objective: What is learnt.
        params: Initial parameters.
        batches: What it is learnt from.
        settings: How.
        folder: Output directory; what only the run needs lies in its folder ``training``.
        evaluators: What is measured on the way; the first says which step is the best.
        reporters: Who is told what happens.
        resume: Whether to go on from the newest whole checkpoint in ``folder``.
        described: What else the run depends on, as JSON has it; it must be the same when a run is resumed.
        environment: Where it runs, for the record.
        flops_per_token: Of a step, for the record.

    Returns:
        The parameters, and what was measured.

    Raises:
        FileNotFoundError: There is no run to resume.
        ChangedRunError: It was begun with something else.
        CheckpointError: A checkpoint cannot be written, or none can be read.
        DivergedError: The loss is not finite.
        ValueError: A batch cannot be divided among devices and parts.
    """
    run = _Run(objective, params, batches, settings, Path(folder), evaluators, reporters)
    run.described = run_file.described(settings, {**(described or {}), "flops_per_token": flops_per_token})
    try:
        with StopRequest() as stop:
            return run.go(dict(environment or {}), resume, stop)
    finally:
        run.close()


@final
class _Run:
    """One call of :func:`train`."""

    described: dict[str, Any]
    _state: TrainState
    _checkpoints: Checkpoints | None = None
    _feed: Feed | None = None

    def __init__(
        self,
        objective: Objective,
        params: ParameterTree,
        batches: Batches,
        settings: TrainingSettings,
        folder: Path,
        evaluators: Sequence[Evaluator],
        reporters: Sequence[Reporter],
    ) -> None:
        self._batches, self._settings, self._folder = batches, settings, folder
        self._evaluators = evaluators
        self._reporters = reporters if jax.process_index() == 0 else ()
        mesh = parallel.device_mesh(_chosen_devices(settings.devices))
        _check_divisible(settings.accumulate, [batches, *(one.batches for one in evaluators)], mesh.size)
        leaves = leaves_of(objective.module, objective.module.config, (1,) * objective.module.input_rank)
        transformation = optimizer(settings.optimizer, settings.steps, leaves)
        self._rate = learning_rate(settings.optimizer, settings.steps)
        self._rows, self._whole = parallel.row_sharding(mesh), NamedSharding(mesh, PartitionSpec())

        shapes = jax.eval_shape(lambda: first_state(params, transformation))
        shardings = parallel.shardings(shapes, leaves, mesh, settings.sharding)
        self._like = jax.tree.map(
            lambda shape, sharding: jax.ShapeDtypeStruct(shape.shape, shape.dtype, sharding=sharding), shapes, shardings
        )
        # Made anew, because the run gives its arrays away with every step, and the caller's are not its own.
        self._first = jax.jit(lambda tree: first_state(tree, transformation), out_shardings=shardings)(dict(params))
        trained = trained_paths(settings.optimizer.frozen, leaves)
        self._trained_parameters = sum(math.prod(leaf.shape) for leaf in leaves if leaf.path in trained)
        step = train_step(objective, transformation, settings.accumulate, settings.seed, self._rows, trained)
        self._step = jax.jit(step, donate_argnums=0, out_shardings=(shardings, self._whole))
        self._steps_per_evaluation = settings.evaluate_every or batches.per_epoch
        self._steps_per_save = settings.save_every or self._steps_per_evaluation
        self._notes = _Notes()
        self._at_best: Mapping[str, Evaluation] | None = None

    def go(self, environment: dict[str, Any], resume: bool, stop: StopRequest) -> TrainingResult:
        """Runs to the end, or to a signal."""
        folder = self._folder / FOLDER
        if resume:
            run_file.check_equal(self._folder, run_file.read(folder), self.described)
        else:
            run_file.write(folder, {**self.described, "environment": environment})
        self._checkpoints = checkpoints = Checkpoints(folder / CHECKPOINTS, self._settings.keep, fresh=not resume)
        if resume:
            told = self._restore_newest(checkpoints)
            self._begin(told)
        else:
            self._state = self._first
            self._begin()
            self._save(checkpoints)
        while int(self._state.step) < self._settings.steps:
            try:
                self._stretch(checkpoints, stop)
            except StepDivergedError:
                self._after_divergence(checkpoints)
            if self._asked_to_stop(stop):
                return self._interrupted(checkpoints, stop)
        return self._finished(checkpoints)

    def close(self) -> None:
        """Ends threads and lets reporters go, whatever happened."""
        for reporter in self._reporters:
            reporter.close()
        if self._feed is not None:
            self._feed.close()
        if self._checkpoints is not None:
            self._checkpoints.close()

    def _begin(self, notices: Sequence[str] = ()) -> None:
        """Gets ready to go on from the state."""
        step, notes = int(self._state.step), self._notes
        if self._feed is not None:
            self._feed.close()
        self._feed = Feed(self._batches, step, self._settings.steps, self._rows)
        self._log = StepLog(self._rate, notes.tokens, notes.seconds)
        self._evaluations = Evaluations(self._evaluators, self._rows, notes.best)
        self._tell(
            Started(
                self._folder,
                step,
                self._settings.steps,
                self._batches.per_epoch,
                self.described,
                self._trained_parameters,
                self.described["flops_per_token"],
            )
        )
        for text in notices:
            self._tell(Noticed(step, text))

    def _stretch(self, checkpoints: Checkpoints, stop: StopRequest) -> None:
        """Trains until something else is to be done, and does it."""
        assert self._feed is not None
        step, settings = int(self._state.step), self._settings
        periods = (settings.log_every, self._steps_per_evaluation, self._steps_per_save)
        end = min(settings.steps, *(period * (step // period + 1) for period in periods))
        for batch in self._feed:
            self._state, report = self._step(self._state, batch)
            self._log.add(report)
            step += 1
            if step == end or (stop.signal is not None and jax.process_count() == 1):  # many leave together, later
                break
        self._log.settle()
        last, cut_short = step == settings.steps, step < end
        if last or cut_short or step % settings.log_every == 0:
            logged = self._log.told(step, float(self._state.rate_scale))
            if logged is not None:
                self._tell(logged)
        if cut_short:
            return
        go_on = self._log.pause()
        better = (last or step % self._steps_per_evaluation == 0) and self._evaluate(step)
        if last or better or step % self._steps_per_save == 0:
            self._save(checkpoints, better)
        go_on()

    def _evaluate(self, step: int) -> bool:
        """Measures, and says whether this step is the best so far."""
        found = list(self._told_evaluations(step))
        better = bool(found) and found[0]
        if better:
            self._notes.best_step, self._at_best = step, dict(self._evaluations.last)
        self._notes.best = dict(self._evaluations.best)
        return better

    def _told_evaluations(self, step: int) -> list[bool]:
        better = []
        for evaluated in self._evaluations.run(self._state.params, step):
            self._tell(evaluated)
            better.append(evaluated.best)
        return better

    def _save(self, checkpoints: Checkpoints, best: bool = False) -> None:
        step = int(self._state.step)
        self._notes.tokens, self._notes.seconds = self._log.tokens, self._log.seconds
        checkpoints.save(self._state, asdict(self._notes), best)
        self._tell(Saved(step, self._folder / FOLDER / CHECKPOINTS / str(step)))

    def _restore_newest(self, checkpoints: Checkpoints) -> list[str]:
        """Takes the state and notes from the newest checkpoint that is whole, and says what was wrong with others."""
        notices = []
        for found in checkpoints.newest(self._like):
            if not isinstance(found, CheckpointError):
                self._state, self._notes = found[0], _Notes(**found[1])
                return [f"{notice} Going on from step {int(self._state.step)}." for notice in notices]
            notices.append(f"{found}")
        reason = f": {notices[-1]}" if notices else "."
        raise CheckpointError(f"No checkpoint in {self._folder / FOLDER / CHECKPOINTS} can be resumed from{reason}")

    def _after_divergence(self, checkpoints: Checkpoints) -> None:
        """Keeps the batch at fault; then goes back to the newest checkpoint, or stops."""
        # Nothing was changed since the last good step, and its number is that of the batch at fault.
        number = int(self._state.step)
        path = self._folder / FOLDER / f"diverged-batch-{number}.npz"
        if jax.process_index() == 0:
            arrays: dict[str, Any] = dict(self._batches.batch(number))
            np.savez(path, **arrays)
        told = f"The loss or its gradient is not finite at step {number + 1}, whose batch is saved in {path}"
        rollbacks = self._notes.rollbacks + 1
        if self._settings.on_divergence == "stop" or rollbacks > _MOST_ROLLBACKS:
            again = f" after {_MOST_ROLLBACKS} rollbacks" if rollbacks > _MOST_ROLLBACKS else ""
            self._state = self._with(diverged=jnp.bool_(False))
            if checkpoints.latest != number:
                self._save(checkpoints)
            checkpoints.wait()
            good = self._folder / FOLDER / CHECKPOINTS / str(number)
            self._tell(Finished(number, "diverged", self._log.seconds))
            raise DivergedError(
                f"{told}{again}. The last good checkpoint is {good}. Try a lower learning rate, or have the run go "
                "back to a checkpoint with on_divergence='rollback'."
            )
        checkpoints.wait()
        notices = self._restore_newest(checkpoints)
        self._notes.rollbacks = rollbacks
        scale = _ROLLBACK_RATE**rollbacks
        self._state = self._with(rate_scale=jnp.float32(scale))
        self._begin([*notices, f"{told}; back to step {int(self._state.step)}, with {scale:g} of the learning rate."])

    def _with(self, **scalars: Any) -> TrainState:
        return self._state._replace(**{name: jax.device_put(value, self._whole) for name, value in scalars.items()})

    def _asked_to_stop(self, stop: StopRequest) -> bool:
        """Whether any process was sent a signal: then all leave, after the same step."""
        asked = stop.signal is not None
        if jax.process_count() == 1:
            return asked
        return bool(np.any(multihost_utils.process_allgather(np.array(asked))))

    def _interrupted(self, checkpoints: Checkpoints, stop: StopRequest) -> TrainingResult:
        step, name = int(self._state.step), stop.signal.name if stop.signal else "stopped"
        self._tell(Noticed(step, f"{name}: saving a checkpoint, then leaving; once more leaves at once."))
        if checkpoints.latest != step:
            self._save(checkpoints)
        checkpoints.wait()
        self._tell(Finished(step, "interrupted", self._log.seconds))
        return TrainingResult(self._host_params(), step, name, {})

    def _finished(self, checkpoints: Checkpoints) -> TrainingResult:
        checkpoints.wait()
        step, chosen = int(self._state.step), self._notes.best_step
        evaluations: Mapping[str, Evaluation] = self._evaluations.last
        if self._settings.select == "best" and chosen is not None and chosen != step:
            self._state, _ = checkpoints.restore(self._like, chosen)
            evaluations = self._at_best or {}
        if self._evaluators and not evaluations:  # they were made before the run was resumed
            for _ in self._evaluations.run(self._state.params, int(self._state.step)):
                pass
            evaluations = self._evaluations.last
        self._tell(Finished(step, "finished", self._log.seconds))
        return TrainingResult(self._host_params(), int(self._state.step), "finished", dict(evaluations))

    def _host_params(self) -> ParameterTree:
        return jax.device_get(jax.jit(lambda params: params, out_shardings=self._whole)(self._state.params))

    def _tell(self, event: Event) -> None:
        for reporter in self._reporters:
            reporter.tell(event)


def _chosen_devices(count: int | None) -> list[jax.Device]:
    devices = jax.devices()
    if count is None:
        return devices
    if not 1 <= count <= len(devices) or jax.process_count() > 1:
        where = f"in {jax.process_count()} processes" if jax.process_count() > 1 else f"of {len(devices)}"
        raise ValueError(f"Cannot train on {count} devices {where}; leave the number out to take all.")
    return devices[:count]


def _check_divisible(accumulate: int, batches: Sequence[Batches], devices: int) -> None:
    parts = [accumulate, *[1] * (len(batches) - 1)]
    for part, one in zip(parts, batches, strict=True):
        if one.size % (part * devices):
            by = f"{devices} devices" + (f" times {part} parts" if part > 1 else "")
            raise ValueError(
                f"A batch of {one.size} rows cannot be divided among {by}; take a multiple of {part * devices}."
            )
