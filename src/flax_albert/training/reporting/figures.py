"""How numbers are written for people, the same on the terminal, in the report and in the model card."""

from __future__ import annotations

import math


def figure(value: float) -> str:
    """A measured value.

    Args:
        value: It.

    Returns:
        Four decimals, or five digits where it is large or very small.

    Example:
        >>> from flax_albert.training.reporting.figures import figure
        >>> figure(0.91234), figure(123.4567), figure(0.00002), figure(float("nan"))
        ('0.9123', '123.46', '2e-05', 'nan')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    return f"{value:.4f}" if 0.001 <= abs(value) < 10 else f"{value:.5g}"


def count(value: float) -> str:
    """A number of things, rounded to a whole one.

    Args:
        value: How many.

    Returns:
        The number with commas between thousands.

    Example:
        >>> from flax_albert.training.reporting.figures import count
        >>> count(20935)
        '20,935'
    """
    return f"{value:,.0f}" if math.isfinite(value) else f"{value:g}"


def duration(seconds: float) -> str:
    """A time.

    Args:
        seconds: How long.

    Returns:
        Hours, minutes and seconds, with days before them where there are any.

    Example:
        >>> from flax_albert.training.reporting.figures import duration
        >>> duration(7), duration(3753.2), duration(200000)
        ('0:07', '1:02:33', '2 d 7:33:20')
    """
    if not math.isfinite(seconds):
        return "?"
    minutes, second = divmod(round(max(0.0, seconds)), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days} d {hour}:{minute:02}:{second:02}"
    return f"{hour}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
