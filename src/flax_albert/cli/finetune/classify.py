"""``flax-albert finetune classify``: labels of texts and of pairs of texts."""

from __future__ import annotations

import argparse
from typing import Any, final

from flax_albert.cli.errors import UserError
from flax_albert.cli.finetune.command import FineTuneCommand
from flax_albert.cli.finetune.values import BEST, given, names, threshold


@final
class ClassifyFineTuning(FineTuneCommand):
    """Learns labels."""

    name = "classify"
    help = "labels of texts, or of pairs of texts"
    description = """\
Learns to label texts, or pairs of texts: with one label each or, with
--multi-label, with any number.
"""
    examples = """\
examples:
  flax-albert finetune classify --model albert-base-v2 --train train.csv \\
    --eval dev.csv --output ./intents
  flax-albert finetune classify --recipe mnli --model albert-base-v2 \\
    --train MNLI/train.tsv --eval matched=MNLI/dev_matched.tsv \\
    --eval mismatched=MNLI/dev_mismatched.tsv --output ./mnli
  flax-albert finetune classify --multi-label --model albert-base-v2 \\
    --train posts.jsonl --eval-split 0.1 --label-column topics --output ./topics
"""
    data = """\
FILE is a CSV, TSV, JSON Lines, JSON or Parquet with columns such as "text" and
"label"; pairs have a second text, as in "sentence1" and "sentence2". The files
of GLUE are read as they come. Labels are numbered by value, or by the alphabet;
with --multi-label a row has a list of them, or one text with commas between.
"""
    fields = ("text", "pair", "label")

    def add_arguments(self, group: Any) -> None:
        """See :meth:`FineTuneCommand.add_arguments`."""
        group.add_argument("--multi-label", action="store_true", help="a text has any number of labels")
        group.add_argument(
            "--threshold",
            type=threshold,
            metavar="P",
            help='with --multi-label, the probability from which on a text has a label, or "best" (default: 0.5)',
        )
        group.add_argument("--labels", type=names, metavar="NAME,...", help="all labels, in order")
        group.add_argument(
            "--metric",
            type=names,
            metavar="NAME,...",
            help="accuracy, f1, f1_macro, f1_micro, matthews, accuracy_and_f1; the first is decisive",
        )
        group.add_argument("--separator", metavar="TEXT", help="what stands between several labels (default: a comma)")

    def kind_class(self, options: argparse.Namespace) -> type[Any]:
        """See :meth:`FineTuneCommand.kind_class`."""
        from flax_albert.training.finetuning.classify import Classify
        from flax_albert.training.finetuning.multi_label import MultiLabel

        if options.threshold is not None and not options.multi_label:
            raise UserError("--threshold is for --multi-label; otherwise the likeliest label counts")
        return MultiLabel if options.multi_label else Classify

    def kind_options(self, options: argparse.Namespace) -> dict[str, Any]:
        """See :meth:`FineTuneCommand.kind_options`."""
        chosen = given(metrics=options.metric, labels=options.labels)
        if options.threshold is not None:
            chosen["threshold"] = None if options.threshold == BEST else options.threshold
        return chosen

    def reading(self, options: argparse.Namespace) -> dict[str, Any]:
        """See :meth:`FineTuneCommand.reading`."""
        return {**super().reading(options), **given(separator=options.separator)}
