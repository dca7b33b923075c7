"""``flax-albert embed``: texts as vectors."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, final

from flax_albert.cli.errors import UserError
from flax_albert.cli.tasks.command import TaskCommand
from flax_albert.cli.tasks.texts import TEXT, add_texts, given_texts
from flax_albert.cli.tasks.values import count, words

if TYPE_CHECKING:
    from flax_albert.cli.tasks.embed_table import VectorTable


@final
class EmbedCommand(TaskCommand):
    """Turns texts into vectors."""

    name = "embed"
    task = "sentence-embedding"
    help = "turn texts into vectors, and say how alike they are"
    description = """\
Turns each text into a vector, so that texts of like meaning have vectors that
are alike. Reads the folders of sentence-transformers; a plain model gives the
mean of its last hidden states, which tells little unless it was trained so.
"""
    examples = """\
examples:
  flax-albert embed --similarity "A dog barked." "A dog was barking." "Law."
  flax-albert embed --model ./sentences --input texts.txt --output vectors.npy
  flax-albert embed --model ./sentences --normalize --input docs.parquet \\
    --text-column body --keep id --output vectors.parquet --resume

Results are the column "embedding", a list of numbers. A .npy file holds only
the vectors, a row for each input, NaN where one was at fault.
"""
    example = '"A dog barked."'
    fields = TEXT
    results = ("embedding",)
    default_model = "albert-mini-en"
    vector = "embedding"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """See :meth:`TaskCommand.add_arguments`."""
        add_texts(parser, "a text")
        parser.add_argument(
            "--pooling",
            type=words,
            metavar="NAME,...",
            help="mean, max or cls of the tokens; several go side by side (default: as the model says)",
        )
        parser.add_argument("--normalize", action="store_true", help="make vectors one long")
        parser.add_argument("--truncate-dim", type=count(), metavar="N", help="keep the first N numbers of a vector")
        parser.add_argument("--prompt", metavar="TEXT", help="what is put before every text")
        parser.add_argument(
            "--max-length", type=count(), metavar="N", help="most tokens of a text (default: as the model says)"
        )
        parser.add_argument(
            "--similarity", action="store_true", help="print how alike each text is to each, instead of vectors"
        )

    def given(self, options: argparse.Namespace) -> list[dict[str, Any]]:
        """See :meth:`TaskCommand.given`."""
        if options.similarity and (options.json or options.output):
            raise UserError("--similarity prints a table; leave out --json and --output.")
        return given_texts(options)

    def item(self, values: dict[str, Any], options: argparse.Namespace) -> Any:
        """See :meth:`TaskCommand.item`."""
        return values["text"]

    def settings(self, options: argparse.Namespace, tokenizer: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.settings`."""
        given = {
            "pooling": options.pooling,
            "truncate_dim": options.truncate_dim,
            "prompt": options.prompt,
            "max_length": options.max_length,
        }
        return {"normalize": options.normalize, **{name: value for name, value in given.items() if value is not None}}

    def columns(self, item: Any, result: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.columns`."""
        return {"embedding": result}

    def table(self, task: Any, options: argparse.Namespace) -> VectorTable:
        """See :meth:`TaskCommand.table`."""
        from flax_albert.cli.tasks.embed_table import VectorTable

        return VectorTable(task.similarity if options.similarity else None)
