"""Makes the bundled model ``albert-mini-en``, from text files to the files of the package, in five commands.

    python -m scripts.train_albert_mini_en tokenizer --data DATA --work WORK
    python -m scripts.train_albert_mini_en encode --data DATA --work WORK
    python -m scripts.train_albert_mini_en train --work WORK --minutes 62
    python -m scripts.train_albert_mini_en evaluate --work WORK
    python -m scripts.train_albert_mini_en export --work WORK --to src/flax_albert/bundled/albert-mini-en

``DATA`` holds the corpus as ``*.jsonl.xz``, a document a line with the keys ``id`` and ``text``; ``WORK`` receives the
vocabulary, the encoded text, ``checkpoint.msgpack``, ``log.jsonl`` and ``evaluation.json``. ``train --resume`` goes on
after an interruption. Needs the package ``sentencepiece`` beside this library.
"""

import argparse
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from flax_albert import AlbertTokenizerFast, FlaxAlbertForMaskedLM
from scripts.albert_mini_en import batches, corpus, evaluation, start, training
from scripts.albert_mini_en import model as mini
from scripts.albert_mini_en.sequences import Layout


def tokenizer(options: argparse.Namespace) -> None:
    """Trains the vocabulary."""
    print(corpus.train_vocabulary(options.data, options.work, options.vocabulary, options.every))


def encode(options: argparse.Namespace) -> None:
    """Encodes the corpus and prints the number of pieces of each split."""
    print(json.dumps(corpus.encode_corpus(options.data, options.work, options.processes)))


def train(options: argparse.Namespace) -> None:
    """Trains the model; the log and the checkpoint lie in the work folder."""
    masking, (predict, parameters) = prepared(options)
    held_out = corpus.Split.load(options.work, "held_out")
    text = corpus.Split.load(options.work, "train")
    config = mini.configuration(len(masking.vocabulary), **options.sizes)

    def laid_out(phase: training.Phase, seed: int) -> Iterator[batches.Batch]:
        positions = config.max_position_embeddings
        layout = Layout(phase.length, phase.sequences, short=0.1, spaced=1 / 7, positions=positions)
        return batches.passes(text, replace(masking, share=phase.masked), layout, seed)

    measured = batches.passes(held_out, masking, evaluation.LAYOUTS[0], evaluation.SEED)
    state = training.train(
        predict,
        parameters if options.resume else start.informed(parameters, config, text.pieces, training.Settings.seed),
        training.Settings(minutes=options.minutes, peak=options.peak),
        laid_out,
        list(itertools.islice(measured, options.batches)),
        options.work,
        options.resume,
    )
    print(json.dumps({"steps": state.step, "pieces": state.pieces, "seconds": round(state.seconds)}))


def evaluate(options: argparse.Namespace) -> None:
    """Measures accuracy on held-out text, writes ``evaluation.json`` and prints it."""
    masking, (predict, parameters) = prepared(options)
    parameters = trained(options, parameters)
    splits = (corpus.Split.load(options.work, "train"), corpus.Split.load(options.work, "held_out"))
    rows = evaluation.evaluate(training.make_ranks(predict), parameters, splits, masking, options.masked)
    (options.work / "evaluation.json").write_text(json.dumps(rows, indent=2) + "\n")
    print(json.dumps(rows, indent=2))


def export(options: argparse.Namespace) -> None:
    """Writes the configuration, the weights and the tokenizer as the library does."""
    masking, (_, parameters) = prepared(options)
    config = mini.configuration(len(masking.vocabulary), **options.sizes)
    FlaxAlbertForMaskedLM(config, _do_init=False).save_pretrained(options.to, params=trained(options, parameters))
    tokens = AlbertTokenizerFast.from_pretrained(options.work, model_max_length=config.max_position_embeddings)
    tokens.save_pretrained(options.to)


def prepared(options: argparse.Namespace) -> tuple[batches.Masking, tuple[training.Predict, training.Parameters]]:
    """Returns the masking for the vocabulary in the work folder, and a fresh model of its size."""
    masking = batches.Masking(corpus.Vocabulary.load(options.work), longest=1, whole_words=False)
    return masking, mini.build(mini.configuration(len(masking.vocabulary), **options.sizes), training.Settings.seed)


def trained(options: argparse.Namespace, parameters: training.Parameters) -> training.Parameters:
    """Returns the parameters of the checkpoint in the work folder, given fresh ones."""
    return training.restore_parameters(options.work / "checkpoint.msgpack", parameters)


def parser() -> argparse.ArgumentParser:
    """Returns the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = {}
    for run in (tokenizer, encode, train, evaluate, export):
        command[run] = commands.add_parser(run.__name__, help=run.__doc__)
        command[run].set_defaults(run=run)
        command[run].add_argument("--work", type=Path, required=True, help="folder for everything that is made")
        if run in (tokenizer, encode):
            command[run].add_argument("--data", type=Path, required=True, help="folder with the *.jsonl.xz files")
        else:
            command[run].add_argument("--sizes", type=json.loads, default={}, help="other sizes for a trial, as JSON")
    command[tokenizer].add_argument("--vocabulary", type=int, default=8000, help="number of pieces")
    command[tokenizer].add_argument("--every", type=int, default=2, help="learn from one document in this many")
    command[encode].add_argument("--processes", type=int, default=2)
    command[train].add_argument("--minutes", type=float, default=62, help="wall time of the run")
    command[train].add_argument("--peak", type=float, default=training.Settings.peak, help="largest learning rate")
    command[train].add_argument("--batches", type=int, default=20, help="held-out batches to measure on underway")
    command[train].add_argument("--resume", action="store_true", help="go on from the checkpoint")
    command[evaluate].add_argument("--masked", type=int, default=100_000, help="least number of masked pieces")
    command[export].add_argument("--to", type=Path, required=True, help="folder of the model")
    return parser


def main(arguments: list[str] | None = None) -> None:
    """Runs one command."""
    options = parser().parse_args(arguments)
    options.run(options)


if __name__ == "__main__":
    main()
