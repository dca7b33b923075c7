"""What happens in a run, for whoever wants to show or keep it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flax_albert.training.evaluator import Evaluation


@dataclass(frozen=True)
class Started:
    """A run begins, or goes on.

    Attributes:
        folder: Its output directory.
        step: Steps that were done before.
        steps: Steps in all.
        steps_per_epoch: Steps that go once through the examples.
        settings: Everything that was chosen, as JSON would have it.
        parameters: How many parameters are trained.
        flops_per_token: Of a training step, for the share of the machine's peak.
    """

    folder: Path
    step: int
    steps: int
    steps_per_epoch: float
    settings: Mapping[str, Any]
    parameters: int
    flops_per_token: float


@dataclass(frozen=True)
class Logged:
    """What some steps came to.

    Attributes:
        step: Steps done.
        loss: Mean over the steps since the last one of these.
        terms: Its terms, by name.
        learning_rate: Of the last step.
        gradient_norm: Mean over the steps, before clipping.
        tokens: Tokens trained on since the run began, padding not counted, with those of earlier parts of the run.
        tokens_per_second: Since the last one of these, time of evaluations and saves not counted.
        seconds: Time since the run began, with that of earlier parts, pauses between them not counted.
    """

    step: int
    loss: float
    terms: Mapping[str, float]
    learning_rate: float
    gradient_norm: float
    tokens: int
    tokens_per_second: float
    seconds: float


@dataclass(frozen=True)
class Evaluated:
    """Held-out examples were gone through.

    Attributes:
        step: Steps done.
        name: Which examples.
        evaluation: What was found.
        seconds: How long it took.
        best: Whether no earlier evaluation of these examples was better.
    """

    step: int
    name: str
    evaluation: Evaluation
    seconds: float
    best: bool


@dataclass(frozen=True)
class Saved:
    """A checkpoint is on its way to the disk: its content is fixed, the writing goes on behind."""

    step: int
    folder: Path


@dataclass(frozen=True)
class Noticed:
    """Something a person should know; ``text`` is a whole sentence."""

    step: int
    text: str


@dataclass(frozen=True)
class Finished:
    """The run is over.

    Attributes:
        step: Steps done.
        reason: ``finished``, ``interrupted`` or ``diverged``.
        seconds: Time of the whole run.
    """

    step: int
    reason: str
    seconds: float


Event = Started | Logged | Evaluated | Saved | Noticed | Finished


class Reporter:
    """Told everything that happens in a run; on every process but the first, nobody is."""

    def tell(self, event: Event) -> None:
        """Shows or keeps an event.

        Args:
            event: What happened. On resuming, `Started` comes first again, with the step that is gone back to:
                whatever was kept of later steps is to be dropped.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Lets go of files and of the terminal; also called when an error ends the run."""
