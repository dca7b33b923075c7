"""The directive ``command-help``: what a subcommand prints for ``--help``, so that the manual cannot say otherwise."""

import contextlib
import io
import os
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from flax_albert.cli import main


class CommandHelp(Directive):
    """Shows the call and its output as a console session; the argument is the subcommand, none the command itself."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Runs the command within this process."""
        arguments = [*self.arguments, "--help"]
        output = io.StringIO()
        os.environ.update(COLUMNS="80", NO_COLOR="1")
        with contextlib.redirect_stdout(output):
            if main(arguments):
                raise self.error(f"flax-albert {' '.join(arguments)} failed.")
        text = f"$ flax-albert {' '.join(arguments)}\n{output.getvalue()}"
        block = nodes.literal_block(text, text)
        block["language"] = "console"
        return [block]


def setup(app: Sphinx) -> dict[str, Any]:
    """Registers the directive."""
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
