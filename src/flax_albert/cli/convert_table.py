"""What became of every array of a checkpoint, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from flax_albert.cli.console import drawing_console, printable
from flax_albert.conversion import Conversion

_GAP = "  "
_UNBOUNDED = 1000  # columns, where no terminal breaks the lines


def render(done: Conversion) -> str:
    """The conversion as tables.

    Args:
        done: What was done.

    Returns:
        Lines, coloured where standard output is a terminal that shows colours.
    """
    console = drawing_console()
    width = console.width if console.is_terminal else _UNBOUNDED
    sections = {
        f"{len(done.mapped)} parameters of {done.model}": [
            (row.source, row.parameter, _shape(row.shape), row.dtype, "transposed" if row.transposed else "")
            for row in done.mapped
        ],
        f"{len(done.skipped)} skipped": [(row.source, _shape(row.shape), row.reason) for row in done.skipped],
        "written": [(done.destination, ", ".join(done.written))],
    }
    if done.hidden_by:
        sections["mind"] = [(done.hidden_by, "was there already and is loaded instead; remove it or write elsewhere")]
    with console.capture() as captured:
        console.print(Text(printable(done.source), style="bold"))
        for title, rows in sections.items():
            if rows:
                console.print(Text(title, style="bold cyan"))
                for line in _lines(rows, width):
                    console.print(Text(line), soft_wrap=True)
    return captured.get()


def _lines(rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    """Columns; where they do not fit, each row as two lines."""
    rows = [tuple(printable(cell) for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if sum(widths) + len(_GAP) * len(widths) > width:
        return [line for row in rows for line in (_GAP + row[0], _GAP * 3 + _GAP.join(filter(None, row[1:])))]
    return [(_GAP + _GAP.join(map(str.ljust, row, widths))).rstrip() for row in rows]


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "scalar"
