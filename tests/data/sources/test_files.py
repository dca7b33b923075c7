"""Files of every format: the rows they hold, and what is said of those that cannot be read."""

import bz2
import gzip
import json
import lzma
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from flax_albert.data.errors import DataError
from flax_albert.data.sources.files import open_file
from flax_albert.data.sources.record import Record


def read(path: Path, **options: Any) -> list[Record]:
    return [record for record in open_file(path, **options).records if record]


def written(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


ROWS = [{"id": "1", "text": "a, b"}, {"id": "2", "text": 'say "x"'}, {"id": "3", "text": ""}]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("data.csv", '\ufeffid,text\r\n1,"a, b"\r\n\r\n2,"say ""x"""\r\n3,\r\n'),
        ("data.tsv", 'id\ttext\n1\ta, b\n\n2\tsay "x"\n3\t\n'),
        ("data.jsonl", "\n".join(map(json.dumps, ROWS))),
        ("data.NDJSON", "\n\n".join(map(json.dumps, ROWS)) + "\n"),
    ],
)
def test_every_format_gives_the_same_rows(name: str, data: str, tmp_path: Path) -> None:
    records = read(written(tmp_path / name, data))
    assert [record.columns for record in records] == ROWS
    assert not any(record.fault for record in records)


def test_parquet_is_read_a_batch_at_a_time(tmp_path: Path) -> None:
    rows = [{"text": f"text {number}", "choices": ["a", str(number)]} for number in range(3000)]
    path = tmp_path / "data.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=1500)
    source = open_file(path)
    records = [record for record in source.records if record]
    assert [record.columns for record in records] == rows
    assert (records[-1].where, records[-1].position, source.total) == ("row 3000 of data.parquet", 3000, 3000)


@pytest.mark.parametrize(
    ("suffix", "compress"), [(".gz", gzip.compress), (".xz", lzma.compress), (".bz2", bz2.compress)]
)
def test_compressed_files(suffix: str, compress: Callable[[bytes], bytes], tmp_path: Path) -> None:
    data = compress(b"text\n" + b"a line\n" * 1000)
    path = written(tmp_path / f"data.csv{suffix}", data)
    records = read(path)
    assert [record.columns for record in records] == [{"text": "a line"}] * 1000
    assert records[-1].position == open_file(path).total == len(data)
    broken = written(tmp_path / f"broken.csv{suffix}", data[: len(data) // 2])
    with pytest.raises(DataError, match=f"broken.csv{suffix} cannot be read: "):
        read(broken)


def test_a_field_of_several_lines_counts_its_lines(tmp_path: Path) -> None:
    records = read(written(tmp_path / "data.csv", 'text,n\n"one\ntwo",1\nthree\nfour,2\n'))
    assert records[0].columns == {"text": "one\ntwo", "n": "1"}
    assert records[1].fault == "line 4 of data.csv has 1 fields, and there are 2 columns: mend it."
    assert (records[2].where, records[2].columns) == ("line 5 of data.csv", {"text": "four", "n": "2"})


@pytest.mark.parametrize(
    ("name", "data", "number", "fault"),
    [
        ("data.txt", b"one\ntw\xff\nthree", 1, "line 2 of data.txt is not UTF-8 (its byte 3 is 0xff); convert it"),
        ("data.csv", b"text,n\none,1\ntw\xff,2\nthree,3", 1, "line 3 of data.csv is not UTF-8 (its byte 3 is 0xff)"),
        ("data.csv", b"text,n\none,1\ntwo,2,x\nthree,3", 1, "line 3 of data.csv has 3 fields, and there are 2 columns"),
        ("data.csv", b'text\none\n"two"x\nthree', 1, "line 3 of data.csv is no CSV: ',' expected after '\"'; is there"),
        ("data.csv", b'text\none\nx\n"two\nthree', 2, "line 4 of data.csv is no CSV: unexpected end of data"),
        ("data.tsv", b"text\tn\none\t1\ntwo\n", 1, "line 3 of data.tsv has 1 fields, and there are 2 columns"),
        (
            "data.jsonl",
            b'{"a":1}\n{"a":\n{}',
            1,
            "line 2 of data.jsonl is no JSON: Expecting value at its character 6.",
        ),
        ("data.jsonl", b'{"a":1}\n[1]\n{}', 1, "line 2 of data.jsonl is no JSON object; write one a line"),
        ("data.jsonl", b'{"a":1}\n{"a":"\\ud800"}', 1, "line 2 of data.jsonl holds half of a surrogate pair"),
        ("data.jsonl", b'{"a":' + b"[" * 100_000, 0, "line 1 of data.jsonl cannot be read: "),
        ("data.jsonl", b'{"a":' + b"9" * 5000 + b"}", 0, "line 1 of data.jsonl cannot be read: "),
    ],
)
def test_a_row_at_fault_is_named_and_the_others_stay(
    name: str, data: bytes, number: int, fault: str, tmp_path: Path
) -> None:
    records = read(written(tmp_path / name, data))
    assert [place for place, record in enumerate(records) if record.fault] == [number]
    assert str(records[number].fault).startswith(fault)


def test_numbers_that_are_no_json_are_null(tmp_path: Path) -> None:
    (record,) = read(written(tmp_path / "data.jsonl", '{"text": "a", "x": NaN, "y": [-Infinity]}'))
    assert record.columns == {"text": "a", "x": None, "y": [None]}


def test_a_million_characters_are_a_text(tmp_path: Path) -> None:
    text = "wörter " * 150_000
    for name, data in (("data.csv", f"text\n{text}\n"), ("data.jsonl", json.dumps({"text": text}))):
        (record,) = read(written(tmp_path / name, data))
        assert record.columns["text"] == text


def test_sentences_of_words(tmp_path: Path) -> None:
    conll = "-DOCSTART- O\n\nAda NNP B-PER\r\ncame VBD O\n\n\nYes UH O\nx\n"
    universal = (
        "# sent_id = 1\n1-2\tdon't" + "\t_" * 8 + "\n1\tdo\tdo\tAUX" + "\t_" * 6 + "\n2\tn't\tnot\tPART" + "\t_" * 6
    )
    records = read(written(tmp_path / "data.conll", conll))
    assert [record.columns for record in records] == [
        {"number": 3, "words": ["Ada", "came"], "tags": ["B-PER", "O"]},
        {"number": 7, "words": ["Yes", "x"], "tags": ["O", None]},
    ]
    (record,) = read(written(tmp_path / "data.conllu", universal))
    assert record.columns == {"number": 2, "words": ["do", "n't"], "tags": ["AUX", "PART"]}
    first, second = read(written(tmp_path / "bad.conll", b"one\nt\xff\n\nthree\n"))
    assert str(first.fault).startswith("line 2 of bad.conll is not UTF-8")
    assert second.where == "line 4 of bad.conll"


def test_columns_named_on_the_command_line(tmp_path: Path) -> None:
    (record,) = read(written(tmp_path / "data.csv", "one,two\n"), header=["a", "b"])
    assert record.columns == {"a": "one", "b": "two"}
    with pytest.raises(DataError, match="--header names the columns of a CSV or TSV"):
        read(written(tmp_path / "data.jsonl", "{}"), header=["a"])


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("data.csv", b"", "'.*data.csv' is empty"),
        ("data.csv", b"text\n", "data.csv holds no text"),
        ("data.txt", b"\n \n", "data.txt holds no text"),
        ("data.csv", b"text,n,text\na,1,b\n", "data.csv has two columns named 'text'; rename one"),
        ("data.csv", b"t\xff,n\n", "line 1 of data.csv is not UTF-8"),
        ("data.bin", b"x", "does not say what it is: its name ends in none of .txt, .csv, .*--input-format text|csv"),
        ("data", b"x", "does not say what it is"),
        ("data.parquet", b"PAR1 nothing of the kind", "data.parquet cannot be read as Parquet"),
    ],
)
def test_files_that_are_of_no_use(name: str, data: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        read(written(tmp_path / name, data))


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere.txt' cannot be read: No such file"):
        read(tmp_path / "nowhere.txt")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match=r"folder.csv' is a directory; name a file"):
        read(tmp_path / "folder.csv")
    if os.geteuid():
        locked = written(tmp_path / "locked.txt", "x")
        locked.chmod(0)
        with pytest.raises(DataError, match=r"locked.txt' cannot be read: Permission denied"):
            read(locked)


def test_parquet_with_two_columns_of_one_name(tmp_path: Path) -> None:
    table = pyarrow.table([pyarrow.array(["a"]), pyarrow.array(["b"])], names=["text", "text"])
    pyarrow.parquet.write_table(table, tmp_path / "data.parquet")
    with pytest.raises(DataError, match="two columns named 'text'"):
        read(tmp_path / "data.parquet")
