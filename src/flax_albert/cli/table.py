"""The candidates of a text as tables for people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import final

from rich.bar import Bar
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from flax_albert.cli.console import drawing_console, printable
from flax_albert.tasks import Candidate

_NARROW = 64
"""Terminals of fewer columns get no bars."""
_SPACE = "▁"
"""Shown for a piece that is but the space between words, as vocabularies write it."""


@final
class CandidateTables:
    """Renders answers for the terminal, or for wherever standard output goes.

    Args:
        mask_token: How texts write a mask.
        around: Tokens around a text that people need not see.
    """

    def __init__(self, mask_token: str, around: Sequence[str]) -> None:
        self._console = drawing_console()
        self._mask_token = mask_token
        self._around = around
        self._began = False

    def render(self, text: str, answer: Sequence[Sequence[Candidate]]) -> str:
        """The text, and under it one table a mask.

        Args:
            text: The text.
            answer: The candidates of each of its masks.

        Returns:
            Lines, coloured where standard output is a terminal that shows colours.
        """
        with self._console.capture() as captured:
            if self._began:
                self._console.print()
            self._began = True
            heading = Text(printable(text), style="bold")
            heading.highlight_words([self._mask_token], style="cyan")
            self._console.print(heading)
            for number, candidates in enumerate(answer, start=1):
                if len(answer) > 1:
                    self._console.print(f"mask {number}", style="cyan")
                self._console.print(Padding(self._table(candidates), (0, 0, 0, 2)))
        return captured.get()

    def _table(self, candidates: Sequence[Candidate]) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(justify="right", style="dim", no_wrap=True)
        table.add_column(overflow="fold", style="bold", min_width=8)
        table.add_column(justify="right", no_wrap=True)
        bars = self._console.width >= _NARROW
        if bars:
            table.add_column(no_wrap=True, width=12)
        table.add_column(overflow="fold")
        for rank, candidate in enumerate(candidates, start=1):
            bar = [Bar(size=1, begin=0, end=candidate["score"], width=12, color="cyan")] if bars else []
            table.add_row(
                str(rank),
                printable(candidate["token_str"]) or _SPACE,
                f"{candidate['score']:.3f}",
                *bar,
                self._sentence(candidate["sequence"]),
            )
        return table

    def _sentence(self, sequence: str) -> str:
        """The sequence without what stands around texts, and with the space that a mask takes away."""
        for token in self._around:
            sequence = sequence.removeprefix(token).removesuffix(token)
        return printable(re.sub(rf"(?<=\w){re.escape(self._mask_token)}", f" {self._mask_token}", sequence.strip()))
