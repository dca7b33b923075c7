"""The candidates of a text as tables for people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, final

from rich.padding import Padding
from rich.table import Table as Grid

from flax_albert.cli.console import printable
from flax_albert.cli.tasks.table import Table, heading

_SPACE = "▁"
"""Shown for a piece that is but the space between words, as vocabularies write it."""


@final
class CandidateTable(Table):
    """The text, and under it one table a mask.

    Args:
        mask_token: How texts write a mask.
        around: Tokens around a text that people need not see.
    """

    def __init__(self, mask_token: str, around: Sequence[str]) -> None:
        super().__init__()
        self._mask_token = mask_token
        self._around = around

    def draw(self, item: Any, result: Any) -> None:
        """See :meth:`Table.draw`."""
        text = heading(item)
        text.highlight_words([self._mask_token], style="cyan")
        self.console.print(text)
        for number, candidates in enumerate(result, start=1):
            if len(result) > 1:
                self.console.print(f"mask {number}", style="cyan")
            self.console.print(Padding(self._grid(candidates), (0, 0, 0, 2)))

    def _grid(self, candidates: Sequence[Any]) -> Grid:
        grid = Grid.grid(padding=(0, 2, 0, 0))
        grid.add_column(justify="right", style="dim", no_wrap=True)
        grid.add_column(overflow="fold", style="bold", min_width=8)
        grid.add_column(justify="right", no_wrap=True)
        if self.bars:
            grid.add_column(no_wrap=True, width=12)
        grid.add_column(overflow="fold")
        for rank, candidate in enumerate(candidates, start=1):
            grid.add_row(
                str(rank),
                printable(candidate["token_str"]) or _SPACE,
                f"{candidate['score']:.3f}",
                *self.bar(candidate["score"]),
                self._sentence(candidate["sequence"]),
            )
        return grid

    def _sentence(self, sequence: str) -> str:
        """The sequence without what stands around texts, and with the space that a mask takes away."""
        for token in self._around:
            sequence = sequence.removeprefix(token).removesuffix(token)
        return printable(re.sub(rf"(?<=\w){re.escape(self._mask_token)}", f" {self._mask_token}", sequence.strip()))
