"""Metrics of numbers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from flax_albert.training.metrics.required import Metric, scikit_learn

Numbers = Float[np.ndarray, " examples"]


def pearson(true: Numbers, predicted: Numbers) -> float:
    """Pearson's correlation; NaN where either does not vary."""
    return _correlation("pearsonr", true, predicted)


def spearman(true: Numbers, predicted: Numbers) -> float:
    """Spearman's rank correlation; NaN where either does not vary."""
    return _correlation("spearmanr", true, predicted)


def _correlation(function: str, true: Numbers, predicted: Numbers) -> float:
    from scipy import stats

    if len(true) < 2:
        return float("nan")
    with warnings.catch_warnings():  # NaN says it
        warnings.simplefilter("ignore")
        return float(getattr(stats, function)(true, predicted)[0])


def pearson_and_spearman(true: Numbers, predicted: Numbers) -> float:
    """Mean of both correlations, GLUE's score of STS-B."""
    return (pearson(true, predicted) + spearman(true, predicted)) / 2


def mean_squared_error(true: Numbers, predicted: Numbers) -> float:
    """Mean squared error."""
    return float(scikit_learn().mean_squared_error(true, predicted))


def mean_absolute_error(true: Numbers, predicted: Numbers) -> float:
    """Mean absolute error."""
    return float(scikit_learn().mean_absolute_error(true, predicted))


NUMBER_METRICS: Mapping[str, Metric] = {
    "pearson": pearson,
    "spearman": spearman,
    "pearson_and_spearman": pearson_and_spearman,
    "mean_squared_error": mean_squared_error,
    "mean_absolute_error": mean_absolute_error,
}
"""Metrics of one number an example."""
