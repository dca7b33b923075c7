"""An answer in its context, for people."""

from __future__ import annotations

from typing import Any, final

from rich.padding import Padding
from rich.text import Text

from flax_albert.cli.console import shown
from flax_albert.cli.tasks.table import Table, heading

_AROUND = 240
"""Characters of a long context that are shown on either side of the answer."""


@final
class AnswerTable(Table):
    """The question, the context with the best answer marked, as in ``[London]``, and the answers with their scores."""

    def draw(self, item: Any, result: Any) -> None:
        """See :meth:`Table.draw`."""
        answers = result if isinstance(result, list) else [result]
        self.console.print(heading(item["question"]))
        self.console.print(Padding(_marked(item["context"], answers[0]["start"], answers[0]["end"]), (0, 0, 0, 2)))
        self.print_scores([(answer["answer"] or "no answer", answer["score"]) for answer in answers])


def _marked(context: str, start: int, end: int) -> Text:
    before, after = context[:start], context[end:]
    if len(before) > _AROUND + 60:
        before = "… " + before[-_AROUND:].partition(" ")[2]
    if len(after) > _AROUND + 60:
        after = after[:_AROUND].rpartition(" ")[0] + " …"
    marked = Text(shown(before))
    if end > start:
        marked.append(f"[{shown(context[start:end])}]", style="bold reverse cyan")
    return marked.append(shown(after))
