"""Figures and choices of a run as rows, for whatever shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flax_albert.training.events import Evaluated
from flax_albert.training.reporting.environment import without_directories
from flax_albert.training.reporting.figures import figure
from flax_albert.training.reporting.history import History


@dataclass(frozen=True)
class FigureRow:
    """One metric of one set of examples.

    Attributes:
        examples: The name of the examples.
        metric: The name of the metric.
        kept: What the model that is kept reaches.
        last: What was reached at the last step.
        best: What was reached at the best evaluation of these examples.
        baseline: What a guess reaches that looks at nothing.
    """

    examples: str
    metric: str
    kept: float | None
    last: float | None
    best: float | None
    baseline: float | None


def figure_rows(history: History) -> list[FigureRow]:
    """The figures of the last, the best and the kept evaluation of each set of examples.

    Args:
        history: The run.
    """
    rows = []
    for name, events in history.evaluated.items():
        kept, last, best = history.kept(name), events[-1], history.best(name)
        for metric in last.evaluation.metrics:
            baseline = last.evaluation.baselines.get(metric)
            rows.append(FigureRow(name, metric, _of(kept, metric), _of(last, metric), _of(best, metric), baseline))
    return rows


def setting_rows(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Settings as names and texts, what is nested with a dot in its name, without directories of this machine.

    Args:
        settings: What JSON knows.
        before: What stands before each name.

    Yields:
        Name and value.
    """
    for name, value in settings.items():
        path = f"{before}{name}"
        if isinstance(value, Mapping) and value:
            yield from setting_rows(value, f"{path}.")
        else:
            yield path, _shown(value)


def _shown(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case int():
            return f"{value:,}"
        case str():
            return without_directories(value) or "none"
        case Sequence() if all(isinstance(each, str | int | float) for each in value):
            return ", ".join(_shown(each) for each in value) or "none"
    return without_directories(str(value)) if value else "none"


def optional_figure(value: float | None) -> str:
    """A figure, or a dash where there is none."""
    return "–" if value is None else figure(value)


def _of(event: Evaluated | None, metric: str) -> float | None:
    return None if event is None else event.evaluation.metrics.get(metric)
