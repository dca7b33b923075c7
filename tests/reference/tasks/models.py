"""``python -m tests.reference.tasks.models FOLDER``: the small trained models that tasks are compared with.

Each is the bundled ``albert-mini-en`` with a head that a short run trained on the real data, saved with
its tokenizer in ``FOLDER/NAME`` for flax-albert and transformers alike. A model that is there already is kept.
``--torch PYTHON`` names an interpreter with sentence-transformers, which makes the folders of sentence embeddings. The
form of its newest ones is not that of nearly all released ones: ``--older DIR`` names what ``pip install --target DIR
--no-deps sentence-transformers==3.4.1 pillow`` made, and adds folders of their form.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import flax_albert
from tests.reference.tasks import texts, training

BASE = "albert-mini-en"
TOPICS = ("card", "top", "transfer", "cash", "exchange", "payment", "refund", "verify", "pin", "charge", "limit")
ROOT = Path(__file__).parents[3]


class Trainer:
    """Encodes, trains and saves.

    Args:
        data: The folder of shared data.
        steps: Updates of each run.
    """

    def __init__(self, data: Path, steps: int) -> None:
        self.data = data
        self.steps = steps
        self.tokenizer = flax_albert.AutoTokenizer.from_pretrained(BASE)

    def rows(self, first: Sequence[Any], second: Sequence[str] | None, length: int, **options: Any) -> Any:
        """The model's inputs, cut to a length and padded to it."""
        given = (list(first),) if second is None else (list(first), list(second))
        return self.tokenizer(
            *given,
            truncation=options.pop("truncation", True),
            padding="max_length",
            max_length=length,
            return_tensors="np",
            **options,
        )

    def save(self, model: Any, folder: Path, rows: Any, labels: Any, loss: training.Loss, **options: Any) -> None:
        """Trains and saves."""
        arrays = {name: np.asarray(rows[name], np.int32) for name in training.INPUTS}
        last = training.train(model, {**arrays, "labels": np.asarray(labels)}, loss, **{"steps": self.steps, **options})
        print(f"  last loss {last:.3f}", flush=True)
        model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def head(self, name: str, labels: Sequence[str] | None = None, **changes: Any) -> Any:
        """A fresh head on the bundled encoder."""
        if labels is not None:
            changes |= {
                "id2label": dict(enumerate(labels)),
                "label2id": {label: number for number, label in enumerate(labels)},
            }
        return getattr(flax_albert, name).from_pretrained(BASE, **changes)

    def classifier(self, folder: Path, examples: list[texts.Labelled], length: int) -> None:
        """A classifier of texts or pairs, one label each."""
        labels = sorted({example.label for example in examples})
        rows = self.rows(
            [example.text for example in examples],
            None if examples[0].pair is None else [str(example.pair) for example in examples],
            length,
        )
        model = self.head("FlaxAlbertForSequenceClassification", labels, problem_type="single_label_classification")
        self.save(model, folder, rows, [labels.index(example.label) for example in examples], training.classes)

    def sentiment(self, folder: Path) -> None:
        """Two classes."""
        self.classifier(folder, texts.sst2(self.data, "train"), 48)

    def intent(self, folder: Path) -> None:
        """Seventy-seven classes."""
        self.classifier(folder, texts.banking77(self.data, "train"), 32)

    def paraphrase(self, folder: Path) -> None:
        """Classes of pairs."""
        self.classifier(folder, texts.mrpc(self.data, "train"), 96)

    def topics(self, folder: Path) -> None:
        """Any number of labels a text: which words the name of its intent has."""
        examples = texts.banking77(self.data, "train")
        labels = [[float(topic in example.label) for topic in TOPICS] for example in examples]
        model = self.head("FlaxAlbertForSequenceClassification", TOPICS, problem_type="multi_label_classification")
        rows = self.rows([example.text for example in examples], None, 32)
        self.save(model, folder, rows, np.asarray(labels, np.float32), training.several)

    def similarity(self, folder: Path) -> None:
        """A number a pair."""
        examples = texts.stsb(self.data, "train")
        rows = self.rows([example.text for example in examples], [str(example.pair) for example in examples], 64)
        labels = np.asarray([float(example.label) for example in examples], np.float32)
        model = self.head("FlaxAlbertForSequenceClassification", ["similarity"], problem_type="regression")
        self.save(model, folder, rows, labels, training.number)

    def tagger(self, folder: Path, examples: list[texts.Words], length: int) -> None:
        """A classifier of words: every piece of one has its label, and those inside it never begin a name."""
        found = {label for example in examples for label in example.labels}
        labels = sorted(found | {f"I-{label[2:]}" for label in found if label.startswith("B-")})
        rows = self.rows([example.words for example in examples], None, length, is_split_into_words=True)
        targets = np.full((len(examples), length), -1, np.int32)
        for at, example in enumerate(examples):
            for place, word in enumerate(rows.word_ids(at)):
                if word is not None:
                    label = example.labels[word]
                    inside = rows.word_ids(at)[place - 1] == word and label[:2] == "B-"
                    targets[at, place] = labels.index(f"I-{label[2:]}" if inside else label)
        model = self.head("FlaxAlbertForTokenClassification", labels)
        self.save(model, folder, rows, targets, training.classes)

    def entities(self, folder: Path) -> None:
        """Names, labelled B-, I- and O."""
        self.tagger(folder, texts.entities(self.data), 64)

    def speech(self, folder: Path) -> None:
        """Parts of speech, without a label that means nothing."""
        self.tagger(folder, texts.ud_ewt(self.data, "train"), 48)

    def answers(self, folder: Path) -> None:
        """Answers in a context; a question without one points at the first token."""
        generator = random.Random(0)
        examples = texts.qamr(self.data)[4000:]
        for place in generator.sample(range(len(examples)), len(examples) // 5):
            other = generator.choice(examples)
            if other.context != examples[place].context:
                examples[place] = texts.Question(other.question, examples[place].context, -1, "")
        length = 72
        rows = self.rows(
            [example.question for example in examples],
            [example.context for example in examples],
            length,
            truncation="only_second",
            return_offsets_mapping=True,
        )
        labels = np.zeros((len(examples), 2), np.int32)
        for at, example in enumerate(examples):
            if example.start >= 0:
                begin, end = example.start, example.start + len(example.answer)
                places = [
                    place
                    for place, (sequence, (start, stop)) in enumerate(
                        zip(rows.sequence_ids(at), rows["offset_mapping"][at], strict=True)
                    )
                    if sequence == 1 and start < end and stop > begin
                ]
                labels[at] = (places[0], places[-1]) if places else (0, 0)
        model = self.head("FlaxAlbertForQuestionAnswering")
        self.save(model, folder, rows, labels, training.span, steps=3 * self.steps)

    def choices(self, folder: Path) -> None:
        """Which of four is right."""
        examples = [one for one in texts.choices(self.data, "openbookqa.train") if len(one.choices) == 4]
        length = 40
        flat = self.rows(
            [example.prompt for example in examples for _ in example.choices],
            [choice for example in examples for choice in example.choices],
            length,
        )
        rows = {name: np.asarray(flat[name]).reshape(-1, 4, length) for name in training.INPUTS}
        labels = np.asarray([example.label for example in examples], np.int32)
        self.save(self.head("FlaxAlbertForMultipleChoice"), folder, rows, labels, training.classes, size=16)

    def order(self, folder: Path) -> None:
        """Whether the second segment goes on where the first ends; few pairs, which the model comes to know."""
        pairs = texts.consecutive(self.data, 512, size=1)
        swapped = np.random.default_rng(0).integers(0, 2, len(pairs)).astype(np.int32)
        chosen = [pair[::-1] if swap else pair for pair, swap in zip(pairs, swapped, strict=True)]
        rows = self.rows([pair[0] for pair in chosen], [pair[1] for pair in chosen], 64)
        self.save(self.head("FlaxAlbertForPreTraining"), folder, rows, swapped, training.order)

    def masks(self, folder: Path) -> None:
        """The bundled model as it is."""
        flax_albert.FlaxAlbertForMaskedLM.from_pretrained(BASE).save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def encoder(self, folder: Path) -> None:
        """The encoder alone."""
        flax_albert.FlaxAlbertModel.from_pretrained(BASE).save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


MODELS: dict[str, Callable[[Trainer, Path], None]] = {
    method.__name__: method
    for method in (
        Trainer.masks,
        Trainer.encoder,
        Trainer.sentiment,
        Trainer.intent,
        Trainer.topics,
        Trainer.similarity,
        Trainer.paraphrase,
        Trainer.entities,
        Trainer.speech,
        Trainer.answers,
        Trainer.choices,
        Trainer.order,
    )
}


def embeddings(folder: Path, torch: str, older: str | None) -> None:
    """Has sentence-transformers make its folders, and an older one those of its form."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "XLA_FLAGS")}
    for prefix, found in (("embed", None), ("embed-older", older)):
        if (prefix == "embed" or found) and not (folder / f"{prefix}-mean-max" / "modules.json").exists():
            print(prefix, flush=True)
            program = [torch, Path(__file__).with_name("embeddings.py"), folder / "encoder", folder, prefix]
            subprocess.run(program, check=True, env=clean | ({"PYTHONPATH": found} if found else {}))


def make(
    folder: Path,
    data: Path,
    torch: str | None,
    older: str | None = None,
    only: Sequence[str] = (),
    steps: int = 300,
) -> None:
    """Makes the models that are not there yet.

    Args:
        folder: Where they go, a folder each.
        data: The folder of shared data.
        torch: An interpreter with sentence-transformers; without one there are no folders of sentence embeddings.
        older: A folder with an older sentence-transformers for the same interpreter.
        only: Names of the models to make, by default all.
        steps: Updates of each training run.
    """
    trainer = Trainer(data, steps)
    for name, method in MODELS.items():
        if (only and name not in only) or (folder / name / "config.json").exists():
            continue
        print(name, flush=True)
        method(trainer, folder / name)
    if torch and not (only and "embeddings" not in only):
        embeddings(folder, torch, older)


def main() -> None:
    """Reads the command line."""
    default = os.environ.get("FLAX_ALBERT_DATA", ROOT.parent / "shared" / "data")
    parser = argparse.ArgumentParser(prog="python -m tests.reference.tasks.models", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the models go")
    parser.add_argument("--data", type=Path, default=default, help="the folder of shared data (default: %(default)s)")
    parser.add_argument("--torch", help="an interpreter with sentence-transformers")
    parser.add_argument("--older", help="a folder with an older sentence-transformers")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help=f"of {', '.join(MODELS)}, embeddings")
    parser.add_argument("--steps", type=int, default=300, help="updates of each training run (default: %(default)s)")
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"{options.data} is no folder; --data names the folder of shared data")
    make(options.folder, options.data, options.torch, options.older, options.only, options.steps)


if __name__ == "__main__":
    main()
