"""``flax-albert prepare``: documents into a corpus that ``flax-albert pretrain`` reads."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import time
from pathlib import Path
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
Makes a corpus for pretraining: documents are cut into sentences, the sentences
into the pieces of a tokenizer, and all is written to DIR as arrays that
training maps into memory, with the tokenizer beside them.
"""

_EXAMPLES = f"""\
examples:
  flax-albert prepare books.jsonl.xz --tokenizer albert-mini-en \\
    --output ./corpus
  flax-albert prepare wiki.parquet --text-key body --id-key title \\
    --tokenizer ./my-tokenizer --output ./corpus --skip-bad --json
  flax-albert prepare sentences-*.txt --segments line \\
    --tokenizer ./my-tokenizer --output ./corpus --held-out 0.005
  flax-albert prepare novels/*.txt --documents file --processes 8 \\
    --tokenizer albert-base-v2 --output ./corpus

{FORMATS_HELP}
Whatever ends the command, even a power failure: give it again, and it goes on
behind the last shard that was written. The corpus has the same bytes in the
end. A folder that was begun with other inputs or options is refused.

Documents are held out by a checksum of their ids, so that the same ones are
held out of a longer file, or on another machine.

exit codes: 0 done; 2 not: a line on standard error says why; 130 interrupted.
"""


def add_to(commands: Any) -> None:
    """Adds the subcommand.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "prepare",
        help="make a corpus for pretraining",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_reading_options(parser)
    parser.add_argument("--tokenizer", required=True, metavar="T", help="a directory, or a name on the hub")
    parser.add_argument("--output", required=True, metavar="DIR", help="the folder of the corpus; made if need be")
    parser.add_argument("--processes", type=_count, metavar="N", help="processes that encode (default: one a core)")
    parser.add_argument(
        "--shard-pieces",
        type=_count,
        default=2**24,
        metavar="N",
        help="pieces after which a shard is written, which an interruption costs at most (default: %(default)s)",
    )
    parser.add_argument("--overwrite", action="store_true", help="begin anew in a folder that holds a corpus")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Makes the corpus and says what it holds.

    Args:
        options: What the parser made of the arguments.

    Raises:
        UserError: The documents cannot be read, or the corpus not be written.
    """
    from flax_albert.data.documents.documents import Documents
    from flax_albert.data.preparing.options import PrepareOptions
    from flax_albert.data.preparing.prepare import SKIPPED, prepare

    read, began = reading_options(options), time.monotonic()
    try:
        settings = PrepareOptions(read, options.segments, options.held_out, options.skip_bad, options.shard_pieces)
        with Progress(Documents(options.inputs, read).size, wanted=True, unit="documents") as bar:
            done = prepare(
                options.inputs,
                options.tokenizer,
                options.output,
                settings,
                processes=options.processes,
                overwrite=options.overwrite,
                progress=reporting(bar),
            )
    except (OSError, ValueError, ImportError) as error:
        raise UserError(str(error)) from error
    seconds = time.monotonic() - began
    if done.skipped:
        listed = Path(options.output, SKIPPED)
        with listed.open(encoding="utf-8") as lines:
            tell_skipped(done.skipped, [line.rstrip("\n") for line in itertools.islice(lines, 5)], str(listed))
    encode_output("utf-8" if options.json else None)
    if options.json:
        found = {**dataclasses.asdict(done), "folder": str(done.folder), "seconds": round(seconds, 1)}
        write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
        return
    facts = [("corpus", str(done.folder))]
    for split, count in done.splits.items():
        held = f"{count['pieces']:,} pieces, {count['sentences']:,} sentences, {count['documents']:,} documents"
        unknown = count["unknown"] / count["pieces"]
        facts.append((split, f"{held}; {unknown:.2%} of the pieces unknown" if unknown >= 0.0001 else held))
    documents = sum(count["documents"] for count in done.splits.values()) + done.skipped
    if done.resumed == documents:
        facts.append(("time", "it was complete already"))
    elif done.resumed:
        facts.append(("time", f"{seconds:,.1f} s; {done.resumed:,} documents had been done before"))
    else:
        rate = sum(count["pieces"] for count in done.splits.values()) / seconds
        facts.append(("time", f"{seconds:,.1f} s, {rate:,.0f} pieces a second"))
    write_facts(facts)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number
