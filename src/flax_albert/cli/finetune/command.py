"""What a kind of fine-tuning says of its command; :mod:`flax_albert.cli.finetune.run` does the rest."""

from __future__ import annotations

import argparse
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from flax_albert.cli.finetune.settings import add_settings
from flax_albert.cli.finetune.values import given
from flax_albert.cli.tasks.values import column_names
from flax_albert.data.sources.files import FORMATS

RECIPES = ("cola", "sst2", "mrpc", "stsb", "qqp", "mnli", "qnli", "rte", "wnli", "squad1", "squad2", "race")
"""The same as flax_albert.recipes.NAMES, whose home imports JAX."""

_EPILOG = """\
{examples}
{data}
DIR/training holds checkpoints, metrics.jsonl and files for TensorBoard, and
DIR, when the run is over, the model, its tokenizer, README.md and report.html.
Ctrl-C and SIGTERM save a checkpoint and leave; the same command with --resume
goes on, and ends with the very parameters of a run that nothing interrupted.

exit codes: 0 trained, and the last line on standard output says where; 2 not:
a line on standard error says why; 130, 143 interrupted, --resume goes on.
"""


class FineTuneCommand(ABC):
    """A kind of fine-tuning on the command line."""

    name: ClassVar[str]
    """What the user types."""
    help: ClassVar[str]
    """What it does, in a few words."""
    description: ClassVar[str]
    """What it does, in a few lines."""
    examples: ClassVar[str]
    """Examples, for ``--help``."""
    data: ClassVar[str]
    """What files of examples look like, for ``--help``."""
    fields: ClassVar[tuple[str, ...]]
    """What an example is made of: the names of the reader's columns."""
    tables: ClassVar[bool] = True
    """Whether files may be CSV or TSV, whose columns ``--header`` names."""

    @abstractmethod
    def add_arguments(self, group: Any) -> None:
        """Adds the options of the kind; what is not given is to have no value.

        Args:
            group: Of the subcommand's parser.
        """

    @abstractmethod
    def kind_class(self, options: argparse.Namespace) -> type[Any]:
        """The class of the kind.

        Args:
            options: What the parser made of the arguments.
        """

    @abstractmethod
    def kind_options(self, options: argparse.Namespace) -> dict[str, Any]:
        """The fields of the kind that were given, by name.

        Args:
            options: What the parser made of the arguments.
        """

    def reading(self, options: argparse.Namespace) -> dict[str, Any]:
        """What else the reader is told, by name.

        Args:
            options: What the parser made of the arguments.
        """
        return given(header=options.header) if self.tables else {}

    def add_to(self, commands: Any) -> None:
        """Adds the subcommand.

        Args:
            commands: What ``ArgumentParser.add_subparsers`` returned.
        """
        parser = commands.add_parser(
            self.name,
            help=self.help,
            usage="%(prog)s --model DIR_OR_ID --train FILE\n       --output DIR [OPTION ...]",
            description=self.description,
            epilog=_EPILOG.format(examples=self.examples, data=self.data),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        _add_data(parser.add_argument_group("data"), self.fields, self.tables)
        _add_model(parser.add_argument_group("model"))
        own = parser.add_argument_group(self.name)
        recipes = "a published fine-tuning, which fills in all but model and files: " + ", ".join(RECIPES)
        own.add_argument("--recipe", choices=RECIPES, metavar="NAME", help=recipes)
        self.add_arguments(own)
        add_settings(parser)
        parser.set_defaults(run=self.run)

    def run(self, options: argparse.Namespace) -> int:
        """Runs the subcommand."""
        from flax_albert.cli.finetune.run import run

        return run(self, options)


def _add_data(group: Any, fields: tuple[str, ...], tables: bool) -> None:
    group.add_argument("--train", required=True, metavar="FILE", help="examples to learn from")
    group.add_argument(
        "--eval",
        action="append",
        default=[],
        metavar="[NAME=]FILE",
        help="examples to measure on; several, each with a name, the decisive ones first",
    )
    group.add_argument("--eval-split", type=float, metavar="SHARE", help="hold out this share of --train instead")
    group.add_argument("--skip-bad", action="store_true", help="leave out rows at fault, count and list them")
    group.add_argument(
        "--format", choices=(*FORMATS, "json"), help="format of the files (default: what their names end in)"
    )
    if tables:
        group.add_argument(
            "--header", type=column_names, metavar="NAME,...", help="names of the columns of a CSV or TSV without them"
        )
    for field in fields:
        several = field == "choices"
        group.add_argument(
            f"--{field}-column",
            type=column_names,
            metavar="NAME,..." if several else "NAME",
            help=f"the column of the {field}" + (", or one for each choice" if several else ""),
        )


def _add_model(group: Any) -> None:
    group.add_argument(
        "--model", required=True, metavar="DIR_OR_ID", help="a directory, a bundled model, or a hub id to begin with"
    )
    group.add_argument("--tokenizer", metavar="DIR_OR_ID", help="its tokenizer (default: the one beside the model)")
    group.add_argument("--output", required=True, metavar="DIR", help="the directory to write; new or empty")
    group.add_argument(
        "--from-scratch", action="store_true", help="draw all parameters at random, to see what pretraining was worth"
    )
    for kind, what in (("hidden", "hidden states"), ("attention", "attention"), ("classifier", "the head's input")):
        group.add_argument(
            f"--{kind}-dropout", type=float, metavar="RATE", help=f"dropout of {what} (default: the model's own)"
        )
