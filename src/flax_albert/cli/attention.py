"""``flax-albert attention``: which tokens of a text attend to which, as a page or a picture."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from flax_albert.cli.errors import UserError
from flax_albert.cli.output import encode_output, write

if TYPE_CHECKING:
    from flax_albert.pictures import AttentionMaps

_DEFAULT_MODEL = "albert-mini-en"

_DESCRIPTION = """\
Draws how much every token of a text attends to every other, by layer and
head. A name ending in .html gives a page to explore in a browser: all heads
at a glance, one in full, the weights of a token as colours and numbers. One
ending in .svg gives a still picture. Neither needs a network or other files.
"""

_EXAMPLES = """\
examples:
  flax-albert attention "The cat sat on the mat." --output attention.html
  flax-albert attention "Is it raining?" --pair "Take an umbrella." \\
    --output attention.html
  flax-albert attention "The cat sat on the mat." --layer 2 --head 3 \\
    --output head.svg

Layers and heads are counted from 0. A picture that is there already is
replaced.

exit codes: 0 the picture was written; 2 it was not: a line on standard error
says why; 130 interrupted.
"""


def add_to(commands: Any) -> None:
    """Adds the subcommand.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "attention",
        help="draw what attends to what",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("text", metavar="TEXT", help="the text")
    parser.add_argument("--pair", metavar="TEXT", help="the second text of a pair")
    parser.add_argument("--output", metavar="FILE", help="the file to write, ending in .html or .svg (required)")
    parser.add_argument(
        "--model",
        default=_DEFAULT_MODEL,
        metavar="DIR_OR_ID",
        help="a directory with config.json, weights and tokenizer, a bundled model, or a hub id (default: %(default)s)",
    )
    parser.add_argument("--layer", type=_number, metavar="N", help="draw this layer only")
    parser.add_argument("--head", type=_number, metavar="N", help="draw this head only")
    parser.add_argument(
        "--dtype",
        choices=("float32", "bfloat16", "float16"),
        default="float32",
        help="precision of the computation (default: %(default)s)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Computes the attention, writes the file and says what it holds.

    Args:
        options: What the parser made of the arguments.

    Raises:
        UserError: The text, the model or the file cannot be used.
    """
    if options.output is None:
        raise UserError(
            "say where the picture goes: --output attention.html for a page to explore, "
            "--output attention.svg for a still picture."
        )
    from flax_albert.pictures.save import picture_path, save_attention

    try:
        picture_path(options.output)
        maps = _maps(options)
        path = save_attention(maps, options.output, f"Attention of {options.model}")
    except (OSError, ValueError, FloatingPointError) as error:
        raise UserError(str(error)) from error
    encode_output()
    held = repr(maps).removeprefix("AttentionMaps(").removesuffix(")")
    write(f"{path}: {held}, {_size(path.stat().st_size)}\n")


def _maps(options: argparse.Namespace) -> AttentionMaps:
    """The maps to draw; JAX is imported here."""
    import jax.numpy as jnp
    from jax.errors import JaxRuntimeError

    from flax_albert import AutoTokenizer, FlaxAutoModel, attention_maps
    from flax_albert.errors import listed

    tokenizer = AutoTokenizer.from_pretrained(options.model)
    model, report = FlaxAutoModel.from_pretrained(
        options.model, add_pooling_layer=False, dtype=jnp.dtype(options.dtype), output_loading_info=True
    )
    if report.missing:
        raise UserError(f"the model {options.model!r} is not complete: it lacks {listed(report.missing, 2)}.")
    try:
        return attention_maps(model, tokenizer, options.text, options.pair).only(options.layer, options.head)
    except JaxRuntimeError as error:
        if "RESOURCE_EXHAUSTED" not in str(error):
            raise
        raise UserError("the device has too little memory for the attention of this text; shorten it.") from error


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def _number(value: str) -> int:
    if not (value.isascii() and value.isdecimal()):
        raise argparse.ArgumentTypeError(f"must be a whole number from 0, not {value!r}")
    return int(value)
