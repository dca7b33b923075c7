"""``flax-albert tag``: names, parts of speech and the like, where they stand in texts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, final

from flax_albert.cli.tasks.command import TaskCommand
from flax_albert.cli.tasks.texts import TEXT, add_texts, as_list, given_texts
from flax_albert.cli.tasks.values import count, words
from flax_albert.data.sources.columns import Fields

if TYPE_CHECKING:
    from flax_albert.cli.tasks.tag_table import EntityTable


@final
class TagCommand(TaskCommand):
    """Labels the tokens of texts."""

    name = "tag"
    task = "token-classification"
    help = "find names, parts of speech and the like in texts"
    description = """\
Labels the words of texts of any length with a token classifier, and says where
in the text what was found stands.
"""
    examples = """\
examples:
  flax-albert tag --model ./ner "Ada Lovelace lived in London."
  flax-albert tag --model ./ner --json < texts.txt > entities.jsonl
  flax-albert tag --model ./pos --aggregation-strategy none "The dog barked."
  flax-albert tag --model ./ner --words --input sentences.conll \\
    --output entities.jsonl --resume

Results are the column "entities": a list of {"entity_group", "score", "word",
"start", "end"}; with --aggregation-strategy none, of {"entity", "score",
"index", "word", "start", "end"}. Positions count characters of the
text, without spaces around what was found.
"""
    example = '"Ada Lovelace lived in London."'
    fields = Fields([*TEXT.layouts, {"text": "words"}, {"text": "tokens"}], required=["text"])
    results = ("entities",)

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """See :meth:`TaskCommand.add_arguments`."""
        add_texts(parser, "a text")
        parser.add_argument(
            "--aggregation-strategy",
            choices=("none", "simple", "first", "average", "max"),
            help="how the labels of tokens become those of words and names (default: simple; first with --words)",
        )
        parser.add_argument(
            "--ignore-labels", type=words, metavar="LABEL,...", help="labels that are left out (default: O)"
        )
        parser.add_argument(
            "--stride", type=count(), metavar="N", help="tokens that windows of a long text share (default: a quarter)"
        )
        parser.add_argument(
            "--words", action="store_true", help="texts are split already: at spaces, or a list of words in a column"
        )

    def given(self, options: argparse.Namespace) -> list[dict[str, Any]]:
        """See :meth:`TaskCommand.given`."""
        return given_texts(options)

    def item(self, values: dict[str, Any], options: argparse.Namespace) -> Any:
        """See :meth:`TaskCommand.item`."""
        text = values["text"]
        if not options.words:
            return text
        text = as_list(text)
        return text.split() if isinstance(text, str) else text

    def settings(self, options: argparse.Namespace, tokenizer: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.settings`."""
        ignored = {} if options.ignore_labels is None else {"ignore_labels": options.ignore_labels}
        return {
            "aggregation_strategy": options.aggregation_strategy or ("first" if options.words else "simple"),
            "trim_offsets": True,
            "stride": options.stride,
            "is_split_into_words": options.words,
            **ignored,
        }

    def columns(self, item: Any, result: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.columns`."""
        return {"entities": result}

    def table(self, task: Any, options: argparse.Namespace) -> EntityTable:
        """See :meth:`TaskCommand.table`."""
        from flax_albert.cli.tasks.tag_table import EntityTable

        return EntityTable()
