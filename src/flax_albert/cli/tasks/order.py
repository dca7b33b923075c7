"""``flax-albert order``: whether one text follows another."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, final

from flax_albert.cli.errors import UserError
from flax_albert.cli.tasks.command import TaskCommand
from flax_albert.cli.tasks.texts import add_truncation, truncation
from flax_albert.data.sources.columns import Fields
from flax_albert.data.sources.usual import PAIRS

if TYPE_CHECKING:
    from flax_albert.cli.tasks.order_table import OrderTable


@final
class OrderCommand(TaskCommand):
    """Says whether texts are in order."""

    name = "order"
    task = "sentence-order"
    help = "say whether one text follows another"
    description = """\
Says how likely it is that a second text follows the first, rather than the
other way round: what ALBERT learns beside the filling of masks. It takes a
model with both heads of the pretraining.
"""
    examples = """\
examples:
  flax-albert order --model ./albert-base "She knocked." "Then she went in."
  flax-albert order --model ./albert-base --input pairs.csv --output order.csv
  flax-albert order --model ./albert-base --input pairs.jsonl --json \\
    --text-column before --pair-column after

Results are the columns "label", which is "in_order" or "swapped", "score", its
probability, and "in_order", the probability that the order is right.
"""
    example = '"She opened the door." "Then she went in."'
    unit = "pair"
    operands = "[TEXT TEXT]"
    fields = Fields(PAIRS, required=["text", "text_pair"])
    results = ("label", "score", "in_order")
    standard_input = "jsonl"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """See :meth:`TaskCommand.add_arguments`."""
        parser.add_argument("texts", nargs="*", metavar="TEXT", help='two texts; "-" for standard input')
        add_truncation(parser)

    def given(self, options: argparse.Namespace) -> list[dict[str, Any]]:
        """See :meth:`TaskCommand.given`."""
        if not options.texts or options.texts == ["-"]:
            return []
        if len(options.texts) != 2:
            raise UserError(f"two texts have an order, as in {self.example}; got {len(options.texts)}.")
        return [{"text": options.texts[0], "text_pair": options.texts[1]}]

    def item(self, values: dict[str, Any], options: argparse.Namespace) -> Any:
        """See :meth:`TaskCommand.item`."""
        return values

    def settings(self, options: argparse.Namespace, tokenizer: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.settings`."""
        return truncation(options)

    def columns(self, item: Any, result: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.columns`."""
        return dict(result)

    def table(self, task: Any, options: argparse.Namespace) -> OrderTable:
        """See :meth:`TaskCommand.table`."""
        from flax_albert.cli.tasks.order_table import OrderTable

        return OrderTable()
