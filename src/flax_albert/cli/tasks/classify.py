"""``flax-albert classify``: labels for texts and pairs of texts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, final

from flax_albert.cli.errors import UserError
from flax_albert.cli.tasks.command import TaskCommand
from flax_albert.cli.tasks.texts import TEXT, add_texts, add_truncation, given_texts, truncation
from flax_albert.cli.tasks.values import count
from flax_albert.data.sources.columns import Fields
from flax_albert.data.sources.usual import PAIRS

if TYPE_CHECKING:
    from flax_albert.cli.tasks.classify_table import LabelTable

_ALL = "all"


@final
class ClassifyCommand(TaskCommand):
    """Labels texts."""

    name = "classify"
    task = "text-classification"
    help = "label texts, or pairs of texts"
    description = """\
Labels texts with a classifier: with the likeliest label and its probability,
with several, or with the number that a regression gives. An input may be a
pair of texts.
"""
    examples = """\
examples:
  flax-albert classify --model ./sst2 "A fine film." "It drags."
  flax-albert classify --model ./sst2 --top-k all --json < texts.txt
  flax-albert classify --model ./mnli "A man sleeps." --pair "A man rests."
  flax-albert classify --model ./sst2 --input reviews.csv --text-column body \\
    --output labels.csv
  flax-albert classify --model ./topics --multi-label --input posts.parquet \\
    --output topics.parquet --resume

Results are the columns "label" and "score"; with --top-k above 1, "labels"
too, a list of {"label", "score"}, best first.
"""
    example = '"A fine film."'
    fields = Fields(
        [*TEXT.layouts, *PAIRS],
        required=["text"],
    )
    results = ("label", "score", "labels")

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """See :meth:`TaskCommand.add_arguments`."""
        add_texts(parser, "a text")
        parser.add_argument("--pair", metavar="TEXT", help="the second text of each pair, whose first is TEXT")
        parser.add_argument(
            "--top-k",
            type=lambda value: value if value == _ALL else count()(value),
            metavar="N",
            help='labels for each text, or "all" (default: 1; all with --multi-label)',
        )
        scores = parser.add_mutually_exclusive_group()
        scores.add_argument(
            "--function-to-apply",
            choices=("sigmoid", "softmax", "none"),
            help="what makes scores of the model's outputs (default: as its configuration says)",
        )
        scores.add_argument(
            "--multi-label", action="store_true", help="a text may have any number of labels: the same as sigmoid"
        )
        add_truncation(parser)

    def given(self, options: argparse.Namespace) -> list[dict[str, Any]]:
        """See :meth:`TaskCommand.given`."""
        texts = given_texts(options)
        if options.pair is None:
            return texts
        if not texts:
            raise UserError("--pair is the second text beside a TEXT on the command line; name columns for a file.")
        return [{**text, "text_pair": options.pair} for text in texts]

    def item(self, values: dict[str, Any], options: argparse.Namespace) -> Any:
        """See :meth:`TaskCommand.item`."""
        return values if "text_pair" in values else values["text"]

    def settings(self, options: argparse.Namespace, tokenizer: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.settings`."""
        function = "sigmoid" if options.multi_label else options.function_to_apply
        top_k = options.top_k or (_ALL if options.multi_label else 1)
        return {"top_k": None if top_k == _ALL else top_k, "function_to_apply": function, **truncation(options)}

    def columns(self, item: Any, result: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.columns`."""
        return {**result[0], **({"labels": result} if len(result) > 1 else {})}

    def table(self, task: Any, options: argparse.Namespace) -> LabelTable:
        """See :meth:`TaskCommand.table`."""
        from flax_albert.cli.tasks.classify_table import LabelTable

        return LabelTable()
