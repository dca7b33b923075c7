"""Results for people."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from rich.bar import Bar
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from flax_albert.cli.console import drawing_console, printable

_NARROW = 64
"""Terminals of fewer columns get no bars."""


class Table(ABC):
    """Draws results for the terminal, or for wherever standard output goes."""

    def __init__(self) -> None:
        self.console = drawing_console()
        self._began = False

    def render(self, item: Any, result: Any) -> str:
        """An input and its result.

        Args:
            item: The input.
            result: What the task made of it.

        Returns:
            Lines, coloured where standard output is a terminal that shows colours.
        """
        with self.console.capture() as captured:
            self._separate()
            self.draw(item, result)
        return captured.get()

    def render_error(self, message: str) -> str:
        """An input at fault.

        Args:
            message: What is wrong with it.

        Returns:
            Lines, as those of results.
        """
        with self.console.capture() as captured:
            self._separate()
            self.console.print(Text(printable(message), style="red"))
        return captured.get()

    def render_end(self) -> str:
        """What comes after all results; nothing, for most commands."""
        return ""

    @abstractmethod
    def draw(self, item: Any, result: Any) -> None:
        """Prints an input and its result on :attr:`console`.

        Args:
            item: The input.
            result: What the task made of it.
        """

    def print_scores(self, rows: Iterable[tuple[str, float]], ranked: bool = False) -> None:
        """Prints names with their scores, and bars where there is room.

        Args:
            rows: Names and scores.
            ranked: Whether the rows are numbered.
        """
        rows = list(rows)
        grid = Grid.grid(padding=(0, 2, 0, 0))
        if ranked:
            grid.add_column(justify="right", style="dim", no_wrap=True)
        grid.add_column(overflow="fold", style="bold", min_width=8)
        grid.add_column(justify="right", no_wrap=True)
        probabilities = self.bars and all(0 <= score <= 1 for _, score in rows)
        if probabilities:
            grid.add_column(no_wrap=True, width=12)
        for rank, (name, score) in enumerate(rows, start=1):
            cells = [str(rank)] if ranked else []
            grid.add_row(*cells, printable(name), f"{score:.3f}", *(self.bar(score) if probabilities else []))
        self.console.print(Padding(grid, (0, 0, 0, 2)))

    @property
    def bars(self) -> bool:
        """Whether there is room for bars."""
        return self.console.width >= _NARROW

    def bar(self, score: float) -> list[Bar]:
        """A probability as a bar; nothing on a narrow terminal.

        Args:
            score: The probability.
        """
        return [Bar(size=1, begin=0, end=score, width=12, color="cyan")] if self.bars else []

    def _separate(self) -> None:
        if self._began:
            self.console.print()
        self._began = True


def heading(*texts: str) -> Text:
    """The texts of an input, as the heading of its result.

    Args:
        *texts: The texts; each on a line.
    """
    return Text("\n").join(Text(printable(text), style="bold") for text in texts)
