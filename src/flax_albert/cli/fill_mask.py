"""``flax-albert fill-mask``: words for the places that texts leave open."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from flax_albert.cli.errors import UserError
from flax_albert.cli.output import encode_output, write
from flax_albert.cli.progress import Progress
from flax_albert.cli.texts import Text, read_texts

if TYPE_CHECKING:
    from flax_albert.tasks import Candidate, FillMask

Answer = list[list["Candidate"]]
Show = Callable[[Text, Answer], str]

_DEFAULT_MODEL = "albert-mini-en"
_LARGEST_BATCH = 1024

_DESCRIPTION = """\
Fills in the words that [MASK] leaves open, with the likeliest candidates and
their probabilities. A text may hold several masks.
"""

_EXAMPLES = """\
examples:
  flax-albert fill-mask "The capital of France is [MASK]."
  flax-albert fill-mask --top-k 3 "The [MASK] sat on the [MASK]."
  flax-albert fill-mask --targets good,bad "It was a [MASK] film."
  flax-albert fill-mask --model ./my-albert "Paris is in [MASK]."
  flax-albert fill-mask --json < texts.txt > answers.jsonl

Without a TEXT, or with "-", texts are read from standard input, one a line;
blank lines are skipped. With --json each text gives one line, as soon as it
is answered: {"number": of the line or argument, "text": ..., "masks": [for
each mask a list of {"score", "token", "token_str", "sequence"}]}.

exit codes: 0 all texts were answered; 2 one was not, or the arguments make
no sense: a line on standard error says why; 130 interrupted.
"""


def add_to(commands: Any) -> None:
    """Adds the subcommand.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "fill-mask",
        help="fill in masked words",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("texts", nargs="*", metavar="TEXT", help='a text with [MASK] in it; "-" for standard input')
    parser.add_argument(
        "--model",
        default=_DEFAULT_MODEL,
        metavar="DIR_OR_ID",
        help="a directory with config.json, weights and tokenizer, a bundled model, or a hub id (default: %(default)s)",
    )
    parser.add_argument(
        "--top-k", type=_count, default=5, metavar="N", help="candidates for each mask (default: %(default)s)"
    )
    parser.add_argument(
        "--targets", type=_words, metavar="WORD,...", help="choose among these words only, separated by commas"
    )
    parser.add_argument("--json", action="store_true", help="print JSON Lines instead of tables")
    parser.add_argument(
        "--dtype",
        choices=("float32", "bfloat16", "float16"),
        default="float32",
        help="precision of the computation (default: %(default)s)",
    )
    parser.add_argument(
        "--batch-size",
        type=_batch_size,
        default=16,
        metavar="N",
        help="most texts that the model sees at once (default: %(default)s)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Answers the texts and prints the answers.

    Args:
        options: What the parser made of the arguments.

    Raises:
        UserError: A text, a target, the model or standard input is unusable.
    """
    groups, size = read_texts(options.texts)
    fill_mask, targets = _load(options)
    encode_output("utf-8" if options.json else None)
    show = _json if options.json else _tables(fill_mask)
    with Progress(size) as progress:
        for group in groups:
            for text, answer in _answers(fill_mask, group, options.top_k, targets):
                write(show(text, answer))
                progress.advance(text.size)


def _load(options: argparse.Namespace) -> tuple[FillMask, list[str] | None]:
    """The task, and its targets; JAX is imported here."""
    import jax.numpy as jnp

    from flax_albert import AutoTokenizer, FlaxAlbertForMaskedLM
    from flax_albert.checkpoint.errors import listed
    from flax_albert.tasks import FillMask, whole_words

    try:
        tokenizer = AutoTokenizer.from_pretrained(options.model)
        model, report = FlaxAlbertForMaskedLM.from_pretrained(
            options.model, dtype=jnp.dtype(options.dtype), output_loading_info=True
        )
        if report.missing:
            raise UserError(
                f"the model {options.model!r} was not trained to fill in masks: it lacks {listed(report.missing, 2)}."
            )
        targets = None if options.targets is None else whole_words(options.targets, tokenizer)
        return FillMask(model, tokenizer, options.batch_size), targets
    except (OSError, ValueError) as error:
        raise UserError(str(error)) from error


def _answers(
    fill_mask: FillMask, group: list[Text], top_k: int, targets: list[str] | None
) -> Iterator[tuple[Text, Answer]]:
    from jax.errors import JaxRuntimeError

    from flax_albert.tasks import InputError

    try:
        yield from zip(
            group, fill_mask.iterate([text.text for text in group], top_k=top_k, targets=targets), strict=True
        )
    except InputError as error:
        raise UserError(error.told(str(group[error.index]))) from None
    except (ValueError, FloatingPointError) as error:
        raise UserError(str(error)) from error
    except JaxRuntimeError as error:
        if "RESOURCE_EXHAUSTED" not in str(error):
            raise
        raise UserError("the device has too little memory for this; choose a smaller --batch-size.") from error


def _json(text: Text, answer: Answer) -> str:
    return json.dumps({"number": text.number, "text": text.text, "masks": answer}, ensure_ascii=False) + "\n"


def _tables(fill_mask: FillMask) -> Show:
    from flax_albert.cli.table import CandidateTables

    tokenizer = fill_mask.tokenizer
    tables = CandidateTables(str(tokenizer.mask_token), (str(tokenizer.cls_token), str(tokenizer.sep_token)))
    return lambda text, answer: tables.render(text.text, answer)


def _count(value: str, most: int | None = None) -> int:
    if not value.isdecimal() or int(value) < 1 or (most and int(value) > most):
        limit = f"from 1 to {most}" if most else "of at least 1"
        raise argparse.ArgumentTypeError(f"must be a whole number {limit}, not {value!r}")
    return int(value)


def _batch_size(value: str) -> int:
    return _count(value, _LARGEST_BATCH)


def _words(value: str) -> list[str]:
    words = [word.strip() for word in value.split(",") if word.strip()]
    if not words:
        raise argparse.ArgumentTypeError("must name at least one word")
    return words
