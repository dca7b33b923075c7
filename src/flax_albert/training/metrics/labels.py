"""Metrics of labels: one an example, or a set of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Int

from flax_albert.training.metrics.required import Metric, scikit_learn

Labels = Int[np.ndarray, " examples"]
Sets = Bool[np.ndarray, "examples labels"]


def accuracy(true: Labels | Sets, predicted: Labels | Sets) -> float:
    """Share of examples that are right; where they have sets of labels, right as a whole."""
    return float(scikit_learn().accuracy_score(true, predicted))


def f1(true: Labels, predicted: Labels) -> float:
    """F1 of label 1, where there are two."""
    return _f1(true, predicted, "binary")


def f1_macro(true: Labels | Sets, predicted: Labels | Sets) -> float:
    """Mean over the labels of the F1 of each."""
    return _f1(true, predicted, "macro")


def f1_micro(true: Labels | Sets, predicted: Labels | Sets) -> float:
    """F1 over all decisions."""
    return _f1(true, predicted, "micro")


def _f1(true: Labels | Sets, predicted: Labels | Sets, average: str) -> float:
    return float(scikit_learn().f1_score(true, predicted, average=average, zero_division=0.0))


def matthews(true: Labels, predicted: Labels) -> float:
    """Matthews' correlation coefficient; 0 where all predictions are equal."""
    return float(scikit_learn().matthews_corrcoef(true, predicted))


def accuracy_and_f1(true: Labels, predicted: Labels) -> float:
    """Mean of accuracy and F1, GLUE's score of MRPC and QQP."""
    return (accuracy(true, predicted) + f1(true, predicted)) / 2


def majority(true: Labels) -> Labels:
    """The predictions of a guess that looks at nothing: always the most frequent label."""
    return np.full_like(true, np.bincount(true).argmax())


LABEL_METRICS: Mapping[str, Metric] = {
    "accuracy": accuracy,
    "f1": f1,
    "f1_macro": f1_macro,
    "f1_micro": f1_micro,
    "matthews": matthews,
    "accuracy_and_f1": accuracy_and_f1,
}
"""Metrics of one label an example."""
SET_METRICS: Mapping[str, Metric] = {"f1_micro": f1_micro, "f1_macro": f1_macro, "accuracy": accuracy}
"""Metrics of sets of labels."""
