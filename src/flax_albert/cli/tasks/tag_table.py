"""Entities in their sentence, for people."""

from __future__ import annotations

import zlib
from typing import Any, final

from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from flax_albert.cli.console import printable, shown
from flax_albert.cli.tasks.table import Table

_COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "red")


@final
class EntityTable(Table):
    """The text with its entities marked, as in ``[Ada Lovelace PER]``, and under it the entities with their scores."""

    def draw(self, item: Any, result: Any) -> None:
        """See :meth:`Table.draw`."""
        text = item if isinstance(item, str) else " ".join(item)
        self.console.print(_marked(text, result))
        grid = Grid.grid(padding=(0, 2, 0, 0))
        grid.add_column(overflow="fold", style="bold", min_width=8)
        grid.add_column(overflow="fold")
        grid.add_column(justify="right", no_wrap=True)
        if self.bars:
            grid.add_column(no_wrap=True, width=12)
        grid.add_column(justify="right", no_wrap=True, style="dim")
        for entity in result:
            start, end = _span(entity, text)
            name, place = (text[start:end], f"{start}-{end}") if end else (entity["word"], "")
            label = _label(entity)
            cells = [printable(name), Text(printable(label), style=_colour(label)), f"{entity['score']:.3f}"]
            grid.add_row(*cells, *self.bar(entity["score"]), place)
        if result:
            self.console.print(Padding(grid, (0, 0, 0, 2)))
        else:
            self.console.print(Text("  nothing found", style="dim"))


def _marked(text: str, entities: Any) -> Text:
    marked, done = Text(style="bold"), 0
    for entity in sorted(entities, key=lambda entity: entity["start"] or 0):
        start, end = _span(entity, text)
        if end and start >= done:
            label = _label(entity)
            marked.append(shown(text[done:start]))
            marked.append(f"[{shown(text[start:end])} {printable(label)}]", style=f"reverse {_colour(label)}")
            done = end
    return marked.append(shown(text[done:]))


def _span(entity: Any, text: str) -> tuple[int, int]:
    """Where the entity stands, without the white space around it; 0, 0 where that is not known."""
    start, end = entity["start"] or 0, entity["end"] or 0
    inside = text[start:end]
    if not inside.strip():
        return 0, 0
    return start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip())


def _label(entity: Any) -> str:
    return str(entity.get("entity_group", entity.get("entity")))


def _colour(label: str) -> str:
    kind = label.partition("-")[2] or label
    return _COLOURS[zlib.crc32(kind.encode(errors="replace")) % len(_COLOURS)]
