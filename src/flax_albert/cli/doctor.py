"""``flax-albert doctor``: what a checkpoint is, and what is wrong with it."""

from __future__ import annotations

import argparse
import json
from typing import Any

from flax_albert.cli.errors import UserError
from flax_albert.cli.output import encode_output, write

_UNUSABLE = 1

_DESCRIPTION = """\
Says what a checkpoint is: sizes, activation, heads, tied weights, tokenizer,
memory; what is wrong or doubtful about it; and which classes load it. Nothing
in its files is ever executed, and nothing is changed.
"""

_EXAMPLES = """\
examples:
  flax-albert doctor albert-mini-en
  flax-albert doctor ./my-albert
  flax-albert doctor --json ./my-albert | jq '.findings[].message'

exit codes: 0 all that the checkpoint promises can be used (it may have
warnings); 1 something cannot: a file is broken, there is no usable
config.json, configuration and weights do not fit, the class that it names
does not load whole, or the tokenizer gives ids that have no embedding;
2 the arguments make no sense, or there is no such model; 130 interrupted.
"""


def add_to(commands: Any) -> None:
    """Adds the subcommand.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "doctor",
        help="say what a checkpoint is, and what is wrong with it",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("model", metavar="DIR_OR_ID", help="a directory, a bundled model, or a hub id")
    parser.add_argument("--subfolder", default="", metavar="DIR", help="a directory below it to look at instead")
    parser.add_argument("--revision", default="main", metavar="NAME", help="a branch, tag or commit of a hub id")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Examines the checkpoint and prints the report.

    Args:
        options: What the parser made of the arguments.

    Returns:
        The exit code: 0, or 1 where the report says that the checkpoint is not usable.

    Raises:
        UserError: There is no such model, or nothing of a model in it.
    """
    from flax_albert.doctor import examine

    try:
        report = examine(options.model, subfolder=options.subfolder, revision=options.revision)
    except (OSError, ValueError) as error:
        raise UserError(str(error)) from error
    encode_output("utf-8" if options.json else None)
    if options.json:
        write(json.dumps(report.to_dict(), ensure_ascii=False, indent=2) + "\n")
    else:
        from flax_albert.cli.doctor_table import render

        write(render(report))
    return 0 if report.usable else _UNUSABLE
