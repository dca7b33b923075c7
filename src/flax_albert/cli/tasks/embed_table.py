"""Vectors, and how alike they are, for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

import numpy as np
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from flax_albert.cli.console import printable
from flax_albert.cli.errors import UserError
from flax_albert.cli.tasks.table import Table, heading

_MOST = 50
"""Texts that a table compares."""
_SHOWN = 4
"""Numbers of a vector that are shown."""


@final
class VectorTable(Table):
    """The text, and the first numbers of its vector; or, after all texts, a table of how alike they are.

    Args:
        similarity: What compares vectors; None to show them.
    """

    def __init__(self, similarity: Callable[[Any, Any], Any] | None = None) -> None:
        super().__init__()
        self._similarity = similarity
        self._texts: list[str] = []
        self._vectors: list[Any] = []

    def render(self, item: Any, result: Any) -> str:
        """See :meth:`Table.render`."""
        if self._similarity is None:
            return super().render(item, result)
        if len(self._texts) == _MOST:
            raise UserError(f"--similarity compares at most {_MOST} texts; write vectors with --output for more.")
        self._texts.append(item)
        self._vectors.append(result)
        return ""

    def draw(self, item: Any, result: Any) -> None:
        """See :meth:`Table.draw`."""
        numbers = " ".join(f"{number:.4f}" for number in result[:_SHOWN])
        more = " …" if len(result) > _SHOWN else ""
        length = float(np.linalg.norm(result))
        self.console.print(heading(item))
        self.console.print(Text(f"  {len(result)} numbers: {numbers}{more} (length {length:.4f})"))

    def render_end(self) -> str:
        """See :meth:`Table.render_end`."""
        if self._similarity is None or not self._texts:
            return ""
        likeness = self._similarity(np.stack(self._vectors), np.stack(self._vectors))
        grid = Grid.grid(padding=(0, 2, 0, 0))
        grid.add_column(justify="right", style="dim", no_wrap=True)
        for _ in self._texts:
            grid.add_column(justify="right", no_wrap=True)
        grid.add_column(overflow="fold", style="bold")
        grid.add_row("", *(Text(str(number), style="dim") for number in range(1, len(self._texts) + 1)), "")
        for number, (text, row) in enumerate(zip(self._texts, likeness, strict=True), start=1):
            cells = [
                Text(f"{value:.3f}", style="cyan" if place == number - 1 else "") for place, value in enumerate(row)
            ]
            grid.add_row(str(number), *cells, printable(text))
        with self.console.capture() as captured:
            self.console.print(Padding(grid, (0, 0, 0, 0)))
        return captured.get()
