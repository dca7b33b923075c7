"""``flax-albert pretrain``: a corpus to a pretrained model."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from flax_albert.cli.errors import UserError
from flax_albert.cli.output import encode_output, write
from flax_albert.cli.tasks.values import count
from flax_albert.cli.training_options import add_training_options, exit_code, key_values, training_settings
from flax_albert.training.settings import OptimizerSettings, TrainingSettings

# The same as flax_albert.training.pretraining.PUBLISHED, whose home imports jax.
_PUBLISHED = TrainingSettings(125_000, 4096, optimizer=OptimizerSettings("lamb", 0.00176, warmup=3125))

_DESCRIPTION = """\
Pretrains an ALBERT on masked words and the order of two segments. Every epoch
cuts, swaps and masks the text anew. The defaults are the published ones: spans
of 1 to 3 whole words, at most 20 predictions in 512 tokens, LAMB with batches
of 4,096, for 125,000 steps.
"""

_EXAMPLES = """\
examples:
  flax-albert prepare texts.jsonl --tokenizer albert-mini-en --output ./corpus
  flax-albert pretrain --corpus ./corpus --output ./albert \\
    --config albert-base-v2
  flax-albert pretrain --corpus ./corpus --output ./small \\
    --config albert-base-v2 --set hidden_size=256 --set num_hidden_layers=4 \\
    --set num_attention_heads=4 --set intermediate_size=1024 \\
    --length 128 --batch-size 64 --steps 20000 --optimizer adamw \\
    --learning-rate 1e-3 --warmup 500 --evaluate-every 1000
  flax-albert pretrain --corpus ./medicine --output ./medical-albert \\
    --model ./albert --steps 5000 --warmup 100 --learning-rate 2e-4 \\
    --batch-size 64 --optimizer adamw
  the same command again with --resume goes on where a run was ended

The output directory is loaded by FlaxAlbertForPreTraining, by every other
class, and by every command; DIR/training holds checkpoints, metrics.jsonl and
TensorBoard files. SIGTERM and Ctrl-C save a checkpoint and leave.

exit codes: 0 trained, the figures of held-out text are on standard output as
JSON; 2 not: a line on standard error says why; 130, 143 interrupted, --resume
goes on.
"""


def add_to(commands: Any) -> None:
    """Adds the subcommand.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "pretrain",
        help="pretrain a model on a corpus",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--corpus", required=True, metavar="DIR", help="what `flax-albert prepare` wrote")
    parser.add_argument("--output", required=True, metavar="DIR", help="the directory to write")
    begin = parser.add_mutually_exclusive_group(required=True)
    begin.add_argument("--config", metavar="SIZE_OR_FILE",
                       help="a new model: a released size, such as albert-base-v2, or a config.json; its vocabulary "
                       "is made the corpus's")  # fmt: skip
    begin.add_argument("--model", metavar="DIR_OR_ID", help="go on from a model; lacking heads are drawn at random")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="change a key of --config; may be repeated")  # fmt: skip
    _add_row_options(parser)
    add_training_options(parser, _PUBLISHED)
    parser.set_defaults(run=run)


def _add_row_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("rows")
    group.add_argument(
        "--length", type=count(), default=512, metavar="N", help="tokens of a row (default: %(default)s)"
    )
    group.add_argument("--segments", choices=("google", "paper"), default="google",
                       help="a chunk of one sentence: google takes the second segment from another document, as "
                       "published, paper cuts the sentence in two (default: %(default)s)")  # fmt: skip
    group.add_argument("--random-next-sentence", action="store_true",
                       help="second segments of other documents instead of swapped ones, as BERT has it")  # fmt: skip
    group.add_argument("--short-seq-prob", type=float, default=0.1, metavar="SHARE",
                       help="documents that are cut into shorter rows (default: %(default)s)")  # fmt: skip
    group.add_argument("--masked-lm-prob", type=float, default=0.15, metavar="SHARE",
                       help="tokens of a row to predict (default: %(default)s)")  # fmt: skip
    group.add_argument("--max-predictions", type=count(), metavar="N",
                       help="most predictions of a row (default: 20 for every 512 of --length)")  # fmt: skip
    group.add_argument("--max-ngram", type=count(), default=3, metavar="N",
                       help="most words of a masked span (default: %(default)s)")  # fmt: skip
    group.add_argument("--single-pieces", dest="whole_words", action="store_false",
                       help="spans of pieces, not of whole words")  # fmt: skip
    group.add_argument("--mask-prob", type=float, default=0.8, metavar="SHARE",
                       help="predicted pieces that become [MASK] (default: %(default)s)")  # fmt: skip
    group.add_argument("--random-prob", type=float, default=0.1, metavar="SHARE",
                       help="those that become another piece; the rest stays (default: %(default)s)")  # fmt: skip
    group.add_argument("--positions", type=count(), metavar="N",
                       help="spread half of the rows over this many positions, so that short rows train all of them "
                       "(default: all begin at 0)")  # fmt: skip
    group.add_argument("--spaced", type=float, default=0.0, metavar="SHARE",
                       help="rows with a space before punctuation, as after [MASK] (default: none)")  # fmt: skip
    group.add_argument("--held-out-rows", type=int, default=1024, metavar="N",
                       help="rows of held-out text to measure on; 0 for all (default: %(default)s)")  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Trains, and prints what was measured.

    Args:
        options: What the parser made of the arguments.

    Returns:
        The exit code.

    Raises:
        UserError: Something cannot be read, written or computed as asked.
    """
    try:
        return _run(options)
    except (ArithmeticError, ImportError, OSError, ValueError) as error:
        raise UserError(str(error)) from error


def _run(options: argparse.Namespace) -> int:
    from flax_albert.data.pretraining import PretrainingOptions
    from flax_albert.training.pretraining import HeldOutSettings, pretrain

    if options.set and options.model:
        raise UserError("--set changes a key of --config; a model has its own sizes")
    settings = training_settings(options)
    names = PretrainingOptions.__dataclass_fields__
    rows = PretrainingOptions(**{name: getattr(options, name) for name in names})
    encode_output("utf-8")
    done = pretrain(
        options.corpus,
        options.output,
        settings,
        config=_config(options),
        model=options.model,
        options=rows,
        held_out=HeldOutSettings(rows=options.held_out_rows or None),
        resume=options.resume,
        shown=not options.quiet,
        tensorboard=options.tensorboard,
        planned=None if options.quiet else _tell,
    )
    if done.reason == "finished":
        figures = {name: {"metrics": dict(one.metrics), "baselines": dict(one.baselines)}
                   for name, one in done.evaluations.items()}  # fmt: skip
        write(json.dumps({"output": options.output, "step": done.step, **figures}, indent=2) + "\n")
    return exit_code(done.reason)


def _tell(notes: tuple[str, ...]) -> None:
    for note in notes:
        print(note, file=sys.stderr)


def _config(options: argparse.Namespace) -> Any:
    from flax_albert.auto.tokenizer import AutoTokenizer
    from flax_albert.config import RELEASED_SIZES, AlbertConfig
    from flax_albert.data.corpus import TOKENIZER
    from flax_albert.data.vocabulary import Vocabulary
    from flax_albert.training.pretraining.start import sized_for

    if options.model:
        return None
    changes = key_values("--set", options.set)
    unknown = changes.keys() - AlbertConfig().to_dict().keys()
    if unknown:
        raise UserError(f"--set {sorted(unknown)[0]}: a configuration has no such key")
    if options.config in RELEASED_SIZES:
        config = AlbertConfig.released(options.config, **changes)
    else:
        config = AlbertConfig.from_pretrained(options.config, **changes)
    return sized_for(config, Vocabulary.of(AutoTokenizer.from_pretrained(Path(options.corpus) / TOKENIZER)))
