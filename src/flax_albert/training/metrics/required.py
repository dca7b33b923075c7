"""What metrics share: the package they come from, and being chosen by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Metric = Callable[[Any, Any], float]
"""True and predicted values, one an example -> a figure."""


def scikit_learn() -> Any:
    """The module ``sklearn.metrics``.

    Raises:
        ImportError: It is not installed.
    """
    try:
        from sklearn import metrics
    except ImportError as error:
        raise ImportError(
            "Metrics are computed by scikit-learn, which is not installed: pip install 'flax-albert[train]'."
        ) from error
    return metrics


def chosen(names: Sequence[str], known: Mapping[str, Metric]) -> dict[str, Metric]:
    """Metrics by name.

    Args:
        names: The names; the first is the decisive one.
        known: Those there are.

    Raises:
        ValueError: There is none of that name, or none is named.

    Example:
        >>> from flax_albert.training.metrics import LABEL_METRICS, chosen
        >>> list(chosen(["matthews"], LABEL_METRICS))
        ['matthews']
    """
    if not names:
        raise ValueError(f"Name at least one metric: {', '.join(known)}.")
    for name in names:
        if name not in known:
            raise ValueError(f"There is no metric {name!r} here; there are {', '.join(known)}.")
    return {name: known[name] for name in names}
