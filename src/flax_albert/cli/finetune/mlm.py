"""``flax-albert finetune mlm``: the words of a field."""

from __future__ import annotations

import argparse
from typing import Any, final

from flax_albert.cli.finetune.command import FineTuneCommand
from flax_albert.cli.finetune.values import given


@final
class MaskedLMFineTuning(FineTuneCommand):
    """Learns hidden words."""

    name = "mlm"
    help = "hidden words of texts: to go on pretraining in a field of your own"
    description = """\
Goes on with masked language modelling on texts of a field of your own, before
a fine-tuning on labels or for fill-mask. Which words are hidden is drawn anew
in every epoch.
"""
    examples = """\
examples:
  flax-albert finetune mlm --model albert-base-v2 --train law.txt \\
    --eval-split 0.05 --max-length 256 --output ./law
  flax-albert finetune mlm --model albert-base-v2 --train abstracts.jsonl \\
    --text-column abstract --line-by-line --output ./abstracts
"""
    data = """\
FILE is a text, a paragraph a line, or a JSON Lines, JSON, CSV, TSV or Parquet
with a column of texts. Sentence order is learnt by "flax-albert pretrain".
"""
    fields = ("text",)

    def add_arguments(self, group: Any) -> None:
        """See :meth:`FineTuneCommand.add_arguments`."""
        group.add_argument(
            "--mask-share", type=float, metavar="SHARE", help="pieces that are to be told (default: 0.15)"
        )
        group.add_argument(
            "--single-pieces",
            action="store_const",
            const=False,
            dest="whole_words",
            help="hide pieces of words, not whole ones",
        )
        group.add_argument(
            "--line-by-line",
            action="store_const",
            const=False,
            dest="together",
            help="a row for each text (default: texts are strung together and cut at --max-length)",
        )

    def kind_class(self, options: argparse.Namespace) -> type[Any]:
        """See :meth:`FineTuneCommand.kind_class`."""
        from flax_albert.training.finetuning.mlm import MaskedLM

        return MaskedLM

    def kind_options(self, options: argparse.Namespace) -> dict[str, Any]:
        """See :meth:`FineTuneCommand.kind_options`."""
        return given(share=options.mask_share, whole_words=options.whole_words, together=options.together)
