"""``flax-albert finetune``: one driver, and a file each for the kinds."""

from __future__ import annotations

import argparse
from typing import Any

from flax_albert.cli.finetune.answer import AnswerFineTuning
from flax_albert.cli.finetune.choose import ChooseFineTuning
from flax_albert.cli.finetune.classify import ClassifyFineTuning
from flax_albert.cli.finetune.mlm import MaskedLMFineTuning
from flax_albert.cli.finetune.regress import RegressFineTuning
from flax_albert.cli.finetune.tag import TagFineTuning

_KINDS = (
    ClassifyFineTuning(),
    RegressFineTuning(),
    TagFineTuning(),
    AnswerFineTuning(),
    ChooseFineTuning(),
    MaskedLMFineTuning(),
)

_DESCRIPTION = """\
Fine-tunes a model on labelled examples: from a file to a directory that
every command here, and PyTorch's transformers, load.
"""

_EXAMPLES = """\
examples:
  flax-albert finetune classify --model albert-base-v2 --train train.csv \\
    --eval dev.csv --output ./intents
  flax-albert finetune classify --recipe cola --model albert-base-v2 \\
    --train CoLA/train.tsv --eval CoLA/dev.tsv --output ./cola
  flax-albert classify --model ./intents "Where is my card?"

"flax-albert finetune KIND --help" says more about a kind.
"""


def add_to(commands: Any) -> None:
    """Adds the subcommand.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "finetune",
        help="fine-tune a model on labelled examples",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    kinds = parser.add_subparsers(title="kinds", metavar="KIND", required=True)
    for kind in _KINDS:
        kind.add_to(kinds)
