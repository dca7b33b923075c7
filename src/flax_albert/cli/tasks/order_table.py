"""Two texts and whether they are in order, for people."""

from __future__ import annotations

from typing import Any, final

from flax_albert.cli.tasks.table import Table, heading


@final
class OrderTable(Table):
    """Both texts, and under them what the model says."""

    def draw(self, item: Any, result: Any) -> None:
        """See :meth:`Table.draw`."""
        self.console.print(heading(item["text"], item["text_pair"]))
        self.print_scores([(result["label"].replace("_", " "), result["score"])])
