"""The labels of a text for people."""

from __future__ import annotations

from typing import Any, final

from flax_albert.cli.tasks.table import Table, heading


@final
class LabelTable(Table):
    """The text, or both, and under it its labels with their scores."""

    def draw(self, item: Any, result: Any) -> None:
        """See :meth:`Table.draw`."""
        self.console.print(heading(*(item.values() if isinstance(item, dict) else [item])))
        self.print_scores([(answer["label"], answer["score"]) for answer in result])
