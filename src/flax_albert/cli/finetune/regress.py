"""``flax-albert finetune regress``: numbers of texts and of pairs of texts."""

from __future__ import annotations

import argparse
from typing import Any, final

from flax_albert.cli.finetune.command import FineTuneCommand
from flax_albert.cli.finetune.values import given, names


@final
class RegressFineTuning(FineTuneCommand):
    """Learns numbers."""

    name = "regress"
    help = "a number for texts, or for pairs of texts"
    description = """\
Learns to give a number to texts, or to pairs of texts: how alike two sentences
are, how many stars a review has.
"""
    examples = """\
examples:
  flax-albert finetune regress --recipe stsb --model albert-base-v2 \\
    --train STS-B/train.tsv --eval STS-B/dev.tsv --output ./stsb
  flax-albert finetune regress --model albert-base-v2 --train reviews.csv \\
    --eval-split 0.1 --label-column stars --output ./stars
"""
    data = """\
FILE is a CSV, TSV, JSON Lines, JSON or Parquet with columns such as "text" and
"score"; pairs have a second text, as in "sentence1" and "sentence2". The files
of STS-B are read as they come.
"""
    fields = ("text", "pair", "label")

    def add_arguments(self, group: Any) -> None:
        """See :meth:`FineTuneCommand.add_arguments`."""
        group.add_argument(
            "--metric",
            type=names,
            metavar="NAME,...",
            help="pearson_and_spearman, pearson, spearman, mean_squared_error, mean_absolute_error; the first is "
            "decisive",
        )

    def kind_class(self, options: argparse.Namespace) -> type[Any]:
        """See :meth:`FineTuneCommand.kind_class`."""
        from flax_albert.training.finetuning.regress import Regress

        return Regress

    def kind_options(self, options: argparse.Namespace) -> dict[str, Any]:
        """See :meth:`FineTuneCommand.kind_options`."""
        return given(metrics=options.metric)
