"""Values of arguments of fine-tuning."""

from __future__ import annotations

import argparse
import json
import signal
from typing import Any

from flax_albert.cli.errors import UserError

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


def number_or_none(text: str) -> float | None:
    """Reads a number, or ``none``."""
    return None if text.lower() == "none" else float(text)


def key_values(flag: str, texts: list[str]) -> dict[str, Any]:
    """Reads options of the form ``KEY=VALUE``.

    Args:
        flag: What they were given with, for the message.
        texts: Each of them; a value is JSON, or else a string.

    Returns:
        Values by key.

    Raises:
        UserError: One has another form.

    Example:
        >>> from flax_albert.cli.finetune.values import key_values
        >>> key_values("--optimizer-option", ["b2=0.98", "nesterov=true"])
        {'b2': 0.98, 'nesterov': True}
    """
    values: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not (key and equals):
            raise UserError(f"{flag} takes KEY=VALUE, got {text!r}")
        try:
            values[key] = json.loads(value)
        except json.JSONDecodeError:
            values[key] = value
    return values


def exit_code(reason: str) -> int:
    """What the command returns for the reason that a run ended: 0, or as shells report its signal.

    Example:
        >>> from flax_albert.cli.finetune.values import exit_code
        >>> exit_code("finished"), exit_code("SIGINT"), exit_code("SIGTERM")
        (0, 130, 143)
    """
    return 0 if reason == "finished" else 128 + signal.Signals[reason]
