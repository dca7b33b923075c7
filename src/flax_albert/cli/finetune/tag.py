"""``flax-albert finetune tag``: tags of words."""

from __future__ import annotations

import argparse
from typing import Any, final

from flax_albert.cli.finetune.command import FineTuneCommand
from flax_albert.cli.finetune.values import given, names


@final
class TagFineTuning(FineTuneCommand):
    """Learns tags."""

    name = "tag"
    help = "a tag for each word: names, parts of speech"
    description = """\
Learns to tag the words of sentences: persons and places, parts of speech. Tags
of entities are measured by F1 as seqeval does, others by accuracy.
"""
    examples = """\
examples:
  flax-albert finetune tag --model albert-base-v2 --train train.conll \\
    --eval dev.conll --output ./ner
  flax-albert finetune tag --model albert-base-v2 --train en-train.conllu \\
    --eval en-dev.conllu --tags-column xpos --output ./xpos
"""
    data = """\
FILE has CoNLL's columns, a word a line and a blank line between sentences, its
tag in the last one; or it is CoNLL-U, of which the tag is "upos" unless
--tags-column says otherwise (xpos, feats:Number, ...); or a JSON Lines, JSON or
Parquet with lists of words and tags. IOB1 becomes IOB2.
"""
    fields = ("words", "tags")
    tables = False

    def add_arguments(self, group: Any) -> None:
        """See :meth:`FineTuneCommand.add_arguments`."""
        group.add_argument("--labels", type=names, metavar="NAME,...", help="all tags, in order")
        group.add_argument(
            "--every-piece",
            action="store_const",
            const=True,
            help="learn a word's tag on all of its pieces (default: on the first)",
        )
        measured = group.add_mutually_exclusive_group()
        measured.add_argument(
            "--entities",
            action="store_const",
            const=True,
            help="measure entities by F1 (default: where the tags look like entities)",
        )
        measured.add_argument(
            "--words", action="store_const", const=False, dest="entities", help="measure words by accuracy"
        )
        group.add_argument(
            "--scheme",
            choices=("IOB2", "BIOES", "BILOU"),
            help="read entities strictly by this scheme (default: as CoNLL's program does)",
        )

    def kind_class(self, options: argparse.Namespace) -> type[Any]:
        """See :meth:`FineTuneCommand.kind_class`."""
        from flax_albert.training.tagging.tag import Tag

        return Tag

    def kind_options(self, options: argparse.Namespace) -> dict[str, Any]:
        """See :meth:`FineTuneCommand.kind_options`."""
        return given(
            labels=options.labels, every_piece=options.every_piece, entities=options.entities, scheme=options.scheme
        )
