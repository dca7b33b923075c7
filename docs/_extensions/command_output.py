"""The directive ``command-output``: what ``flax-albert`` prints, asked anew whenever the manual is built."""

import contextlib
import io
import os
import shlex
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from flax_albert.cli import main


class CommandOutput(Directive):
    """Shows a call and its output as a console session; the argument is what follows the name of the command."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Runs the command within this process."""
        output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        os.environ.update(COLUMNS="80", NO_COLOR="1")
        with contextlib.redirect_stdout(output):
            if main(shlex.split(self.arguments[0])):
                raise self.error(f"flax-albert {self.arguments[0]} failed.")
        output.seek(0)
        lines = [f"$ flax-albert {self.arguments[0]}", *(line.rstrip() for line in output)]
        block = nodes.literal_block("\n".join(lines), "\n".join(lines))
        block["language"] = "console"
        return [block]


def setup(app: Sphinx) -> dict[str, Any]:
    """Registers the directive."""
    app.add_directive("command-output", CommandOutput)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
