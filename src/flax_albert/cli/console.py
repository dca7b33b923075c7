"""How tables for people are drawn: as text first, which :mod:`flax_albert.cli.output` then writes."""

from __future__ import annotations

import io
import sys

from rich.console import Console


def drawing_console() -> Console:
    """A console of the width, colours and letters of standard output that never writes to it.

    What it draws is to be captured. Were standard output its file, rich would touch that at the end of a capture, and
    fail where a disk is full in words of its own.
    """
    paper = io.TextIOWrapper(io.BytesIO(), encoding=getattr(sys.stdout, "encoding", None) or "utf-8")
    shown = sys.stdout is not None and sys.stdout.isatty()
    return Console(file=paper, force_terminal=shown or None, highlight=False, markup=False, emoji=False)


def printable(text: str) -> str:
    """The text on one line, without what could steer a terminal: names come from files, and texts from anywhere.

    Args:
        text: Any text.

    Returns:
        The text with single spaces, and a replacement character for what cannot be shown.

    Example:
        >>> from flax_albert.cli.console import printable
        >>> printable("two" + chr(10) + "lines" + chr(27))
        'two lines�'
    """
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in " ".join(text.split())
    )


def shown(text: str) -> str:
    """The text in as many characters as it has, without what could steer a terminal: offsets into it stay right.

    Args:
        text: Any text.

    Returns:
        The text with a space for each white space, and a replacement character for what cannot be shown.

    Example:
        >>> from flax_albert.cli.console import shown
        >>> shown("two" + chr(10) * 2 + "lines" + chr(27))
        'two  lines�'
    """
    return "".join(
        " " if character.isspace() else character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )
