"""What a command that answers texts says of itself; :mod:`flax_albert.cli.tasks.run` does the rest."""

from __future__ import annotations

import argparse
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from flax_albert.cli.sinks.formats import FORMATS as OUTPUT_FORMATS
from flax_albert.cli.tasks.values import column_names, count
from flax_albert.data.sources.columns import Fields, flag
from flax_albert.data.sources.files import FORMATS as INPUT_FORMATS

if TYPE_CHECKING:
    from flax_albert.cli.tasks.table import Table

_EPILOG = """\
{examples}
Inputs stand on the command line, in a file (--input), or {standard_input}
on standard input, which a lone "-" or nothing means. A CSV, TSV, JSON Lines or
Parquet file has columns: {columns}.

Results are printed as they come: for people, or with --json as JSON Lines.
With --output they go to a file, beside the columns of the input; a column of
the input that is called like a result is written as input_NAME there. The
file appears when it is complete. Until then OUTPUT.partial holds what is done,
and --resume goes on with it: no row is lost, and none comes twice.

exit codes: 0 all inputs were answered, or their errors noted as --on-error
record asks; 2 one was not, or the arguments make no sense: a line on standard
error says why; 130 interrupted.
"""


class TaskCommand(ABC):
    """A subcommand: its arguments, what its inputs are made of, and what its results look like."""

    name: ClassVar[str]
    """What the user types."""
    task: ClassVar[str]
    """The task's name for ``pipeline``."""
    help: ClassVar[str]
    """What it does, in a few words."""
    description: ClassVar[str]
    """What it does, in a few lines."""
    examples: ClassVar[str]
    """Examples, for ``--help``."""
    example: ClassVar[str]
    """An input, as one writes it on the command line."""
    operands: ClassVar[str] = "[TEXT ...]"
    """How the inputs on the command line are written."""
    unit: ClassVar[str] = "text"
    """What messages call an input on the command line."""
    fields: ClassVar[Fields]
    """What an input is made of, and the columns that hold it."""
    results: ClassVar[tuple[str, ...]]
    """The columns that results have."""
    default_model: ClassVar[str | None] = None
    """The bundled model that does the task, where there is one."""
    standard_input: ClassVar[str] = "text"
    """The format that standard input has where nothing is said."""
    vector: ClassVar[str | None] = None
    """The column of results that ``.npy`` holds."""

    @abstractmethod
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Adds the inputs that may stand on the command line, and the options of the task.

        Args:
            parser: The subcommand's.
        """

    @abstractmethod
    def given(self, options: argparse.Namespace) -> list[dict[str, Any]]:
        """The inputs that stand on the command line.

        Args:
            options: What the parser made of the arguments.

        Returns:
            What each holds, by field; nothing where inputs are to be read.

        Raises:
            UserError: They make no sense.
        """

    @abstractmethod
    def item(self, values: dict[str, Any], options: argparse.Namespace) -> Any:
        """An input, as the task takes it.

        Args:
            values: What the input holds, by field.
            options: What the parser made of the arguments.
        """

    @abstractmethod
    def settings(self, options: argparse.Namespace, tokenizer: Any) -> dict[str, Any]:
        """The options of the task, as it calls them.

        Args:
            options: What the parser made of the arguments.
            tokenizer: The model's.

        Raises:
            ValueError: They do not suit the model.
        """

    @abstractmethod
    def columns(self, item: Any, result: Any) -> dict[str, Any]:
        """A result, by column.

        Args:
            item: The input.
            result: What the task made of it.
        """

    @abstractmethod
    def table(self, task: Any, options: argparse.Namespace) -> Table:
        """What shows results to people.

        Args:
            task: The task.
            options: What the parser made of the arguments.
        """

    def add_to(self, commands: Any) -> None:
        """Adds the subcommand.

        Args:
            commands: What ``ArgumentParser.add_subparsers`` returned.
        """
        parser = commands.add_parser(
            self.name,
            help=self.help,
            usage=f"%(prog)s [OPTION ...] {self.operands}",
            description=self.description,
            epilog=_EPILOG.format(
                examples=self.examples, standard_input=_STANDARD_INPUT[self.standard_input], columns=self._columns()
            ),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        parser.add_argument(
            "--model",
            default=self.default_model,
            required=self.default_model is None,
            metavar="DIR_OR_ID",
            help="a directory with config.json, weights and tokenizer, a bundled model, or a hub id"
            + (" (default: %(default)s)" if self.default_model else ""),
        )
        self.add_arguments(parser)
        self._add_input(parser.add_argument_group("input"))
        _add_output(parser.add_argument_group("output"))
        _add_computation(parser.add_argument_group("computation"))
        parser.set_defaults(run=self._run)

    def names_standard_input(self, options: argparse.Namespace) -> bool:
        """Whether the arguments say that inputs are to be read from standard input.

        Args:
            options: What the parser made of the arguments.
        """
        return getattr(options, "texts", None) == ["-"]

    def _run(self, options: argparse.Namespace) -> None:
        from flax_albert.cli.tasks.run import run

        run(self, options)

    def _add_input(self, group: Any) -> None:
        group.add_argument("--input", type=Path, metavar="FILE", help='a file of inputs; "-" for standard input')
        group.add_argument(
            "--input-format",
            choices=INPUT_FORMATS,
            help="its format (default: what its name ends in, .gz and .xz aside)",
        )
        group.add_argument(
            "--header", type=column_names, metavar="NAME,...", help="names of the columns of a CSV or TSV without them"
        )
        for field in dict.fromkeys(field for layout in self.fields.layouts for field in layout):
            listed = field == "choices"
            group.add_argument(
                flag(field),
                type=column_names,
                dest=f"{field}_columns",
                metavar="NAME,..." if listed else "NAME",
                help=f"the column of the {field.replace('_', ' ')}" + (", or one for each choice" if listed else ""),
            )

    def _columns(self) -> str:
        needed = [self.fields.layouts[0][field] for field in self.fields.required]
        return f"{' and '.join(needed)}, or like names; {flag(self.fields.required[0])}\nsays otherwise"


_STANDARD_INPUT = {"text": "one a line", "jsonl": "as JSON Lines"}


def _add_output(group: Any) -> None:
    group.add_argument("--json", action="store_true", help="print JSON Lines instead of tables")
    group.add_argument("--output", type=Path, metavar="FILE", help="write the results to this file")
    group.add_argument("--output-format", choices=OUTPUT_FORMATS, help="its format (default: what its name ends in)")
    group.add_argument(
        "--keep", type=column_names, metavar="NAME,...", help="columns of the input to write too (default: all)"
    )
    group.add_argument("--resume", action="store_true", help="go on where an earlier run was interrupted")
    group.add_argument("--overwrite", action="store_true", help="begin anew, and replace what is there")
    group.add_argument(
        "--on-error",
        choices=("stop", "record"),
        default="stop",
        help="at an input at fault stop, or note its error and go on (default: %(default)s)",
    )


def _add_computation(group: Any) -> None:
    group.add_argument(
        "--dtype",
        choices=("float32", "bfloat16", "float16"),
        default="float32",
        help="precision of the computation (default: %(default)s)",
    )
    group.add_argument(
        "--batch-size", type=count(1024), metavar="N", help="most texts that the model sees at once (default: no limit)"
    )
    group.add_argument(
        "--batch-tokens",
        type=count(2**24),
        metavar="N",
        help="most tokens that it sees at once (default: 1024 on a CPU, 32768 elsewhere)",
    )
