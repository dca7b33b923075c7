"""A run as its folder tells it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flax_albert.training.events import Evaluated, Finished, Logged, Noticed, Started
from flax_albert.training.reporting.evaluation_files import Details, read_details
from flax_albert.training.reporting.layout import Layout
from flax_albert.training.reporting.metrics_file import read_metrics

_ENDS = {
    "finished": "Finished after {:,} steps.",
    "interrupted": "Interrupted after {:,} steps; it can be gone on with.",
    "diverged": "Stopped after {:,} steps, because the loss was not finite.",
}


@dataclass(frozen=True)
class History:
    """Everything that is known of a run.

    Attributes:
        folder: Its output directory.
        starts: When it began and was gone on with.
        logged: What steps came to, by step.
        evaluated: The evaluations of each set of examples, by step.
        notices: What a person should know.
        finished: How it ended; ``None`` where it goes on, or was killed.
        details: Confusion matrices and samples.
        run: What ``run.json`` holds.
    """

    folder: Path
    starts: Sequence[Started]
    logged: Sequence[Logged]
    evaluated: Mapping[str, Sequence[Evaluated]]
    notices: Sequence[Noticed]
    finished: Finished | None
    details: Sequence[Details]
    run: Mapping[str, Any]

    @property
    def started(self) -> Started:
        """Its last start."""
        return self.starts[-1]

    @property
    def step(self) -> int:
        """Steps that are known to be done."""
        known = [self.started.step, *(event.step for event in self.logged[-1:])]
        return self.finished.step if self.finished else max(known)

    @property
    def name(self) -> str:
        """What the run is called: the last part of its directory."""
        return self.folder.absolute().name or "a model"

    @property
    def seconds(self) -> float:
        """Time of the run, pauses between its parts not counted."""
        return self.finished.seconds if self.finished else self.logged[-1].seconds if self.logged else 0.0

    @property
    def state(self) -> str:
        """Whether it is over, in a sentence."""
        if self.finished is None:
            return f"Goes on, or was killed: step {self.step:,} is the last that is known."
        return _ENDS.get(self.finished.reason, f"Ended ({self.finished.reason}) at step {{:,}}.").format(
            self.finished.step
        )

    @property
    def peak(self) -> float | None:
        """Floating-point operations a second of all devices at their best, where they were measured."""
        peak = (self.run.get("environment") or {}).get("peak_flops_per_second")
        return float(peak) if peak else None

    @property
    def selects_best(self) -> bool:
        """Whether the model is that of the best evaluation, and not that of the last step."""
        return (self.run.get("settings") or {}).get("select") == "best"

    @property
    def kept_step(self) -> int:
        """The step whose parameters the model has: the last one, or the best of the first evaluator."""
        if self.selects_best and self.evaluated:
            return self.best(next(iter(self.evaluated))).step
        return self.step

    def kept(self, name: str) -> Evaluated | None:
        """What was found with the parameters that the model has."""
        return next((event for event in self.evaluated[name] if event.step == self.kept_step), None)

    def best(self, name: str) -> Evaluated:
        """The best evaluation of a set of examples."""
        evaluated = self.evaluated[name]
        return next((event for event in reversed(evaluated) if event.best), evaluated[-1])

    def detailed(self, name: str, step: int) -> Details | None:
        """What an evaluation found beside its figures."""
        return next((found for found in self.details if (found.name, found.step) == (name, step)), None)


def read_history(folder: Path) -> History:
    """Reads what a run has kept.

    Args:
        folder: Its output directory.

    Returns:
        The run.

    Raises:
        OSError: The folder holds no run, or a file cannot be read.
        ValueError: A file is damaged.
    """
    layout = Layout(folder)
    if not layout.metrics.is_file():
        raise FileNotFoundError(f"{folder} holds no run to report on: there is no {layout.metrics}.")
    # A step may be told of twice where a run was killed between two files; the last word counts.
    all_events = [event for _, event in read_metrics(layout.metrics, folder)]
    told = {_key(event): event for event in all_events}
    events = sorted(told.values(), key=lambda event: event.step)
    starts = [event for event in told.values() if isinstance(event, Started)]
    if not starts:
        raise ValueError(f"{layout.metrics} does not say how the run began; it is damaged.")
    evaluated: dict[str, list[Evaluated]] = {}
    for event in events:
        if isinstance(event, Evaluated):
            evaluated.setdefault(event.name, []).append(event)
    ends = [event for event in all_events if isinstance(event, Started | Finished)]
    return History(
        folder=folder,
        starts=starts,
        logged=[event for event in events if isinstance(event, Logged)],
        evaluated=evaluated,
        notices=[event for event in events if isinstance(event, Noticed)],
        finished=ends[-1] if isinstance(ends[-1], Finished) else None,
        details=read_details(layout.evaluations),
        run=_run(layout.run),
    )


def _key(event: Any) -> tuple[Any, ...]:
    return (type(event), event.step, getattr(event, "name", None), getattr(event, "text", None))


def _run(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}.") from error
    if not isinstance(run, dict):
        raise ValueError(f"{path} must hold a JSON object.")
    return run
