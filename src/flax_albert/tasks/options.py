"""What options of several tasks have in common."""

from __future__ import annotations


def at_least_one(name: str, value: object) -> None:
    """Sees to it that a number that may be left out is at least 1.

    Args:
        name: What it is called.
        value: The number, or None.

    Raises:
        ValueError: It is no whole number of at least 1.
    """
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}.")
