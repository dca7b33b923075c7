"""What the commands share whose inputs are texts, each on its own or with a second one."""

from __future__ import annotations

import argparse
from typing import Any

from flax_albert.cli.sources.columns import Fields

TEXT = Fields(
    [{"text": name} for name in ("text", "sentence", "content", "review", "utterance", "question", "title", "body")],
    required=["text"],
)
"""A text."""
PAIRS = (
    ("text", "text_pair"),
    ("sentence1", "sentence2"),
    ("sentence_a", "sentence_b"),
    ("text1", "text2"),
    ("text_a", "text_b"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
    ("#1 String", "#2 String"),
    ("first", "second"),
)
"""How the columns of two texts are usually called."""


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
