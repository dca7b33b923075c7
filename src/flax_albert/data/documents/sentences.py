"""Documents to sentences."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Literal

SentenceRule = Literal["punctuation", "line", "paragraph"]

_END = re.compile(
    r"(?<!\bMr)(?<!\bDr)(?<!\bSt)(?<!\bMs)(?<!\bMrs)(?<!\b[A-Z])"  # a title or an initial is no end
    r"[.!?…؟।॥]+[\"'”’»)\]]*\s+(?=[\"'“‘«„¿¡(\[]*([^\W\d_]))"
    r"|[。！？]+[」』”’）]*"  # Chinese and Japanese need no space
)
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")


def by_punctuation(text: str) -> list[str]:
    r"""Cuts at blank lines, and after a full stop, a question or an exclamation mark.

    What follows must be a capital, or a letter of a script that has none.

    Args:
        text: A document.

    Returns:
        Its sentences, without white space around them.

    Example:
        >>> from flax_albert.data.documents.sentences import by_punctuation
        >>> by_punctuation("Dr. Who came. He sat\ndown!\n\n'Yes.' No, e.g. not")
        ['Dr. Who came.', 'He sat\ndown!', "'Yes.'", 'No, e.g. not']
        >>> by_punctuation("Он ушёл. Потом вернулся. 下雨了。走吧。")
        ['Он ушёл.', 'Потом вернулся.', '下雨了。', '走吧。']
    """
    sentences: list[str] = []
    for paragraph in by_paragraph(text):
        ends = (match.end() for match in _END.finditer(paragraph) if not (match[1] or "").islower())
        cuts = [0, *ends, len(paragraph)]
        sentences += [paragraph[start:end].strip() for start, end in itertools.pairwise(cuts)]
    return [sentence for sentence in sentences if sentence]


def by_line(text: str) -> list[str]:
    """Takes each line for a sentence, as Google's input files have it."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def by_paragraph(text: str) -> list[str]:
    """Takes what stands between blank lines for a sentence."""
    return [paragraph.strip() for paragraph in _BLANK_LINES.split(text) if paragraph.strip()]


RULES: dict[SentenceRule, Callable[[str], list[str]]] = {
    "punctuation": by_punctuation,
    "line": by_line,
    "paragraph": by_paragraph,
}
