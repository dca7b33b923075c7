"""The arguments of commands that read documents: which files, how they stand in them, which are bad."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

from flax_albert.cli.output import write
from flax_albert.cli.progress import Progress

_SHOWN = 5
"""Documents left out that are named on the terminal."""

FORMATS_HELP = """\
INPUT is a file of documents: .jsonl with an object a line, .parquet, .csv or
.tsv with a column of texts, .txt. It may be compressed: .gz, .xz, .bz2, .zst.
In a .txt file, blank lines stand between documents; --documents says otherwise.
Google's own input, a sentence a line and blank lines between documents, is
read with --segments line.
"""


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Adds the inputs, and how they are read.

    Args:
        parser: Of the command.
    """
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="a file of documents")
    parser.add_argument(
        "--input-format",
        choices=("text", "jsonl", "csv", "tsv", "parquet"),
        help="what the files hold (default: what their names end in)",
    )
    parser.add_argument("--text-key", default="text", metavar="KEY", help="key of a document's text (default: text)")
    parser.add_argument(
        "--id-key",
        default="id",
        metavar="KEY",
        help="key of its name, by a checksum of which it is held out; where it has none, of its text (default: id)",
    )
    parser.add_argument(
        "--documents",
        choices=("blank-lines", "file", "line"),
        default="blank-lines",
        help="what a document is in a text file: what stands between blank lines, all of it, or a line "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--segments",
        choices=("punctuation", "line", "paragraph"),
        default="punctuation",
        help="what a sentence is: what ends with punctuation or a blank line, a line, or what stands between blank "
        "lines (default: %(default)s)",
    )
    parser.add_argument(
        "--held-out",
        type=float,
        default=0.01,
        metavar="SHARE",
        help="share of the documents that training never sees (default: %(default)s)",
    )
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="leave out documents that are empty, no JSON or not UTF-8, and list them, instead of ending at the first",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines for people")


def reading_options(options: argparse.Namespace) -> Any:
    """How documents stand in the files, from the arguments.

    Args:
        options: What the parser made of them.

    Returns:
        The same as :class:`flax_albert.data.documents.documents.ReadOptions`.
    """
    from flax_albert.data.documents.documents import ReadOptions

    return ReadOptions(options.input_format, options.text_key, options.id_key, options.documents)


def reporting(bar: Progress) -> Callable[[int, int], None]:
    """What moves a bar on when it is told the bytes read and the documents done so far.

    Args:
        bar: The bar.

    Returns:
        The function.
    """
    before = 0

    def advance(position: int, documents: int) -> None:
        nonlocal before
        bar.advance(position, documents - before)
        before = documents

    return advance


def tell_skipped(count: int, faults: Sequence[str], where: str = "") -> None:
    """Says on standard error which documents were left out.

    Args:
        count: How many.
        faults: Why, a sentence each; the first few are shown.
        where: Where all are listed.
    """
    if not count:
        return
    from flax_albert.cli.console import printable

    lines = [
        f"{count:,} {'documents were' if count > 1 else 'document was'} left out"
        + (f"; see {where}:" if where else ":")
    ]
    lines += [f"  {printable(fault)}" for fault in faults[:_SHOWN]]
    lines += [f"  and {count - _SHOWN:,} more"] if count > _SHOWN else []
    print("\n".join(lines), file=sys.stderr)


def write_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Prints lines of a name and a value.

    Args:
        facts: The lines.
    """
    from flax_albert.cli.console import printable

    width = max(len(name) for name, _ in facts)
    write("".join(f"{name:<{width}}  {printable(value)}\n" for name, value in facts))
