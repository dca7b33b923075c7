"""What is measured on held-out examples."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from flax_albert.data.batches import Batch, Batches
from flax_albert.pretrained import ParameterTree
from flax_albert.training.objective import DeviceBatch


@dataclass(frozen=True)
class Confusion:
    """How often each true label was predicted as each label.

    Attributes:
        labels: Names, in the order of both axes.
        counts: ``[true, predicted]``.
    """

    labels: Sequence[str]
    counts: np.ndarray


@dataclass(frozen=True)
class Sample:
    """One held-out example as a person would look at it.

    Attributes:
        text: What was given.
        expected: What is right.
        predicted: What the model says.
        right: Whether it is.
    """

    text: str
    expected: str
    predicted: str
    right: bool


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        metrics: Figures by name, ``loss`` among them where there is one.
        baselines: The same figures for a guess that looks at nothing, where that makes sense.
        confusion: For the report.
        samples: For the report, wrong ones first.
        settings: What was chosen on these examples and is to be kept with the model, such as a threshold.
    """

    metrics: Mapping[str, float]
    baselines: Mapping[str, float] = field(default_factory=dict)
    confusion: Confusion | None = None
    samples: Sequence[Sample] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


class Evaluator(abc.ABC):
    """Held-out examples, and what a model is asked about them."""

    name: str
    """What tables and files call these examples: ``dev``, ``dev-mismatched``, ``held-out``."""
    decisive: str
    """The metric that says which checkpoint is the best."""
    larger_is_better: bool = True

    @property
    @abc.abstractmethod
    def batches(self) -> Batches:
        """The examples: one epoch of them is gone through in order."""

    @abc.abstractmethod
    def outputs(self, params: ParameterTree, batch: DeviceBatch) -> Mapping[str, Any]:
        """What is computed of a batch: arrays whose first axis is its rows. Traced and compiled, without dropout."""

    @abc.abstractmethod
    def evaluate(self, computed: Iterable[tuple[Batch, Mapping[str, np.ndarray]]]) -> Evaluation:
        """Measures.

        Args:
            computed: Every batch with its outputs, on the host and with all rows; those that are not ``valid`` are to
                be left out.

        Returns:
            The figures, and what the report shows.
        """
