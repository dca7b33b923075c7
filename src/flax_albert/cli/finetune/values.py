"""Values of arguments of fine-tuning."""

from __future__ import annotations

import argparse
from typing import Any

BEST = "best"
"""What ``--threshold`` is where the examples are to choose it."""


def names(value: str) -> tuple[str, ...]:
    """Names, separated by commas.

    Args:
        value: The argument.

    Returns:
        The names.

    Raises:
        ArgumentTypeError: One is empty.

    Example:
        >>> from flax_albert.cli.finetune.values import names
        >>> names("accuracy,f1")
        ('accuracy', 'f1')
    """
    parts = tuple(part.strip() for part in value.split(","))
    if not all(parts):
        raise argparse.ArgumentTypeError(f"must be names with commas between, not {value!r}")
    return parts


def threshold(value: str) -> float | str:
    """A probability, or ``best``.

    Args:
        value: The argument.

    Raises:
        ArgumentTypeError: It is neither.

    Example:
        >>> from flax_albert.cli.finetune.values import threshold
        >>> threshold("0.3"), threshold("best")
        (0.3, 'best')
    """
    if value == BEST:
        return value
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"must lie between 0 and 1, or be {BEST!r}, not {value!r}")
    return number


def given(**values: Any) -> dict[str, Any]:
    """Those of the values that are there.

    Args:
        **values: Values by name; ``None`` where an argument was not given.

    Example:
        >>> from flax_albert.cli.finetune.values import given
        >>> given(share=0.2, whole_words=None)
        {'share': 0.2}
    """
    return {name: value for name, value in values.items() if value is not None}
