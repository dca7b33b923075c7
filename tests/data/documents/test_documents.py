"""Documents of files of every format, and what is said of those that are none."""

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from flax_albert.data.documents import texts
from flax_albert.data.documents.documents import Documents, ReadOptions
from flax_albert.data.errors import DataError

ROWS = [{"id": "one", "text": "First.\n\nStill first."}, {"id": 2, "text": "Second."}, {"text": "Third: naïve 中."}]
LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()


def zstd(data: bytes) -> bytes:
    return pyarrow.compress(data, codec="zstd", asbytes=True)


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("suffix", "packed"),
    [("", bytes), (".gz", gzip.compress), (".xz", lzma.compress), (".bz2", bz2.compress), (".zst", zstd)],
)
def test_rows_are_documents_however_they_are_packed(
    suffix: str, packed: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = written(tmp_path / f"rows.jsonl{suffix}", packed(LINES))
    found = list(Documents([path, path]))
    assert [document.text for document in found] == [row["text"] for row in ROWS] * 2
    assert [document.name for document in found[:3]] == ["one", "2", "Third: naïve 中."]  # of its text, without an id
    assert [document.where for document in found[:2]] == [f"line {n} of rows.jsonl{suffix}" for n in (1, 2)]
    assert not any(document.fault for document in found)
    positions = [document.position for document in found]
    assert positions == sorted(positions)
    assert positions[-1] == Documents([path, path]).size


def test_rows_of_tables(tmp_path: Path) -> None:
    table = pyarrow.table({"body": [row["text"] for row in ROWS], "title": ["a", "b", None]})
    pyarrow.parquet.write_table(table, tmp_path / "rows.parquet")
    written(tmp_path / "rows.csv", b'title,body\na,"First.\n\nStill first."\nb,Second.\n')
    options = ReadOptions(text_key="body", id_key="title")
    found = list(Documents([tmp_path / "rows.parquet"], options))
    assert [(document.name, document.text) for document in found] == list(
        zip(["a", "b", ROWS[2]["text"]], [row["text"] for row in ROWS], strict=True)
    )
    assert [document.where for document in found] == [f"row {number} of rows.parquet" for number in (1, 2, 3)]
    assert found[-1].position == Documents([tmp_path / "rows.parquet"]).size
    assert [document.text for document in Documents([tmp_path / "rows.csv"], options)] == [
        row["text"] for row in ROWS[:2]
    ]


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("blank-lines", [(1, "One line.\nAnother."), (4, "A second."), (7, "A third.")]),
        ("line", [(1, "One line."), (2, "Another."), (4, "A second."), (7, "A third.")]),
        ("file", [(1, "One line.\nAnother.\n\nA second.\n \n\nA third.")]),
    ],
)
def test_what_a_document_is_in_a_text_file(layout: texts.TextLayout, expected: list[object], tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", b"One line.\r\nAnother.\r\n\r\nA second.\n \n\nA third.")
    found = list(Documents([path], ReadOptions(text_layout=layout)))
    assert [(document.where, document.text) for document in found] == [
        (f"line {number} of a.txt", text)
        for number, text in expected  # pyrefly: ignore
    ]
    assert all(document.name == document.text for document in found)


def test_blank_lines_may_begin_and_end_a_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", b"\n\n\nText.\n\n\n")
    for layout in ("blank-lines", "file"):
        (document,) = Documents([path], ReadOptions(text_layout=layout))
        assert (document.where, document.text.strip()) == ("line 4 of a.txt", "Text.")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.jsonl", b'{"text": "fine"}\n{"text": ""}\n', "line 2 of a.jsonl is an empty document"),
        ("a.jsonl", b'{"text": "fine"}\n{"text": "... -- !"}\n', "line 2 of a.jsonl is an empty document"),
        ("a.jsonl", b'{"text": "fine"}\n{"text": \n', "line 2 of a.jsonl is no JSON"),
        ("a.jsonl", b'{"text": "fine"}\n["text"]\n', "line 2 of a.jsonl is no JSON object"),
        (
            "a.jsonl",
            b'{"text": "fine"}\n{"body": "x", "n": 1}\n',
            "line 2 of a.jsonl has no 'text'; it has 'body', 'n'",
        ),
        ("a.jsonl", b'{"text": "fine"}\n{"text": null}\n', "line 2 of a.jsonl has a 'text' that is no text but null"),
        ("a.jsonl", b'{"text": "fine"}\n{"text": ["x"]}\n', "line 2 of a.jsonl has a 'text' that is no text but list"),
        ("a.jsonl", b'{"text": "fine"}\n{"text": "x", "id": {}}\n', "line 2 of a.jsonl has an 'id' that is neither"),
        ("a.jsonl", b'{"text": "fine"}\n{"text": "caf\xe9"}\n', "line 2 of a.jsonl is not UTF-8 .its byte 14 is 0xe9"),
        ("a.jsonl", b'{"text": "fine"}\n{"text": "x\\u0000y"}\n', "line 2 of a.jsonl holds the character 0"),
        ("a.jsonl", b'{"text": "fine"}\n{"text": "\\ud800"}\n', "line 2 of a.jsonl holds half of a surrogate pair"),
        ("a.txt", b"fine\n\nb\nc \xff d\ne\n", "line 4 of a.txt is not UTF-8"),
        ("a.txt", b"fine\n\n----\n", "line 3 of a.txt is an empty document"),
        ("a.txt", "fine\n".encode("utf-16"), "line 1 of a.txt is not UTF-8"),
    ],
)
def test_what_is_wrong_with_a_document_and_where(name: str, data: bytes, message: str, tmp_path: Path) -> None:
    found = list(Documents([written(tmp_path / name, data + b"\nlast" * (name == "a.never"))]))
    (fault,) = [document.fault for document in found if document.fault][:1]
    assert message.partition(".its")[0] in fault
    assert len(fault.splitlines()) == 1
    assert sum(document.fault is None for document in found) == ("utf-16" not in message and b"\0" not in data[:9])


def test_what_follows_a_bad_document_is_read(tmp_path: Path) -> None:
    data = b'{"text": "one"}\nnone\n{"text": "two"}\n'
    assert [document.text for document in Documents([written(tmp_path / "a.jsonl", data)]) if not document.fault] == [
        "one",
        "two",
    ]
    data = b"one\n\nb\xff\nrest of b\n\ntwo\n"
    assert [document.text for document in Documents([written(tmp_path / "a.txt", data)]) if not document.fault] == [
        "one",
        "two",
    ]


def test_a_document_that_memory_could_not_hold_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "LONGEST_DOCUMENT", 100)
    path = written(tmp_path / "a.txt", b"short\n\n" + b"forty letters, more or less, and a space\n" * 50 + b"\nlast\n")
    first, second, third = Documents([path])
    assert (first.text, second.text, third.text) == ("short", "", "last")
    assert second.fault is not None
    assert second.fault.startswith("the document that begins at line 3 of a.txt is longer than")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path / "gone.txt", "is no file"),
        (tmp_path, "does not say what it is"),
        (tmp_path / "a.pdf", "does not say what it is"),
        (tmp_path / "a.conll", "columns of words"),
        (written(tmp_path / "cut.jsonl.xz", lzma.compress(LINES)[:-20]), "cut.jsonl.xz cannot be read"),
        (written(tmp_path / "cut.txt.zst", zstd(LINES)[:-2]), "cut.txt.zst cannot be read"),
        (written(tmp_path / "no.txt.zst", b"no archive"), "no.txt.zst cannot be read"),
    ):
        with pytest.raises(DataError, match=message):
            list(Documents([path]))
    with pytest.raises(DataError, match="no file to read"):
        Documents([])
    with pytest.raises(ValueError, match="text_layout"):
        ReadOptions(text_layout="page")  # pyrefly: ignore
