"""The file of results: whole or not there, and gone on with from wherever a run ended."""

import csv
import json
import os
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from flax_albert.cli.errors import UserError
from flax_albert.cli.sinks.output_file import OutputFile

IDENTITY = {"the input": {"size": 9}, "--top-k": 5}
ROWS = [{"id": 1, "text": "a, b", "score": 0.5}, {"id": 2, "text": "c\td\n", "more": [1, None]}, {"error": "bad"}]


def make(path: Path, rows: list[dict[str, Any]], **options: Any) -> Path:
    with OutputFile(path, **options) as output:
        output.begin(IDENTITY)
        for place in range(0, len(rows), 1000):
            output.write(rows[place : place + 1000])
            output.commit(rows=min(place + 1000, len(rows)), window=place, errors=0)
        output.commit(rows=len(rows), window=len(rows), errors=0, complete=True)
        output.finish()
    return path


def test_json_lines(tmp_path: Path) -> None:
    path = make(tmp_path / "out.jsonl", ROWS)
    assert [json.loads(line) for line in path.read_text().splitlines()] == ROWS
    assert list(tmp_path.iterdir()) == [path]


def test_csv_has_every_column_and_errors_last(tmp_path: Path) -> None:
    with make(tmp_path / "out.csv", [ROWS[2], *ROWS[:2]]).open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["id", "text", "score", "more", "error"],
        ["", "", "", "", "bad"],
        ["1", "a, b", "0.5", "", ""],
        ["2", "c\td\n", "", "[1, null]", ""],
    ]
    assert len(list(tmp_path.iterdir())) == 1


def test_tsv_keeps_every_row_on_a_line(tmp_path: Path) -> None:
    lines = make(tmp_path / "out.tsv", ROWS).read_text().splitlines()
    assert [line.split("\t") for line in lines] == [
        ["id", "text", "score", "more", "error"],
        ["1", "a, b", "0.5", "", ""],
        ["2", "c d ", "", "[1, null]", ""],
        ["", "", "", "", "bad"],
    ]


def test_parquet_finds_types_and_falls_back_on_json(tmp_path: Path) -> None:
    rows = [{"n": 1, "mixed": "x", "empty": None, "e": {}}] * 5000 + [{"n": 0.5, "mixed": 2, "big": 2**70, "s": ["é"]}]
    table = pyarrow.parquet.read_table(make(tmp_path / "out.parquet", rows))
    types = {field.name: field.type for field in table.schema}
    assert types["n"] == pyarrow.float64()
    assert types["s"] == pyarrow.list_(pyarrow.string())
    assert types["mixed"] == types["big"] == types["e"] == pyarrow.string()
    assert table.to_pylist()[0] == {"n": 1.0, "mixed": '"x"', "empty": None, "e": "{}", "big": None, "s": None}
    assert table.to_pylist()[-1]["mixed"] == "2"
    assert table.to_pylist()[-1]["big"] == str(2**70)
    assert len(table) == 5001


def test_vectors(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    rows = [{"error": "x"}, *({"embedding": vector} for vector in vectors), {"error": "y"}]
    found = np.load(make(tmp_path / "out.npy", rows, vector="embedding"), allow_pickle=False)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found[1:4], vectors)
    assert np.isnan(found[[0, 4]]).all()
    table = pyarrow.parquet.read_table(make(tmp_path / "out.parquet", rows, vector="embedding"))
    assert table.schema.field("embedding").type == pyarrow.list_(pyarrow.float32())
    np.testing.assert_array_equal(np.asarray(table["embedding"].to_pylist()[1:4], np.float32), vectors)
    with pytest.raises(UserError, match="only vectors, those of embed, can be written as npy"):
        OutputFile(tmp_path / "labels.npy")
    with pytest.raises(UserError, match="every row was at fault"):
        make(tmp_path / "none.npy", rows[:1], vector="embedding")


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.parquet", "out.npy"])
@pytest.mark.parametrize("done", [0, 1, 3, 4])
def test_a_run_goes_on_where_it_was_and_forgets_what_does_not_count(name: str, done: int, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"error": "x"}, *({"embedding": [float(n), 0.5], "n": n} for n in range(3))]
    whole = make(tmp_path / name, rows, vector="embedding").read_bytes()
    (tmp_path / name).unlink()
    with OutputFile(tmp_path / name, vector="embedding") as output:
        output.begin(IDENTITY)
        for number, row in enumerate(rows[:done], start=1):
            output.write([row])
            output.commit(number, number, 0)
        output.write(rows[2:])  # a window that was cut short
    with OutputFile(tmp_path / name, vector="embedding", resume=True) as again:
        state = again.begin(IDENTITY)
        assert (state.rows, state.window) == (done, done)
        again.write(rows[done:])
        again.commit(4, 4, 0, complete=True)
        again.finish()
    assert (tmp_path / name).read_bytes() == whole
    assert list(tmp_path.iterdir()) == [tmp_path / name]


def test_a_run_that_ended_while_it_was_finished(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with OutputFile(path) as output:
        output.begin(IDENTITY)
        output.write(ROWS)
        output.commit(3, 1, 1, complete=True)
    (tmp_path / "out.csv.new").write_text("half a")
    with OutputFile(path, resume=True) as again:
        assert again.begin(IDENTITY).complete
        again.finish()
    assert path.read_text().startswith("id,text")
    assert list(tmp_path.iterdir()) == [path]


def begun(path: Path) -> None:
    with OutputFile(path) as output:
        output.begin(IDENTITY)
        output.write(ROWS)
        output.commit(3, 1, 1)


def rows_done(path: Path) -> int:
    with OutputFile(path, resume=True) as output:
        return output.begin(IDENTITY).rows


def test_what_is_there_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    begun(path)
    with pytest.raises(
        UserError, match="of a run that was interrupted: go on with --resume, or begin anew with --over"
    ):
        OutputFile(path)
    with pytest.raises(UserError, match="choose one"):
        OutputFile(path, resume=True, overwrite=True)
    make(path, ROWS[:1], overwrite=True)
    with pytest.raises(UserError, match="is there already; write elsewhere, or replace it with --overwrite"):
        OutputFile(path)
    assert OutputFile(path, resume=True).done
    make(path, ROWS, overwrite=True)
    assert len(path.read_text().splitlines()) == 3
    assert not OutputFile(tmp_path / "new.jsonl", resume=True).done


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"--top-k": 3}, "cannot be resumed: --top-k was 5 and is 3. Go on as it was begun"),
        ({"--top-k": None}, "--top-k was 5 and is not given"),
        ({"--stride": 7}, "--stride was not given and is 7"),
        ({"the input": {"size": 8}}, "the input has changed since"),
    ],
)
def test_a_run_goes_on_with_what_it_was_begun_with(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    begun(tmp_path / "out.jsonl")
    before = (tmp_path / "out.jsonl.partial").read_bytes()
    with pytest.raises(UserError, match=message):
        OutputFile(tmp_path / "out.jsonl", resume=True).begin({**IDENTITY, **change})
    assert (tmp_path / "out.jsonl.partial").read_bytes() == before
    assert rows_done(tmp_path / "out.jsonl") == 3


@pytest.mark.parametrize(
    "damage",
    ["", "[]", "{}", '{"version": 0}', '{"version": 1, "rows": "many"}', '{"version": 1, "rows": -1}', "[" * 9999],
)
def test_a_state_that_makes_no_sense(damage: str, tmp_path: Path) -> None:
    begun(tmp_path / "out.jsonl")
    (tmp_path / "out.jsonl.resume").write_text(damage)
    with pytest.raises(UserError, match="does not say how far the run came"):
        OutputFile(tmp_path / "out.jsonl", resume=True).begin(IDENTITY)


def test_parts_that_are_gone(tmp_path: Path) -> None:
    begun(tmp_path / "out.jsonl")
    (tmp_path / "out.jsonl.partial").write_text("x")
    with pytest.raises(UserError, match="is shorter than"):
        OutputFile(tmp_path / "out.jsonl", resume=True).begin(IDENTITY)
    (tmp_path / "out.jsonl.resume").unlink()
    with pytest.raises(UserError, match="is gone; begin anew with --overwrite"):
        OutputFile(tmp_path / "out.jsonl", resume=True)
    (tmp_path / "out.jsonl.partial").unlink()
    assert rows_done(tmp_path / "out.jsonl") == 0


def test_two_processes_cannot_write_one_file(tmp_path: Path) -> None:
    with OutputFile(tmp_path / "out.jsonl") as output:
        output.begin(IDENTITY)
        for resume in (True, False):
            with pytest.raises(UserError, match="is being written by another process"):
                OutputFile(tmp_path / "out.jsonl", resume=resume, overwrite=not resume).begin(IDENTITY)
        output.write(ROWS)
    assert (tmp_path / "out.jsonl.partial").stat().st_size > 0


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"there is no directory '.*nowhere'; make it first"):
        OutputFile(tmp_path / "nowhere" / "out.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UserError, match="is a directory; name a file"):
        OutputFile(tmp_path / "folder.csv")
    with pytest.raises(UserError, match="cannot be written: File name too long"):
        OutputFile(tmp_path / ("x" * 300 + ".csv"))
    with pytest.raises(UserError, match=r"its name ends in none of .jsonl, .*--output-format jsonl|csv"):
        OutputFile(tmp_path / "out.xlsx")
    if os.geteuid():
        tmp_path.chmod(0o500)
        with pytest.raises(UserError, match="cannot be written: Permission denied"):
            OutputFile(tmp_path / "out.csv").begin(IDENTITY)


def test_a_full_disk_loses_nothing_that_counts(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    whole = make(tmp_path / "whole.jsonl", [ROWS[0]] * 100).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with OutputFile(path) as output:
        output.begin(IDENTITY)
        output.write([ROWS[0]] * 40)
        output.commit(40, 1, 0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) // 2, limits[1]))
        try:
            with pytest.raises(UserError, match=r"cannot be written: File too large. The results of 40 rows are kept:"):
                output.write([ROWS[0]] * 60)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with OutputFile(path, resume=True) as again:
        assert again.begin(IDENTITY).rows == 40
        again.write([ROWS[0]] * 60)
        again.commit(100, 2, 0, complete=True)
        again.finish()
    assert path.read_bytes() == whole
