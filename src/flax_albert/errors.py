"""How messages list names."""

from __future__ import annotations

from collections.abc import Sequence


def listed(names: Sequence[str], most: int = 10) -> str:
    """Names for a message: quoted, cut short, and not too many, because a file may hold any number of any length.

    Args:
        names: The names.
        most: How many are shown.

    Returns:
        The names joined with commas.

    Example:
        >>> from flax_albert.errors import listed
        >>> listed(["a", "b", "c"], most=2)
        "'a', 'b' and 1 more"
    """
    shown = ", ".join(repr(name[:80]) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
