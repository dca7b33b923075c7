"""Reports of single steps -> what is told of a stretch of steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import final

import jax
import numpy as np

from flax_albert.training.events import Logged
from flax_albert.training.step import StepReport


class StepDivergedError(Exception):
    """A step met a loss or a gradient that is not finite."""


@final
class StepLog:
    """Collects what steps came to, one step behind the devices, which so always have something to do.

    Args:
        learning_rate: The rate of an update, by its number from 0.
        tokens: Tokens that were trained on earlier.
        seconds: Time that was spent earlier.
    """

    def __init__(self, learning_rate: Callable[[int], float], tokens: int = 0, seconds: float = 0.0) -> None:
        self._learning_rate = learning_rate
        self.tokens = tokens
        self._before = seconds
        self._began = self._since = time.monotonic()
        self._waiting: StepReport | None = None
        self._reports: list[StepReport] = []

    @property
    def seconds(self) -> float:
        """Time of the whole run so far."""
        return self._before + time.monotonic() - self._began

    def add(self, report: StepReport) -> None:
        """Takes the report of a step, and waits for the step before it.

        Raises:
            StepDivergedError: That one was not finite.
        """
        waiting, self._waiting = self._waiting, report
        if waiting is not None:
            self._settle(waiting)

    def settle(self) -> None:
        """Waits for the last step.

        Raises:
            StepDivergedError: It was not finite.
        """
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._settle(waiting)

    def _settle(self, report: StepReport) -> None:
        report = jax.device_get(report)
        if report.diverged:
            raise StepDivergedError
        self.tokens += int(report.tokens)
        self._reports.append(report)

    def told(self, step: int, rate_scale: float) -> Logged | None:
        """Sums up the steps since the last call.

        Args:
            step: Steps done.
            rate_scale: What the learning rate is multiplied by.

        Returns:
            The event, if there were any.
        """
        reports, self._reports = self._reports, []
        busy, self._since = time.monotonic() - self._since, time.monotonic()
        if not reports:
            return None
        return Logged(
            step=step,
            loss=float(np.mean([report.loss for report in reports])),
            terms={name: float(np.mean([report.terms[name] for report in reports])) for name in reports[0].terms},
            learning_rate=float(self._learning_rate(step - 1)) * rate_scale,
            gradient_norm=float(np.mean([report.gradient_norm for report in reports])),
            tokens=self.tokens,
            tokens_per_second=sum(int(report.tokens) for report in reports) / max(busy, 1e-9),
            seconds=self.seconds,
        )

    def pause(self) -> Callable[[], None]:
        """Time from now until the returned function is called is not that of steps."""
        began = time.monotonic()

        def go_on() -> None:
            self._since += time.monotonic() - began

        return go_on
