"""The real files, against counts made of their bytes."""

from __future__ import annotations

import contextlib
import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flax_albert.data.errors import DataError
from flax_albert.data.readers import Skipped, read_choices, read_questions, read_tagged, read_texts
from flax_albert.data.readers.schemes import in_iob2
from flax_albert.data.split import split


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8-sig").replace("\r", "").removesuffix("\n").split("\n")


@pytest.mark.parametrize(
    ("name", "headed", "label", "text"),
    [
        ("classification/cola/train.tsv", 0, 1, 3),
        ("classification/cola/dev.tsv", 0, 1, 3),
        ("classification/sst2/train.tsv", 1, 1, 0),
        ("classification/sst2/dev.tsv", 1, 1, 0),
        ("pairs/rte/train.tsv", 1, 3, 1),
        ("pairs/rte/dev.tsv", 1, 3, 1),
        ("pairs/mrpc/msr_paraphrase_train.txt", 1, 0, 3),
        ("pairs/mrpc/msr_paraphrase_test.txt", 1, 0, 3),
    ],
)
def test_tables(name: str, headed: int, label: int, text: int, shared_data: Path) -> None:
    path = shared_data / "tasks" / name
    examples = list(read_texts(path))
    rows = [line.split("\t") for line in _lines(path)[headed:]]
    assert [example.text for example in examples] == [row[text] for row in rows]
    assert [example.label for example in examples] == [row[label] for row in rows]
    assert all((example.pair is not None) == ("pairs" in name) for example in examples)


@pytest.mark.parametrize("name", ["train", "test"])
def test_banking(name: str, shared_data: Path) -> None:
    folder = shared_data / "tasks/classification/banking77"
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        expected = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    assert [(example.text, example.label) for example in read_texts(folder / f"{name}.csv")] == expected
    assert {label for _, label in expected} == set(json.loads((folder / "categories.json").read_text()))


@pytest.mark.parametrize("name", ["train", "dev"])
def test_scores(name: str, shared_data: Path) -> None:
    path = shared_data / f"tasks/pairs/stsb/stsb-en-{name}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        expected = [(one, two, float(score)) for one, two, score in csv.reader(file)]
    assert [(example.text, example.pair, example.label) for example in read_texts(path, "number")] == expected


def test_passages(shared_data: Path) -> None:
    path = shared_data / "tasks/pairs/boolq/dev.jsonl"
    rows = [json.loads(line) for line in _lines(path)]
    assert [example.pair for example in read_texts(path)] == [row["passage"] for row in rows]


@pytest.mark.parametrize("name", ["pairs/rte/test.tsv", "classification/cola/test.tsv"])
def test_unlabelled_tables(name: str, shared_data: Path) -> None:
    path = shared_data / "tasks" / name
    with pytest.raises(DataError, match=r"does not say which column holds the label"):
        read_texts(path)
    assert len(list(read_texts(path, unlabelled=True))) == len(_lines(path)) - 1


@pytest.mark.parametrize(
    ("name", "scheme"),
    [("wikigold/wikigold.conll.txt", "IO"), ("wnut17/train.conll", "IOB2"), ("wnut17/dev.conll", "IOB2")],
)
def test_names(name: str, scheme: str, shared_data: Path) -> None:
    path = shared_data / "tasks/tokens" / name
    examples = list(read_tagged(path))
    rows = [line.split() for line in _lines(path) if line.strip() and not line.startswith("-DOCSTART-")]
    assert [
        (word, tag) for example in examples for word, tag in zip(example.words, example.tags or (), strict=True)
    ] == [(row[0], row[-1]) for row in rows]
    written, found = in_iob2(examples)
    assert found == scheme
    entities = Counter(tag[2:] for example in written for tag in example.tags or () if tag.startswith("B-"))
    expected: Counter[str] = Counter()
    before = "O"
    for line in _lines(path):
        tag = line.split()[-1] if line.strip() else "O"
        if tag[0] == "B" or (tag[0] == "I" and tag[2:] != before[2:]):
            expected[tag[2:]] += 1
        before = tag
    assert entities == expected


@pytest.mark.parametrize("name", ["en_ewt-ud-dev.conllu", "en_ewt-ud-train.rebuilt.conllu"])
def test_parts_of_speech(name: str, shared_data: Path) -> None:
    path = shared_data / "tasks/tokens/ud_ewt" / name
    lines = _lines(path)
    rows = [row for line in lines if line[:1].isdigit() and (row := line.split("\t"))[0].isdigit()]
    examples = list(read_tagged(path))
    assert len(examples) == sum(line.startswith("1\t") for line in lines)
    assert [word for example in examples for word in example.words] == [row[1] for row in rows]
    assert [tag for example in examples for tag in example.tags or ()] == [row[3] for row in rows]
    assert len({example.document for example in examples}) == sum(line.startswith("# newdoc") for line in lines)


@pytest.mark.parametrize(
    ("name", "count", "answerable"),
    [("squad2-dev", 6078, 2910), ("squad1-style", 2910, 2910), ("qamr-dev.squad", 18863, 18863)],
)
def test_questions(name: str, count: int, answerable: int, shared_data: Path) -> None:
    path = shared_data / f"tasks/qa/{name}.json"
    examples = list(read_questions(path))
    assert len(examples) == len({example.id for example in examples}) == count == path.read_text().count('"question":')
    assert sum(bool(example.answers) for example in examples) == answerable
    assert sum(len(example.answers) for example in examples) == sum(
        len(question["answers"])
        for article in json.loads(path.read_text())["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    )


@pytest.mark.parametrize("name", ["ARC-Easy.train", "mctest.mc500.dev", "mctest.mc500.train", "openbookqa.train"])
def test_choices(name: str, shared_data: Path) -> None:
    path = shared_data / f"tasks/multiple_choice/{name}.jsonl"
    rows = [json.loads(line) for line in _lines(path)]
    examples = list(read_choices(path))
    assert [example.label for example in examples] == [row["label"] for row in rows]
    assert [example.choices[example.label or 0] for example in examples] == [
        f"{row['sent2']} {row['ending' + str(row['label'])]}".strip() for row in rows
    ]


def test_a_sample_of_swag(shared_data: Path) -> None:
    examples = list(read_choices(shared_data / "tasks/multiple_choice/hf_swag_sample.json"))
    assert len(examples) == 10
    assert examples[0].choices[1] == "A drum line has heard approaching them."


def test_no_document_is_on_both_sides(shared_data: Path) -> None:
    sentences = list(read_tagged(shared_data / "tasks/tokens/wikigold/wikigold.conll.txt"))
    train, dev = split(sentences, 0.2)
    assert {example.document for example in train}.isdisjoint(example.document for example in dev)
    assert 0.15 < len(dev) / len(sentences) < 0.25
    questions = list(read_questions(shared_data / "tasks/qa/qamr-dev.squad.json"))
    asked, aside = split(questions, 0.1)
    assert {example.context for example in asked}.isdisjoint(example.context for example in aside)
    assert 0.09 < len(aside) / len(questions) < 0.11


_READERS: list[tuple[str, Callable[..., Any]]] = [
    ("classification/banking77/test.csv", read_texts),
    ("pairs/mrpc/msr_paraphrase_test.txt", read_texts),
    ("pairs/boolq/dev.jsonl", read_texts),
    ("tokens/ud_ewt/en_ewt-ud-dev.conllu", read_tagged),
    ("tokens/wikigold/wikigold.conll.txt", read_tagged),
    ("qa/squad1-style.json", read_questions),
    ("multiple_choice/ARC-Easy.train.jsonl", read_choices),
]


def _damaged(whole: bytes, random: np.random.Generator) -> bytes:
    """The beginning of a file, with some bytes changed, lost or doubled."""
    data = bytearray(whole[: random.integers(1, len(whole))])
    for _ in range(random.integers(0, 4)):
        place, count = random.integers(len(data)), random.integers(0, 9)
        data[place : place + count] = random.choice([b"", b"\xff", b"\t", b'"', b"\n", b"{", b"\x00", b"-1"])
    return bytes(data)


@pytest.mark.parametrize(("name", "reader"), _READERS)
def test_damaged_files_are_told_of(name: str, reader: Callable[..., Any], shared_data: Path, tmp_path: Path) -> None:
    whole = (shared_data / "tasks" / name).read_bytes()[:60_000]
    path = tmp_path / Path(name).name
    for seed in range(6):
        path.write_bytes(_damaged(whole, np.random.default_rng(seed)))
        for skipped in (None, Skipped()):
            with contextlib.suppress(DataError, OSError):
                assert list(reader(path, skipped=skipped))
