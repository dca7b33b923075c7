"""``flax-albert convert``: a checkpoint of any format into a directory in one format."""

from __future__ import annotations

import argparse
import dataclasses
import json
from typing import Any

from flax_albert.cli.errors import UserError
from flax_albert.cli.output import encode_output, write

_FORMATS = ("safetensors", "msgpack", "bin")
_DTYPES = ("float32", "bfloat16", "float16")

_DESCRIPTION = """\
Converts a checkpoint: weights, configuration and tokenizer. Reads
safetensors, msgpack, PyTorch's .bin, Keras's tf_model.h5 and Google's
TensorFlow checkpoints; neither PyTorch nor TensorFlow is needed.
"""

_EXAMPLES = """\
examples:
  flax-albert convert ./albert_base ./albert-base --to safetensors
  flax-albert convert ./squad/model.ckpt-8144 ./albert-squad --to msgpack
  flax-albert convert ./race ./albert-race --to bin \\
    --as FlaxAlbertForMultipleChoice
  flax-albert convert albert-mini-en ./mini-bf16 --to safetensors \\
    --dtype bfloat16 --json

SRC is a directory, a hub id, a file of weights beside its configuration, or
the prefix of a TensorFlow checkpoint. The new checkpoint is of the class that
config.json names, if the weights fill it, and otherwise of the class of which
they fill most. Every array of SRC is listed: what it became, or why not.

exit codes: 0 converted; 2 not, and nothing was written: a line on standard
error says why; 130 interrupted.
"""


def add_to(commands: Any) -> None:
    """Adds the subcommand.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "convert",
        help="convert a checkpoint to another format",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("source", metavar="SRC", help="the checkpoint to read")
    parser.add_argument("destination", metavar="DST", help="the directory to write; made if need be")
    parser.add_argument("--to", choices=_FORMATS, required=True, help="the format to write")
    parser.add_argument("--as", dest="model", metavar="CLASS", help="the class that the new checkpoint is to be of")
    parser.add_argument("--dtype", choices=_DTYPES, help="the type of the new weights (default: each keeps its own)")
    parser.add_argument(
        "--max-shard-size",
        default="10GB",
        metavar="SIZE",
        help="cut weights into files of at most this size, such as 500MB (default: %(default)s)",
    )
    parser.add_argument("--force", action="store_true", help="replace files that DST holds already")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Converts and prints what became of every array.

    Args:
        options: What the parser made of the arguments.

    Raises:
        UserError: The checkpoint cannot be read or converted, or the destination not be written.
    """
    from flax_albert.conversion import convert_checkpoint

    try:
        done = convert_checkpoint(
            options.source,
            options.destination,
            to=options.to,
            model=options.model,
            dtype=options.dtype,
            max_shard_size=options.max_shard_size,
            overwrite=options.force,
        )
    except FileExistsError as error:
        raise UserError(f"{error} Choose another directory, or pass --force to replace them.") from error
    except (OSError, ValueError, TypeError) as error:
        raise UserError(str(error)) from error
    encode_output("utf-8" if options.json else None)
    if options.json:
        write(json.dumps(dataclasses.asdict(done), ensure_ascii=False, indent=2) + "\n")
    else:
        from flax_albert.cli.convert_table import render

        write(render(done))
