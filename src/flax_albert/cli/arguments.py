"""The arguments of the command: the subcommands put together, and mistakes told in one line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from flax_albert import __version__
from flax_albert.cli import attention, convert, doctor, finetune, prepare, pretrain, report, tokenizer
from flax_albert.cli.errors import UserError
from flax_albert.cli.tasks.answer import AnswerCommand
from flax_albert.cli.tasks.choose import ChooseCommand
from flax_albert.cli.tasks.classify import ClassifyCommand
from flax_albert.cli.tasks.embed import EmbedCommand
from flax_albert.cli.tasks.fill_mask import FillMaskCommand
from flax_albert.cli.tasks.order import OrderCommand
from flax_albert.cli.tasks.tag import TagCommand

_TASKS = (
    ClassifyCommand(),
    TagCommand(),
    AnswerCommand(),
    ChooseCommand(),
    FillMaskCommand(),
    EmbedCommand(),
    OrderCommand(),
)

_EXAMPLES = """\
examples:
  flax-albert fill-mask "The capital of France is [MASK]."
  flax-albert classify --model ./sst2 "A fine film."
  flax-albert tag --model ./ner --input texts.csv --output entities.jsonl
  flax-albert doctor ./my-albert
  flax-albert tokenizer train books.jsonl --output ./tokenizer
  flax-albert finetune classify --model albert-base-v2 --train train.csv \\
    --eval dev.csv --output ./intents
  flax-albert prepare books.jsonl --tokenizer ./tokenizer --output ./corpus
  flax-albert convert ./albert_base ./albert-base --to safetensors

"flax-albert COMMAND --help" says more about a command.
"""


class _Parser(argparse.ArgumentParser):
    """A parser that raises instead of printing its usage and leaving."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message} (see {self.prog} --help)")


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Reads the arguments.

    Args:
        argv: Arguments without the program's name; by default those of this process.

    Returns:
        The options of a subcommand, and as ``run`` the function that takes them.

    Raises:
        UserError: They make no sense.
        SystemExit: They asked for help or the version, which has been printed.
    """
    parser = _Parser(
        prog="flax-albert",
        description="ALBERT on JAX, from the command line.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"flax-albert {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _TASKS:
        command.add_to(commands)
    attention.add_to(commands)
    doctor.add_to(commands)
    convert.add_to(commands)
    tokenizer.add_to(commands)
    prepare.add_to(commands)
    pretrain.add_to(commands)
    report.add_to(commands)
    finetune.add_to(commands)
    return parser.parse_args(argv)
