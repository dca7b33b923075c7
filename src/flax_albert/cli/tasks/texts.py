"""What the commands share whose inputs are texts, each on its own or with a second one."""

from __future__ import annotations

import argparse
import json
from typing import Any

from flax_albert.cli.tasks.values import count
from flax_albert.data.sources.columns import Fields
from flax_albert.data.sources.usual import TEXTS

TEXT = Fields(TEXTS, required=["text"])
"""A text."""


def add_texts(parser: argparse.ArgumentParser, help_text: str) -> None:
    """Adds the texts that may stand on the command line.

    Args:
        parser: The subcommand's.
        help_text: What one is.
    """
    parser.add_argument("texts", nargs="*", metavar="TEXT", help=f'{help_text}; "-" for standard input')


def given_texts(options: argparse.Namespace) -> list[dict[str, Any]]:
    """The texts that stand on the command line.

    Args:
        options: What the parser made of the arguments.

    Returns:
        What each input holds, by field.
    """
    return [] if options.texts == ["-"] else [{"text": text} for text in options.texts]


def add_truncation(parser: argparse.ArgumentParser) -> None:
    """Adds what is done with texts that are too long.

    Args:
        parser: The subcommand's.
    """
    parser.add_argument("--truncation", action="store_true", help="shorten texts that are too long for the model")
    parser.add_argument(
        "--max-length", type=count(), metavar="N", help="most tokens of a text (default: as many as the model takes)"
    )


def truncation(options: argparse.Namespace) -> dict[str, Any]:
    """The options of a task that say the same.

    Args:
        options: What the parser made of the arguments.
    """
    return {"truncation": options.truncation, "max_length": options.max_length}


def as_list(value: Any) -> Any:
    """A list that a CSV holds as JSON.

    Args:
        value: What a column holds.

    Returns:
        The list, where it is one; otherwise what it was.

    Example:
        >>> from flax_albert.cli.tasks.texts import as_list
        >>> as_list('["one", "two"]')
        ['one', 'two']
    """
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return found if isinstance(found, list) else value
    return value
