"""``flax-albert fill-mask``: words for the places that texts leave open."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, final

from flax_albert.cli.tasks.command import TaskCommand
from flax_albert.cli.tasks.texts import TEXT, add_texts, given_texts
from flax_albert.cli.tasks.values import count, words

if TYPE_CHECKING:
    from flax_albert.cli.tasks.fill_mask_table import CandidateTable


@final
class FillMaskCommand(TaskCommand):
    """Fills in masked words."""

    name = "fill-mask"
    task = "fill-mask"
    help = "fill in masked words"
    description = """\
Fills in the words that [MASK] leaves open, with the likeliest candidates and
their probabilities. A text may hold several masks.
"""
    examples = """\
examples:
  flax-albert fill-mask "The capital of France is [MASK]."
  flax-albert fill-mask --top-k 3 "The [MASK] sat on the [MASK]."
  flax-albert fill-mask --targets good,bad "It was a [MASK] film."
  flax-albert fill-mask --model ./my-albert "Paris is in [MASK]."
  flax-albert fill-mask --json < texts.txt > answers.jsonl

With --json each text gives one line: {"number": of the line or argument,
"text": ..., "masks": [for each mask a list of {"score", "token", "token_str",
"sequence"}]}.
"""
    example = '"The capital of France is [MASK]."'
    fields = TEXT
    results = ("masks",)
    default_model = "albert-mini-en"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """See :meth:`TaskCommand.add_arguments`."""
        add_texts(parser, "a text with [MASK] in it")
        parser.add_argument(
            "--top-k", type=count(), default=5, metavar="N", help="candidates for each mask (default: %(default)s)"
        )
        parser.add_argument(
            "--targets", type=words, metavar="WORD,...", help="choose among these words only, separated by commas"
        )

    def given(self, options: argparse.Namespace) -> list[dict[str, Any]]:
        """See :meth:`TaskCommand.given`."""
        return given_texts(options)

    def item(self, values: dict[str, Any], options: argparse.Namespace) -> Any:
        """See :meth:`TaskCommand.item`."""
        return values["text"]

    def settings(self, options: argparse.Namespace, tokenizer: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.settings`."""
        from flax_albert.tasks import whole_words

        targets = None if options.targets is None else whole_words(options.targets, tokenizer)
        return {"top_k": options.top_k, "targets": targets}

    def columns(self, item: Any, result: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.columns`."""
        return {"masks": result}

    def table(self, task: Any, options: argparse.Namespace) -> CandidateTable:
        """See :meth:`TaskCommand.table`."""
        from flax_albert.cli.tasks.fill_mask_table import CandidateTable

        tokenizer = task.tokenizer
        return CandidateTable(str(tokenizer.mask_token), (str(tokenizer.cls_token), str(tokenizer.sep_token)))
