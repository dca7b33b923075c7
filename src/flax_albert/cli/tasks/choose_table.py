"""Choices with their probabilities, for people."""

from __future__ import annotations

from typing import Any, final

from flax_albert.cli.tasks.table import Table, heading


@final
class ChoiceTable(Table):
    """The prompt, and under it the choices, the best one marked."""

    def draw(self, item: Any, result: Any) -> None:
        """See :meth:`Table.draw`."""
        self.console.print(heading(item["prompt"]))
        self.print_scores(
            [
                (f"{'>' if number == result['choice'] else ' '} {choice}", score)
                for number, (choice, score) in enumerate(zip(item["choices"], result["scores"], strict=True))
            ]
        )
