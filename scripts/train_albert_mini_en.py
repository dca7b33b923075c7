"""Makes the bundled model ``albert-mini-en``, from text files to the files of the package.

    python -m scripts.train_albert_mini_en prepare --data DATA --work WORK
    python -m scripts.train_albert_mini_en start --work WORK
    python -m scripts.train_albert_mini_en pretrain --work WORK
    python -m scripts.train_albert_mini_en evaluate --work WORK
    python -m scripts.train_albert_mini_en export --work WORK --to src/flax_albert/bundled/albert-mini-en

``DATA`` holds the text as ``*.jsonl.xz``, a document a line with the keys ``id`` and ``text``. ``pretrain`` runs
``flax-albert pretrain`` in three phases: most steps on rows of 128 tokens at a constant learning rate, some on rows of
512, and the last ones on large batches while the rate falls to zero. It goes on where an interruption left it.
``evaluate --model DIR`` measures another model, such as the first version, on the same text and masks.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

from flax_albert import AlbertConfig, AutoTokenizer, FlaxAlbertForMaskedLM, FlaxAlbertForPreTraining
from flax_albert.cli import main as flax_albert
from flax_albert.data.corpus import TOKENIZER, Corpus
from flax_albert.training.pretraining.start import sized_for
from scripts.albert_mini_en import evaluation
from scripts.albert_mini_en.batches import Masking
from scripts.albert_mini_en.start import COUNTED, informed
from scripts.albert_mini_en.text import Split, Vocabulary

SIZES = {
    "embedding_size": 128,
    "hidden_size": 256,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "intermediate_size": 1024,
    "hidden_act": "gelu_new",
    "max_position_embeddings": 512,
    "initializer_range": 0.05,  # the usual 0.02 is for wider layers
    "hidden_dropout_prob": 0.0,  # less than one pass over the text: there is nothing to over-fit
    "attention_probs_dropout_prob": 0.0,
}
SEED = 0


class Phase(NamedTuple):
    """A run of ``flax-albert pretrain``, which begins where the one before ended."""

    name: str
    options: str


# Muon had left the plateau of the piece frequencies after 75 steps in short trials, where AdamW was still on it after
# 250. A model that sees so little text learns more from 25% of the pieces than from 15%, at first.
COMMON = """--segments paper --positions 512 --spaced 0.143
    --optimizer optax.contrib.muon --optimizer-option adam_b2=0.98
    --weight-decay 0.01 --log-every 50 --evaluate-every 500 --save-every 250 --held-out-rows 512"""
PHASES = (
    Phase(
        "short",
        """--length 128 --batch-size 16 --steps 14500 --single-pieces --max-ngram 1 --masked-lm-prob 0.25
        --max-predictions 128 --schedule constant --learning-rate 0.0015 --warmup 200""",
    ),
    Phase(
        "long",
        """--length 512 --batch-size 8 --steps 700 --single-pieces --max-ngram 1 --masked-lm-prob 0.25
        --max-predictions 512 --schedule constant --learning-rate 0.0015 --warmup 50""",
    ),
    # Many rows a batch, at a rate that falls: the order of segments is learned from rows, and its gradient is noisy.
    Phase(
        "last",
        """--length 128 --batch-size 64 --steps 900 --max-ngram 3 --masked-lm-prob 0.15 --max-predictions 128
        --schedule linear --learning-rate 0.0015 --warmup 30""",
    ),
)


def prepare(options: argparse.Namespace) -> int:
    """Prepares the corpus: cleans, splits and encodes the text, and holds one document in a hundred out."""
    files = sorted(options.data.glob("*.jsonl.xz"))
    if not files:
        raise FileNotFoundError(f"No *.jsonl.xz file in '{options.data}'; give --data the folder that holds the text.")
    where = ["--tokenizer", options.tokenizer, "--output", str(options.work / "corpus")]
    return flax_albert(["prepare", *map(str, files), *where])


def start(options: argparse.Namespace) -> int:
    """Writes the parameters to begin with."""
    corpus = Corpus.open(options.work / "corpus")
    config = sized_for(AlbertConfig(**SIZES | options.sizes), corpus.vocabulary)
    model = FlaxAlbertForPreTraining(config, seed=SEED)
    text = Split.of(corpus, COUNTED, SEED)
    model.save_pretrained(options.work / "start", informed(model.params, config, text.pieces, SEED))
    return 0


def pretrain(options: argparse.Namespace) -> int:
    """Trains, phase by phase; goes on where it was."""
    before = options.work / "start"
    for phase in PHASES:
        folder = options.work / phase.name
        resume = ["--resume"] if (folder / "training" / "run.json").exists() else []
        where = ["--corpus", str(options.work / "corpus"), "--model", str(before), "--output", str(folder), *resume]
        if not (folder / "model.safetensors").exists():
            code = flax_albert(["pretrain", *where, *COMMON.split(), *phase.options.split(), *options.more])
            if code:
                return code
        before = folder
    return 0


def evaluate(options: argparse.Namespace) -> int:
    """Measures accuracy on held-out text, and prints it."""
    folder = options.work / "corpus"
    corpus, held_out = Corpus.open(folder), Corpus.open(folder, "held-out")
    masking = Masking(Vocabulary.of(corpus.vocabulary), longest=1, whole_words=False)
    model = FlaxAlbertForMaskedLM.from_pretrained(options.model or options.work / PHASES[-1].name)
    rows = evaluation.evaluate(model, corpus.counts(), Split.of(held_out), masking, options.masked)
    print(json.dumps(rows, indent=2))
    return 0


def export(options: argparse.Namespace) -> int:
    """Writes the configuration, the weights and the tokenizer as the library does."""
    FlaxAlbertForPreTraining.from_pretrained(options.work / PHASES[-1].name).save_pretrained(options.to)
    tokenizer = AutoTokenizer.from_pretrained(options.work / "corpus" / TOKENIZER, model_max_length=512)
    tokenizer.save_pretrained(options.to)
    return 0


def parser() -> argparse.ArgumentParser:
    """Returns the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = {}
    for run in (prepare, start, pretrain, evaluate, export):
        command[run] = commands.add_parser(run.__name__, help=run.__doc__)
        command[run].set_defaults(run=run)
        command[run].add_argument("--work", type=Path, required=True, help="folder for everything that is made")
    command[prepare].add_argument("--data", type=Path, required=True, help="folder with the *.jsonl.xz files")
    command[prepare].add_argument("--tokenizer", default="albert-mini-en", help="the vocabulary (default: %(default)s)")
    command[start].add_argument("--sizes", type=json.loads, default={}, help="other sizes for a trial, as JSON")
    command[pretrain].add_argument("more", nargs="*", help="after --, other options of flax-albert pretrain")
    command[evaluate].add_argument("--model", type=Path, help="another model to measure")
    command[evaluate].add_argument("--masked", type=int, default=100_000, help="least number of masked pieces")
    command[export].add_argument("--to", type=Path, required=True, help="folder of the model")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs one command."""
    options = parser().parse_args(arguments)
    return options.run(options)


if __name__ == "__main__":
    sys.exit(main())
