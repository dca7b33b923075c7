"""Choices with their probabilities, for people."""

from __future__ import annotations

from typing import Any, final

from flax_albert.cli.tasks.table import Table, heading

_ASKED = ("prompt", "sent1", "sent2", "article", "question")
_CHOICES = ("choices", "options")


@final
class ChoiceTable(Table):
    """What is asked, and under it the choices, the best one marked."""

    def draw(self, item: Any, result: Any) -> None:
        """See :meth:`Table.draw`."""
        self.console.print(heading(*(item[name] for name in _ASKED if item.get(name))))
        choices = next((item[name] for name in _CHOICES if name in item), None)
        if choices is None:
            choices = [value for name, value in item.items() if name.startswith("ending")]
        self.print_scores(
            [
                (f"{'>' if number == result['choice'] else ' '} {choice}", score)
                for number, (choice, score) in enumerate(zip(choices, result["scores"], strict=True))
            ]
        )
