"""The real texts that tasks are trained and compared on, read from the folder of shared data; standard library alone.

Every reader takes that folder and gives all rows of a file in their order.
"""

from __future__ import annotations

import csv
import json
import lzma
import re
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple


class Labelled(NamedTuple):
    """A text, or a pair of them, and what it is."""

    text: str
    pair: str | None
    label: str


class Words(NamedTuple):
    """A sentence that is split into words, a label each."""

    words: list[str]
    labels: list[str]


class Question(NamedTuple):
    """A question on a context; ``start`` is -1 where the context does not answer it."""

    question: str
    context: str
    start: int
    answer: str


class Choice(NamedTuple):
    """A beginning, how it may go on, and which of these is right."""

    prompt: str
    choices: list[str]
    label: int


def _tabbed(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from islice(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1, None)


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.reader(lines)


def sst2(data: Path, part: str) -> list[Labelled]:
    """Sentences of film reviews: ``negative`` or ``positive``."""
    rows = _tabbed(data / "tasks" / "classification" / "sst2" / f"{part}.tsv")
    return [Labelled(text, None, ("negative", "positive")[int(label)]) for text, label in rows]


def banking77(data: Path, part: str) -> list[Labelled]:
    """Questions to a bank, of 77 intents."""
    rows = islice(_rows(data / "tasks" / "classification" / "banking77" / f"{part}.csv"), 1, None)
    return [Labelled(text, None, label) for text, label in rows]


def stsb(data: Path, part: str) -> list[Labelled]:
    """Pairs of sentences; the label is how alike they are, 0 to 5."""
    return [Labelled(*row) for row in _rows(data / "tasks" / "pairs" / "stsb" / f"stsb-en-{part}.csv")]


def mrpc(data: Path, part: str) -> list[Labelled]:
    """Pairs of sentences: ``different`` or a ``paraphrase``."""
    rows = _tabbed(data / "tasks" / "pairs" / "mrpc" / f"msr_paraphrase_{part}.txt")
    return [Labelled(first, second, ("different", "paraphrase")[int(label)]) for label, _, _, first, second in rows]


def rte(data: Path, part: str) -> list[Labelled]:
    """Pairs of passage and sentence: ``entailment`` or not."""
    rows = _tabbed(data / "tasks" / "pairs" / "rte" / f"{part}.tsv")
    return [Labelled(first, second, label) for _, first, second, label in rows]


def conll(path: Path) -> list[Words]:
    """Sentences of a file with a word and its label a line, labels as B-, I- and O whichever way the file has them."""
    sentences, words, labels = [], [], []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if parts := line.split():
            words.append(parts[0])
            labels.append(parts[-1])
        elif words:
            begun = [
                f"B-{label[2:]}" if label[:1] == "I" and previous[2:] != label[2:] else label
                for previous, label in pairwise(["O", *labels])
            ]
            sentences.append(Words(words, begun))
            words, labels = [], []
    return sentences


def entities(data: Path) -> list[Words]:
    """The sentences of wikigold: persons, places, organisations and other names of an encyclopedia."""
    return conll(data / "tasks" / "tokens" / "wikigold" / "wikigold.conll.txt")


def wnut17(data: Path, part: str) -> list[Words]:
    """Sentences that people wrote on the web, with rare names."""
    return conll(data / "tasks" / "tokens" / "wnut17" / f"{part}.conll")


def ud_ewt(data: Path, part: str) -> list[Words]:
    """Sentences of the English Web Treebank with the part of speech of every word."""
    path = next((data / "tasks" / "tokens" / "ud_ewt").glob(f"en_ewt-ud-{part}*.conllu"))
    sentences = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        rows = [line.split("\t") for line in block.splitlines() if line[:1].isdigit()]
        rows = [row for row in rows if row[0].isdigit()]
        if rows:
            sentences.append(Words([row[1] for row in rows], [row[3] for row in rows]))
    return sentences


def squad(path: Path) -> list[Question]:
    """The questions of a file in SQuAD's form, each with its first answer."""
    questions = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for item in paragraph["qas"]:
                answers = [] if item.get("is_impossible") else item["answers"]
                start, text = (answers[0]["answer_start"], answers[0]["text"]) if answers else (-1, "")
                questions.append(Question(item["question"], paragraph["context"], start, text))
    return questions


def squad2(data: Path) -> list[Question]:
    """Questions on paragraphs of an encyclopedia, half of them without an answer there."""
    return squad(data / "tasks" / "qa" / "squad2-dev.json")


def qamr(data: Path) -> list[Question]:
    """Short questions on single sentences."""
    return squad(data / "tasks" / "qa" / "qamr-dev.squad.json")


def choices(data: Path, name: str) -> list[Choice]:
    """The rows of a file of multiple choice, such as ``openbookqa.train``."""
    found = []
    for line in (data / "tasks" / "multiple_choice" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        endings = [row[f"ending{number}"] for number in range(9) if row.get(f"ending{number}") is not None]
        prompt = " ".join(part for part in (row["sent1"], row["sent2"]) if part)
        found.append(Choice(prompt, endings, row["label"]))
    return found


def documents(data: Path, name: str = "expository") -> Iterator[str]:
    """Textbooks (``expository``) or novels (``fiction``), one document after another."""
    with lzma.open(data / "pretrain" / f"train_{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def sentences(text: str) -> list[str]:
    """A document's sentences, cut where a full stop and a space are."""
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+", text) if part.strip()]


def consecutive(
    data: Path, count: int, skip: int = 0, name: str = "expository", size: int = 2
) -> list[tuple[str, str]]:
    """Pairs of segments of some sentences, the second of which goes on where the first ends."""
    pairs: list[tuple[str, str]] = []
    for text in islice(documents(data, name), skip, None):
        parts = [part for part in sentences(text) if 20 <= len(part) <= 300]
        joined = [" ".join(parts[at : at + size]) for at in range(0, len(parts) - size + 1, size)]
        pairs += zip(joined[::2], joined[1::2], strict=False)
        if len(pairs) >= count:
            return pairs[:count]
    raise ValueError(f"the file has fewer than {count} pairs of segments")
