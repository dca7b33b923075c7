"""``flax-albert finetune choose``: which of several choices fits."""

from __future__ import annotations

import argparse
from typing import Any, final

from flax_albert.cli.finetune.command import FineTuneCommand


@final
class ChooseFineTuning(FineTuneCommand):
    """Learns to choose."""

    name = "choose"
    help = "the choice that fits"
    description = """\
Learns to choose among several texts the one that goes best with another: the
answer to a question, the end of a story. Questions may have any number of
choices, and different ones.
"""
    examples = """\
examples:
  flax-albert finetune choose --recipe race --model albert-base-v2 \\
    --train RACE/train.jsonl --eval RACE/dev.jsonl --output ./race
  flax-albert finetune choose --model albert-base-v2 --train swag.csv \\
    --eval-split 0.05 --max-length 80 --output ./swag
"""
    data = """\
FILE is a JSON Lines, JSON, CSV, TSV or Parquet like SWAG ("sent1", "sent2",
"ending0", ..., "label") or RACE ("article", "question", "options", "answer"),
or with "prompt", "choices" and "label", the number of the right one from 0.
"""
    fields = ("prompt", "choices", "label")

    def add_arguments(self, group: Any) -> None:
        """See :meth:`FineTuneCommand.add_arguments`."""

    def kind_class(self, options: argparse.Namespace) -> type[Any]:
        """See :meth:`FineTuneCommand.kind_class`."""
        from flax_albert.training.finetuning.choose import Choose

        return Choose

    def kind_options(self, options: argparse.Namespace) -> dict[str, Any]:
        """See :meth:`FineTuneCommand.kind_options`."""
        return {}
