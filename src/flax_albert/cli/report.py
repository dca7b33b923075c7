"""``flax-albert report``: a run of training as one page."""

from __future__ import annotations

import argparse
from typing import Any

from flax_albert.cli.errors import UserError
from flax_albert.cli.output import encode_output, write

_DESCRIPTION = """\
Writes report.html about a run of training: curves of the loss and of every
metric, learning rate, gradient norm, tokens a second, confusion matrix,
samples, settings, data and environment. One file, which needs no network.
Training writes it at its end; this does so at any time, while a run goes on,
after it was killed, or with a newer version.
"""

_EXAMPLES = """\
examples:
  flax-albert report ./sst2
  flax-albert report ./sst2 --output sst2-second-run.html

exit codes: 0 the page was written; 2 it was not: a line on standard error
says why; 130 interrupted.
"""


def add_to(commands: Any) -> None:
    """Adds the subcommand.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "report",
        help="write a page about a run of training",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("folder", metavar="DIR", help="the output directory of the run")
    parser.add_argument("--output", metavar="FILE", help="where to write it (default: report.html in DIR)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Writes the page and says where.

    Args:
        options: What the parser made of the arguments.

    Raises:
        UserError: There is no run, or the page cannot be written.
    """
    from flax_albert.training.reporting import report

    try:
        path = report.write(options.folder, options.output)
    except (OSError, ValueError) as error:
        raise UserError(str(error)) from error
    encode_output()
    write(f"{path}: {max(1, round(path.stat().st_size / 1e3)):,} kB\n")
