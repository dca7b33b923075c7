"""Values of arguments, told what is wrong with them."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable


def count(most: int | None = None) -> Callable[[str], int]:
    """A whole number of at least 1.

    Args:
        most: The largest that makes sense.

    Returns:
        What reads the argument.

    Example:
        >>> from flax_albert.cli.tasks.values import count
        >>> count(10)("7")
        7
    """

    def read(value: str) -> int:
        if not (value.isascii() and value.isdecimal()) or int(value) < 1 or (most and int(value) > most):
            limit = f"from 1 to {most}" if most else "of at least 1"
            raise argparse.ArgumentTypeError(f"must be a whole number {limit}, not {value!r}")
        return int(value)

    return read


def number(value: str) -> float:
    """A finite number.

    Args:
        value: The argument.

    Returns:
        The number.

    Raises:
        ArgumentTypeError: It is none.
    """
    try:
        read = float(value)
    except ValueError:
        read = math.nan
    if not math.isfinite(read):
        raise argparse.ArgumentTypeError(f"must be a number, not {value!r}")
    return read


def column_names(value: str) -> list[str]:
    """Names of columns, separated by commas.

    Args:
        value: The argument.

    Returns:
        The names.

    Raises:
        ArgumentTypeError: There is none.
    """
    return _listed(value, "column")


def words(value: str) -> list[str]:
    """Words, separated by commas.

    Args:
        value: The argument.

    Returns:
        The words.

    Raises:
        ArgumentTypeError: There is none.
    """
    return _listed(value, "word")


def _listed(value: str, what: str) -> list[str]:
    names = [name.strip() for name in value.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError(f"must name at least one {what}")
    return names
