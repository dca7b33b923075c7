"""``flax-albert choose``: which of several choices fits."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, final

from flax_albert.cli.errors import UserError
from flax_albert.cli.tasks.command import TaskCommand
from flax_albert.cli.tasks.texts import add_truncation, as_list, truncation
from flax_albert.data.sources.columns import Fields
from flax_albert.data.sources.usual import CHOICES

if TYPE_CHECKING:
    from flax_albert.cli.tasks.choose_table import ChoiceTable


@final
class ChooseCommand(TaskCommand):
    """Chooses among several texts."""

    name = "choose"
    task = "multiple-choice"
    help = "choose the text that fits"
    description = """\
Chooses the text that fits a prompt best: the answer to a question, the end of
a story. There may be any number of choices.
"""
    examples = """\
examples:
  flax-albert choose --model ./race "What do plants need?" light "a book"
  flax-albert choose --model ./swag --input swag.jsonl --output chosen.csv
  flax-albert choose --model ./race --input questions.csv \\
    --prompt-column question --choices-column A,B,C,D --json

The choices are a list in one column, or stand in several: name them all, or
write "ending*" for ending0, ending1 and so on. In the layout of SWAG, every
choice begins with what "sent2" holds (--start-column); in that of RACE, the
prompt is an "article", and there is a "question" about it (--question-column).

Results are the columns "choice", the number of the best counted from 0,
"answer", its text, "score", its probability, and "scores", those of all.
"""
    example = '"What do plants need?" light "a book"'
    unit = "question"
    operands = "[PROMPT CHOICE CHOICE ...]"
    fields = Fields(CHOICES, required=["prompt", "choices"])
    results = ("choice", "answer", "score", "scores")
    standard_input = "jsonl"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """See :meth:`TaskCommand.add_arguments`."""
        parser.add_argument(
            "texts", nargs="*", metavar="TEXT", help='a prompt and then its choices; "-" for standard input'
        )
        add_truncation(parser)

    def given(self, options: argparse.Namespace) -> list[dict[str, Any]]:
        """See :meth:`TaskCommand.given`."""
        if not options.texts or options.texts == ["-"]:
            return []
        if len(options.texts) < 3:
            raise UserError(f"a prompt needs at least two choices, as in {self.example}.")
        return [{"prompt": options.texts[0], "choices": options.texts[1:]}]

    def item(self, values: dict[str, Any], options: argparse.Namespace) -> Any:
        """See :meth:`TaskCommand.item`."""
        choices = as_list(values["choices"])
        if isinstance(choices, Mapping):  # {"text": [...], "label": [...]}, as data sets on the hub have it
            choices = choices.get("text", choices)
        if "start" in values and isinstance(choices, list):
            endings = {f"ending{number}": choice for number, choice in enumerate(choices)}
            return {"sent1": values["prompt"], "sent2": values["start"], **endings}
        if "question" in values:
            return {"article": values["prompt"], "question": values["question"], "options": choices}
        return {"prompt": values["prompt"], "choices": choices}

    def settings(self, options: argparse.Namespace, tokenizer: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.settings`."""
        return truncation(options)

    def columns(self, item: Any, result: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.columns`."""
        return {name: result[name] for name in self.results}

    def table(self, task: Any, options: argparse.Namespace) -> ChoiceTable:
        """See :meth:`TaskCommand.table`."""
        from flax_albert.cli.tasks.choose_table import ChoiceTable

        return ChoiceTable()
