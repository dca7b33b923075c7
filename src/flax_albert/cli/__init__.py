"""The command ``flax-albert``. Nothing heavy is imported before a subcommand runs."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Sequence

from flax_albert.cli.arguments import parse
from flax_albert.cli.errors import UserError
from flax_albert.cli.interrupt import INTERRUPTED, leave_on_interrupt
from flax_albert.cli.output import discard_output
from flax_albert.data.errors import DataError

_USER_ERROR = 2
_PIPE_CLOSED = 141  # as shells report a command that SIGPIPE ended


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        argv: Arguments without the program's name; by default those of this process, which Ctrl-C then ends at once.

    Returns:
        The exit code: 0 for success, 1 where ``doctor`` found a problem, 2 for a mistake of the user's, which one line
        on standard error explains, 130 when interrupted, 141 when whoever read the output has gone.

    Example:
        >>> from flax_albert.cli import main
        >>> main(["fill-mask", "--top-k", "none"])
        2
    """
    if argv is None:
        leave_on_interrupt()
    _hush_libraries()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _run(argv)
    except (UserError, DataError) as error:
        print(f"flax-albert: error: {error}", file=sys.stderr)
        return _USER_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        discard_output()
        return _PIPE_CLOSED


def _run(argv: Sequence[str] | None) -> int:
    try:
        options = parse(argv)
    except SystemExit as leaving:  # argparse's way to end --help and --version
        return int(leaving.code or 0)
    return options.run(options) or 0


def _hush_libraries() -> None:
    """Keeps log lines meant for programmers off the terminal; what a user must know is an error."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")
    if not logging.getLogger().handlers:
        logging.getLogger().addHandler(logging.NullHandler())
