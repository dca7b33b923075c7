"""Texts and tables in Markdown, where nothing of a text becomes markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

_MARKUP = re.compile(r"([\\`*\[\]|~]|(?<!\w)_|_(?!\w))")  # an underscore within a word is none


def escaped(text: str) -> str:
    r"""A text that stays one, on one line.

    Args:
        text: Any text.

    Returns:
        Markdown.

    Example:
        >>> from flax_albert.training.reporting.card.markdown import escaped
        >>> print(escaped("a_label _a_ <b>|\n*"))
        a_label \_a\_ &lt;b&gt;\| \*
    """
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in " ".join(text.split()))
    return _MARKUP.sub(r"\\\1", html.escape(shown, quote=False))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers_from: int | None = None) -> str:
    """A table.

    Args:
        heads: Names of the columns, escaped, as all that follows.
        rows: Its cells.
        numbers_from: The first column that holds numbers.

    Returns:
        Lines of Markdown.
    """
    first = len(heads) if numbers_from is None else numbers_from
    rule = ["---:" if column >= first else "---" for column in range(len(heads))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows))
