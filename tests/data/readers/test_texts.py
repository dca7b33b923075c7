"""Texts and pairs, from every kind of source."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from flax_albert.data.errors import DataError
from flax_albert.data.readers import Skipped, read_texts


class ClassLabel:
    """As the feature of that name in the datasets library."""

    def __init__(self, names: list[str]) -> None:
        self.names = names


class DataSet(list[dict[str, Any]]):
    """As a data set of the datasets library: rows, and what their columns are."""

    def __init__(self, rows: list[dict[str, Any]], features: dict[str, Any]) -> None:
        super().__init__(rows)
        self.features = features
        self.column_names = list(features)


def _read(path: Path, **options: Any) -> list[tuple[Any, ...]]:
    return [(example.text, example.pair, example.label) for example in read_texts(path, **options)]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("cola.tsv", "gj04\t1\t\tIt's fine.\ngj04\t0\t*\tFine it's.\n", ("It's fine.", None, "1")),
        ("cola_test.tsv", "index\tsentence\tlabel\n0\tA.\t1\n", ("A.", None, "1")),
        ("sst2.tsv", 'sentence\tlabel\n"quoted " film\t0\n', ('"quoted " film', None, "0")),
        (
            "mrpc.tsv",
            '\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n1\t7\t8\tHe said "no.\tNo.\r\n',
            ('He said "no.', "No.", "1"),
        ),
        ("mrpc.txt", "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t7\t8\tYes.\tNo.\n", ("Yes.", "No.", "1")),
        ("rte.tsv", "index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\tentailment\n", ("A.", "B.", "entailment")),
        ("qnli.tsv", "index\tquestion\tsentence\tlabel\n0\tQ?\tB.\tentailment\n", ("Q?", "B.", "entailment")),
        ("qqp.tsv", "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n0\t1\t2\tQ?\tR?\t1\n", ("Q?", "R?", "1")),
        (
            "mnli.tsv",
            (
                "index\tpromptID\tgenre\tsentence1_parse\tsentence1\tsentence2\tlabel1\tlabel2\tgold_label\n"
                "0\t3\tfiction\t(A)\tA.\tB.\tneutral\tneutral\tcontradiction\n"
            ),
            ("A.", "B.", "contradiction"),
        ),
        ("data.csv", 'text,category\n"a, ""b""\nc",card\n', ('a, "b"\nc', None, "card")),
        ("data.jsonl", '{"premise": "A.", "hypothesis": "B.", "label": true}\n', ("A.", "B.", "true")),
        ("data.json", '[{"text": "A.", "label": 2}]', ("A.", None, "2")),
        ("wrapped.json", '{"data": [{"text": "A.", "label": 2}]}', ("A.", None, "2")),
        ("lines.json", '{"text": "A.", "label": "x"}\n{"text": "B.", "label": "y"}\n', ("A.", None, "x")),
    ],
)
def test_the_usual_files(name: str, data: str, expected: tuple[Any, ...], tmp_path: Path) -> None:
    (tmp_path / name).write_text(data, encoding="utf-8", newline="")
    assert _read(tmp_path / name)[0] == expected


def test_numbers_without_a_header(tmp_path: Path) -> None:
    (tmp_path / "stsb.csv").write_text('A plane.,"A, plane.",5.0\nA man.,No man.,0.75\n')
    assert _read(tmp_path / "stsb.csv", labels="number") == [
        ("A plane.", "A, plane.", 5.0),
        ("A man.", "No man.", 0.75),
    ]


def test_texts_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One.\n\nTwo.\n")
    assert _read(tmp_path / "a.txt", unlabelled=True) == [("One.", None, None), ("Two.", None, None)]


def test_a_name_that_does_not_say_what_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "a.data").write_text("text,label\nFine.,x\n")
    with pytest.raises(DataError, match=r"Say so with --format or file_format: csv, tsv"):
        _read(tmp_path / "a.data")
    assert _read(tmp_path / "a.data", file_format="csv") == [("Fine.", None, "x")]


def test_compressed_and_parquet(tmp_path: Path) -> None:
    (tmp_path / "data.jsonl.gz").write_bytes(gzip.compress(b'{"text": "A.", "label": 1}\n'))
    (tmp_path / "data.json.gz").write_bytes(gzip.compress(b'[{"text": "A.", "label": 1}]\n'))
    table = pyarrow.table({"text": ["A.", "B."], "label": [1.0, 2.5]})
    pyarrow.parquet.write_table(table, tmp_path / "data.parquet")
    assert _read(tmp_path / "data.jsonl.gz") == _read(tmp_path / "data.json.gz") == [("A.", None, "1")]
    assert _read(tmp_path / "data.parquet") == [("A.", None, "1"), ("B.", None, "2.5")]


def test_numbers_of_classes_become_names() -> None:
    features = {"text": None, "label": ClassLabel(["bad", "good"])}
    data_set = DataSet([{"text": "A.", "label": 1}, {"text": "B.", "label": -1}], features)
    first, second = read_texts(data_set, unlabelled=True)
    assert (first.label, second.label) == ("good", None)
    with pytest.raises(DataError, match=r"row 2 of the data set has no 'label'"):
        list(read_texts(data_set))


def test_arrays_are_numbers_and_lists() -> None:
    rows = [{"text": np.str_("A."), "label": np.int64(1)}]
    assert [example.label for example in read_texts(DataSet(rows, {"label": ClassLabel(["bad", "good"])}))] == ["good"]
    assert [example.label for example in read_texts(rows, "number")] == [1.0]
    assert [example.label for example in read_texts([{"text": "A.", "labels": np.array([3, 5])}], "classes")] == [
        ("3", "5")
    ]


def test_a_data_set_of_several_splits_is_none() -> None:
    with pytest.raises(DataError, match=r"choose one of what it holds: 'train', 'test'"):
        read_texts({"train": [], "test": []})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "options", "expected"),
    [
        ([{"text": "A.", "labels": ["x", "y", "x"]}], {}, ("x", "y")),
        ([{"text": "A.", "labels": []}], {}, ()),
        ([{"text": "A.", "label": "x, y"}], {}, ("x", "y")),
        ([{"text": "A.", "label": "x y|z"}], {"separator": "|"}, ("x y", "z")),
        ([{"text": "A.", "label": ""}], {}, ()),
        ([{"text": "A.", "label": '["x", "y"]'}], {}, ("x", "y")),
        ([{"text": "A.", "rude": "1", "long": "0", "loud": 1}], {"columns": {"label": ["rude", "long", "loud"]}},
         ("rude", "loud")),
    ],
)  # fmt: skip
def test_several_classes(rows: list[dict[str, Any]], options: dict[str, Any], expected: tuple[str, ...]) -> None:
    [example] = read_texts(rows, "classes", **options)
    assert example.label == expected


def test_columns_and_headers_that_are_named(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("body,stars,topic\nFine.,4,film\n")
    columns = {"text": "body", "label": "topic"}
    assert _read(tmp_path / "data.csv", columns=columns) == [("Fine.", None, "film")]
    (tmp_path / "bare.tsv").write_text("film\tFine.\nfilm\tDull.\n")
    assert _read(tmp_path / "bare.tsv", header=["label", "text"])[0] == ("Fine.", None, "film")
    with pytest.raises(DataError, match=r"bare.tsv does not say which column holds the text .* or all with --header"):
        _read(tmp_path / "bare.tsv")
    with pytest.raises(DataError, match=r"data.csv has no column 'tale'; it has 'body', 'stars', 'topic'"):
        _read(tmp_path / "data.csv", columns={"text": "tale"})
    with pytest.raises(DataError, match=r"no field 'texts'"):
        _read(tmp_path / "data.csv", columns={"texts": "body"})


def test_two_columns_that_may_be_labels_are_asked_about(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("text,stars,category\nFine.,4,film\n")
    with pytest.raises(DataError, match=r"may have its labels in 'stars', 'category'; name one"):
        _read(tmp_path / "data.csv")


@pytest.mark.parametrize(
    ("name", "bad", "labels", "message"),
    [
        ("a.tsv", b"fine\t", "class", "line 3 of a.tsv has no 'label'."),
        ("a.tsv", b"  \t1", "class", "line 3 of a.tsv has an empty 'text'."),
        ("a.tsv", b"one\ttwo\t1", "class", "line 3 of a.tsv has 3 fields, and there are 2 columns"),
        ("a.tsv", b"caf\xe9\t1", "class", "line 3 of a.tsv is not UTF-8 .its byte 4 is 0xe9."),
        ("a.tsv", b"fine\tlots", "number", "line 3 of a.tsv has 'lots' in 'label', which is no number."),
        ("a.tsv", b"fine\tinf", "number", "line 3 of a.tsv has 'inf' in 'label', which is no number."),
        ("a.jsonl", b'{"text": "fine"}', "class", "line 3 of a.jsonl has no 'label'."),
        ("a.jsonl", b'{"text": 7, "label": 1}', "class", "line 3 of a.jsonl has a 'text' that is no text but int."),
        ("a.jsonl", b'{"text": "A", "label": ["x"]}', "class", "line 3 of a.jsonl has a list in 'label'"),
        ("a.jsonl", b'{"text": "A", "label": {}}', "class", "line 3 of a.jsonl has a 'label' that is no label but"),
        ("a.jsonl", b'{"text": "A", "lab', "class", "line 3 of a.jsonl is no JSON"),
        ("a.jsonl", b'{"text": "\\ud800", "label": 1}', "class", "line 3 of a.jsonl holds half of a surrogate"),
        ("a.json", b'{"text": ""}', "class", r"\[2\] of a.json has no 'text'"),
        ("a.json", b"7", "class", r"\[2\] of a.json is no JSON object"),
    ],
)
def test_rows_at_fault(name: str, bad: bytes, labels: Any, message: str, tmp_path: Path) -> None:
    good = b"good\t1" if name == "a.tsv" else b'{"text": "good", "label": 1}'
    rows = [b"text\tlabel" if name == "a.tsv" else good, good, bad, good]
    if name == "a.tsv":
        rows = [rows[0], good, bad, good]
    text = b"[" + b",".join(rows) + b"]" if name == "a.json" else b"\n".join(rows) + b"\n"
    (tmp_path / name).write_bytes(text)
    with pytest.raises(DataError, match=message):
        list(read_texts(tmp_path / name, labels))
    skipped = Skipped()
    examples = list(read_texts(tmp_path / name, labels, skipped=skipped))
    assert {example.text for example in examples} == {"good"}
    assert skipped.count == len(skipped.listed) == 1
    with pytest.raises(DataError, match=message):
        raise DataError(skipped.listed[0])


def test_a_file_of_faults_alone_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("text\tlabel\n" + "fine\t\n" * 30)
    skipped = Skipped()
    with pytest.raises(DataError, match=r"a.tsv gives no examples: all 30 of its rows are at fault; the first: line 2"):
        list(read_texts(tmp_path / "a.tsv", skipped=skipped))
    assert (skipped.count, len(skipped.listed)) == (30, 20)


def test_broken_json_is_named_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"text": "A"},\n {"text": ]')
    with pytest.raises(DataError, match=r"a.json is no JSON: Expecting value at character 11 of line 2"):
        read_texts(tmp_path / "a.json")
    (tmp_path / "b.json").write_text(json.dumps([]))
    with pytest.raises(DataError, match=r"b.json gives no examples: it holds none"):
        list(read_texts(tmp_path / "b.json"))


def test_what_is_no_file(tmp_path: Path) -> None:
    for name in ("none.csv", "none.json"):
        with pytest.raises(DataError, match=rf"{name}' cannot be read: No such file"):
            read_texts(tmp_path / name)
    with pytest.raises(DataError, match=r"is a directory"):
        read_texts(tmp_path, file_format="csv")
    with pytest.raises(DataError, match=r"this is int"):
        read_texts(7)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"labels is one of class, classes, number"):
        read_texts([], "kind")  # type: ignore[arg-type]


def test_columns_are_looked_for_behind_rows_at_fault(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{\n" * 150 + "{}\n" + '{"text": "A.", "label": 1}\n')
    skipped = Skipped()
    assert [example.text for example in read_texts(tmp_path / "a.jsonl", skipped=skipped)] == ["A."]
    assert skipped.count == 151
    with pytest.raises(DataError, match=r"row 1 of the list holds nothing."):
        list(read_texts([{}]))


def test_labels_that_nobody_asks_for() -> None:
    rows = [{"text": "A.", "stars": 3, "score": ["x"]}, {"text": "B."}]
    assert [example.label for example in read_texts(rows, "none")] == [None, None]
