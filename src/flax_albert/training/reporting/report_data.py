"""What the program of the report draws: curves, confusion matrices and samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from flax_albert.training.events import Evaluated, Logged
from flax_albert.training.reporting.evaluation_files import Details
from flax_albert.training.reporting.history import History

MOST_POINTS = 2000
"""Points of a curve; more would share pixels."""


def report_data(history: History) -> dict[str, Any]:
    """The data of the page.

    Args:
        history: The run.

    Returns:
        What JSON knows, with ``None`` where a number is not finite.
    """
    return {
        "logged": _logged(history),
        "evaluated": {name: _evaluated(events, history.logged) for name, events in history.evaluated.items()},
        "details": [_details(details, history) for details in reversed(history.details)],
    }


def points_together(count: int) -> int:
    """How many of so many lines share a point of a curve."""
    return max(1, math.ceil(count / MOST_POINTS))


def _logged(history: History) -> dict[str, Any]:
    logged = history.logged
    together = points_together(len(logged))
    groups = [logged[place : place + together] for place in range(0, len(logged), together)]

    def means(values: Sequence[float]) -> list[float | None]:
        return [_finite(float(np.mean(values[place : place + together]))) for place in range(0, len(values), together)]

    names = dict.fromkeys(name for event in logged for name in event.terms)
    data: dict[str, Any] = {
        "of": _places([group[-1] for group in groups]),
        "loss": means([event.loss for event in logged]),
        "terms": {name: means([event.terms.get(name, math.nan) for event in logged]) for name in names},
        "learning_rate": means([event.learning_rate for event in logged]),
        "gradient_norm": means([event.gradient_norm for event in logged]),
        "tokens_per_second": means([event.tokens_per_second for event in logged]),
    }
    if history.peak:
        flops = history.started.flops_per_token
        data["share"] = means([event.tokens_per_second * flops / history.peak for event in logged])
    return data


def _evaluated(events: Sequence[Evaluated], logged: Sequence[Logged]) -> dict[str, Any]:
    def by_name(figures: list[Any]) -> dict[str, list[float | None]]:
        names = dict.fromkeys(name for each in figures for name in each)
        return {name: [_finite(each.get(name)) for each in figures] for name in names}

    steps = [event.step for event in events]
    known = [0, *(event.step for event in logged)]
    best = [event.step for event in events if event.best]
    return {
        "of": {
            "step": steps,
            "tokens": np.interp(steps, known, [0, *(event.tokens for event in logged)]).round().tolist(),
            "seconds": np.interp(steps, known, [0.0, *(event.seconds for event in logged)]).round(1).tolist(),
        },
        "metrics": by_name([event.evaluation.metrics for event in events]),
        "baselines": by_name([event.evaluation.baselines for event in events]),
        "best": best[-1:],
    }


def _places(logged: Sequence[Logged]) -> dict[str, list[float]]:
    return {
        "step": [event.step for event in logged],
        "tokens": [event.tokens for event in logged],
        "seconds": [round(event.seconds, 1) for event in logged],
    }


def _details(details: Details, history: History) -> dict[str, Any]:
    confusion = details.confusion
    return {
        "name": details.name,
        "step": details.step,
        "kept": details.step == history.kept_step,
        "confusion": confusion and {"labels": list(confusion.labels), "counts": np.asarray(confusion.counts).tolist()},
        "samples": [
            {
                "text": sample.text,
                "expected": sample.expected,
                "predicted": sample.predicted,
                "right": sample.right,
            }
            for sample in details.samples
        ],
        "left_out": details.left_out,
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.7g}")
