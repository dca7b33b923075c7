"""``flax-albert tokenizer train``: documents into a tokenizer by ALBERT's recipe."""

from __future__ import annotations

import argparse
import dataclasses
import json
from typing import Any

from flax_albert.cli.documents import (
    FORMATS_HELP,
    add_reading_options,
    reading_options,
    reporting,
    tell_skipped,
    write_facts,
)
from flax_albert.cli.errors import UserError
from flax_albert.cli.output import encode_output, write
from flax_albert.cli.progress import Progress

_DESCRIPTION = """\
Learns a tokenizer from documents, by ALBERT's recipe: a unigram model of
SentencePiece with <pad> 0, <unk> 1, [CLS] 2, [SEP] 3, [MASK] 4, and
( ) " - . – £ € always pieces of their own. Text is lower-cased and loses its
accents unless told otherwise. Needs sentencepiece.
"""

_GROUP = """\
examples:
  flax-albert tokenizer train books.jsonl.xz --output ./my-tokenizer
  flax-albert tokenizer train *.txt --output ./small --vocab-size 8000

"flax-albert tokenizer train --help" says more.

exit codes: 0 done; 2 a mistake, which a line on standard error explains; 130
interrupted.
"""

_EXAMPLES = f"""\
examples:
  flax-albert tokenizer train books.jsonl.xz --output ./my-tokenizer \\
    --vocab-size 30000
  flax-albert tokenizer train de/*.txt --output ./cased-de \\
    --vocab-size 20000 --keep-case --keep-accents
  flax-albert tokenizer train wiki.parquet --text-key body \\
    --output ./small --vocab-size 8000 --sentences 200000 --json

{FORMATS_HELP}
The folder loads with AutoTokenizer, here and in transformers, and its
spiece.model in sentencepiece. The same command on the same files writes the
same bytes. Learning takes about 3 KB of memory a sentence of 130 letters.

exit codes: 0 done; 2 not, and nothing was written: a line on standard error
says why; 130 interrupted.
"""


def add_to(commands: Any) -> None:
    """Adds the subcommand.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
    """
    group = commands.add_parser(
        "tokenizer",
        help="train a tokenizer",
        description="Makes a tokenizer of raw text: COMMAND is train.",
        epilog=_GROUP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verbs = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    parser = verbs.add_parser(
        "train",
        help="learn a tokenizer from documents",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_reading_options(parser)
    parser.add_argument("--output", required=True, metavar="DIR", help="the folder to write; made if need be")
    parser.add_argument("--vocab-size", type=int, default=30_000, metavar="N", help="pieces (default: %(default)s)")
    parser.add_argument(
        "--sentences",
        type=int,
        default=1_000_000,
        metavar="N",
        help="sentences that are drawn from all to learn from (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the drawing (default: %(default)s)")
    parser.add_argument("--keep-case", action="store_true", help="tell capitals from small letters")
    parser.add_argument("--keep-accents", action="store_true", help="tell é from e")
    parser.add_argument(
        "--coverage",
        type=float,
        default=0.99995,
        metavar="SHARE",
        help="share of the text's letters that get a piece (default: %(default)s)",
    )
    parser.add_argument("--force", action="store_true", help="replace a tokenizer that DIR holds already")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Learns a tokenizer and says what from.

    Args:
        options: What the parser made of the arguments.

    Raises:
        UserError: The documents cannot be read, or the tokenizer not be learned or written.
    """
    from flax_albert.data.documents.documents import Documents
    from flax_albert.data.tokenizer_training.train import TokenizerOptions, train_tokenizer

    read = reading_options(options)
    try:
        settings = TokenizerOptions(
            vocab_size=options.vocab_size,
            read=read,
            segments=options.segments,
            sentences=options.sentences,
            seed=options.seed,
            held_out=options.held_out,
            lower_case=not options.keep_case,
            keep_accents=options.keep_accents,
            coverage=options.coverage,
            skip_bad=options.skip_bad,
        )
        with Progress(Documents(options.inputs, read).size, wanted=True, unit="documents") as bar:
            done = train_tokenizer(
                options.inputs, options.output, settings, overwrite=options.force, progress=reporting(bar)
            )
    except FileExistsError as error:
        raise UserError(f"{error} Choose another directory, or pass --force to replace it.") from error
    except (OSError, ValueError, ImportError) as error:
        raise UserError(str(error)) from error
    tell_skipped(done.skipped, done.faults)
    encode_output("utf-8" if options.json else None)
    if options.json:
        write(json.dumps({**dataclasses.asdict(done), "folder": str(done.folder)}, ensure_ascii=False, indent=2) + "\n")
        return
    write_facts(
        [
            ("tokenizer", str(done.folder)),
            ("pieces", f"{done.vocab_size:,}"),
            ("learned from", f"{done.drawn:,} of {done.sentences:,} sentences of {done.documents:,} documents"),
        ]
    )
