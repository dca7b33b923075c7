"""What all commands that answer texts do alike: files in and out, errors, and going on after an interruption."""

import csv
import io
import json
import re
import resource
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from flax_albert import pipeline
from flax_albert.cli import main
from flax_albert.tasks.text_classification import TextClassification

ROWS = [
    {"id": 1, "text": "the cat sat", "label": "gold"},
    {"id": 2, "text": "a dog, on the mat", "label": None},
    {"id": 3, "text": "man in the sun.", "label": "x"},
]


def answers(model: str, texts: list[Any]) -> list[dict[str, Any]]:
    return [answer[0] for answer in pipeline("text-classification", model).iterate(texts)]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def json_lines(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def failing(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["classify", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("flax-albert: error: ")
    assert shown.err.count("\n") == 1
    return shown.err.removeprefix("flax-albert: error: ").rstrip()


def test_results_stand_beside_the_columns_of_the_input(
    classifier: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = json_lines(tmp_path / "in.jsonl", ROWS)
    output = tmp_path / "out.jsonl"
    assert main(["classify", "--model", classifier, "--input", str(source), "--output", str(output)]) == 0
    assert capsys.readouterr().out == f"{output}: 3 rows\n"
    expected = [
        {"id": row["id"], "text": row["text"], "input_label": row["label"], **answer}
        for row, answer in zip(ROWS, answers(classifier, [row["text"] for row in ROWS]), strict=True)
    ]
    assert lines(output) == expected
    assert main(["classify", "--model", classifier, "--input", str(source), "--json", "--keep", "id"]) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert printed == [{k: v for k, v in row.items() if k in ("id", "label", "score")} for row in expected]


@pytest.mark.parametrize("source_name", ["in.csv", "in.tsv", "in.jsonl", "in.parquet"])
@pytest.mark.parametrize("output_name", ["out.csv", "out.tsv", "out.jsonl", "out.parquet"])
def test_every_format_in_every_format_out(
    source_name: str, output_name: str, classifier: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = tmp_path / source_name, tmp_path / output_name
    rows = [{"id": str(row["id"]), "sentence": row["text"]} for row in ROWS]
    if source_name == "in.parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), source)
    elif source_name == "in.jsonl":
        json_lines(source, rows)
    else:
        with source.open("w", newline="") as file:
            writer = csv.DictWriter(file, ["id", "sentence"], delimiter="\t" if source_name == "in.tsv" else ",")
            writer.writeheader()
            writer.writerows(rows)
    assert main(["classify", "--model", classifier, "--input", str(source), "--output", str(output)]) == 0
    if output_name == "out.parquet":
        found = pyarrow.parquet.read_table(output).to_pylist()
    elif output_name == "out.jsonl":
        found = lines(output)
    else:
        with output.open(newline="") as file:
            found = list(csv.DictReader(file, delimiter="\t" if output_name == "out.tsv" else ","))
    expected = [
        {**row, **answer} for row, answer in zip(rows, answers(classifier, [r["text"] for r in ROWS]), strict=True)
    ]
    assert [{**row, "score": float(row["score"])} for row in found] == expected


FAULTY = [ROWS[0], "{", {"id": 2}, {"id": 3, "text": ""}, {"id": 4, "text": 4}, [1], ROWS[2]]


def test_errors_are_noted_in_their_place(classifier: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, output = json_lines(tmp_path / "in.jsonl", FAULTY), tmp_path / "out.jsonl"
    arguments = ["classify", "--model", classifier, "--input", str(source), "--on-error", "record"]
    assert main([*arguments, "--output", str(output)]) == 0
    assert capsys.readouterr().out == f"{output}: 7 rows; 5 of them with an error\n"
    rows = lines(output)
    good = answers(classifier, [ROWS[0]["text"], ROWS[2]["text"]])
    assert [rows[0]["score"], rows[6]["score"]] == [good[0]["score"], good[1]["score"]]
    assert [row.get("error", "")[:44] for row in rows[1:6]] == [
        "line 2 of in.jsonl is no JSON: Expecting pro",
        "line 3 of in.jsonl has no column 'text'; it ",
        "line 4 of in.jsonl ('') is empty; write some",
        "line 5 of in.jsonl (4) must be a str, or a d",
        "line 6 of in.jsonl is no JSON object; write ",
    ]
    assert [row.get("id") for row in rows] == [1, None, 2, 3, 4, None, 3]
    assert main(arguments) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[0] == ROWS[0]["text"]
    assert shown.out.count("line ") == 5
    assert shown.err == "flax-albert: 5 of 7 inputs were at fault.\n"


def test_an_error_stops_and_what_comes_before_it_can_be_gone_on_with(
    classifier: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = json_lines(tmp_path / "in.jsonl", FAULTY), tmp_path / "out.csv"
    arguments = ["--model", classifier, "--input", str(source), "--output", str(output)]
    error = failing(arguments, capsys)
    assert error.startswith("line 2 of in.jsonl is no JSON")
    assert error.endswith("go on with --resume --on-error record, which notes such errors.")
    assert len(lines(tmp_path / "out.csv.partial")) == 1
    assert "go on with --resume" in failing(arguments, capsys)
    assert main(["classify", *arguments, "--resume", "--on-error", "record"]) == 0
    resumed = output.read_bytes()
    assert main(["classify", *arguments, "--overwrite", "--on-error", "record"]) == 0
    assert output.read_bytes() == resumed
    capsys.readouterr()
    assert main(["classify", *arguments, "--resume"]) == 0
    assert capsys.readouterr().out == f"{output} is complete already.\n"


def test_a_run_goes_on_with_the_same_input_model_and_options_only(
    classifier: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, output = json_lines(tmp_path / "in.jsonl", ROWS * 200), tmp_path / "out.jsonl"
    arguments = ["--model", classifier, "--input", str(source), "--output", str(output), "--batch-tokens", "64"]
    windows = TextClassification.windows

    def interrupted(self: Any, *given: Any, **options: Any) -> Any:
        for number, window in enumerate(windows(self, *given, **options)):
            if number == 2:
                raise KeyboardInterrupt
            yield window

    monkeypatch.setattr(TextClassification, "windows", interrupted)
    assert main(["classify", *arguments]) == 130
    monkeypatch.undo()
    assert 0 < json.loads((tmp_path / "out.jsonl.resume").read_text())["rows"] < 600
    assert "--top-k was not given and is 2" in failing([*arguments, "--resume", "--top-k", "2"], capsys)
    assert "--dtype was 'float32' and is 'bfloat16'" in failing([*arguments, "--resume", "--dtype", "bfloat16"], capsys)
    json_lines(source, [*ROWS * 200, ROWS[0]])
    assert "the input has changed since" in failing([*arguments, "--resume"], capsys)
    json_lines(source, ROWS * 200)
    assert main(["classify", *arguments, "--resume"]) == 0
    assert main(["classify", *arguments[:-4], "--output", str(tmp_path / "whole.jsonl"), *arguments[-2:]]) == 0
    assert output.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert len(lines(output)) == 600


def test_a_full_disk_is_told_and_gone_on_from(
    classifier: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = json_lines(tmp_path / "in.jsonl", ROWS * 400)
    whole, output = tmp_path / "whole.csv", tmp_path / "out.csv"
    arguments = ["--model", classifier, "--input", str(source), "--batch-tokens", "64", "--output"]
    assert main(["classify", *arguments, str(whole)]) == 0
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (whole.stat().st_size // 2, limits[1]))
    try:
        error = failing([*arguments, str(output)], capsys)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert re.search(
        r"out.csv' cannot be written: File too large. The results of [\d,]+ rows are kept: make room", error
    )
    assert not output.exists()
    assert main(["classify", *arguments, str(output), "--resume"]) == 0
    assert output.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--input", "in.csv", "--text-column", "body"], "in.csv has no column 'body'; it has 'id', 'title', 'text'."),
        (["--text-column", "body", "x"], "inputs on the command line have none"),
        (["--input", "in.csv", "x"], "on the command line or in --input FILE: give one of the two"),
        (["--input", "in.csv", "--output", "in.csv", "--overwrite"], "are the same file"),
        (["--input", "in.csv", "--output", "no/out.csv"], "there is no directory 'no'"),
        (["--input", "in.csv", "--output", "out.npy"], "only vectors, those of embed, can be written as npy"),
        (["--input", "none.csv"], "'none.csv' cannot be read: No such file or directory."),
        (["--resume", "x"], "--resume says how to write --output FILE, which is missing"),
        (["--input-format", "csv", "x"], "--input-format and --header say how to read --input FILE or standard input"),
        (
            ["--input", "in.csv", "--header", "a,b,c"],
            "in.csv does not say which column holds the text (the columns are",
        ),
    ],
)
def test_mistakes_are_found_before_the_model_is_loaded(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("id,title,text\n1,a,b\n")
    assert message in failing(["--model", "nowhere", *arguments], capsys)


def test_standard_input_in_another_format(
    classifier: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for arguments in (["--input-format", "csv"], ["--input", "-", "--input-format", "csv", "-"][:4]):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"id,text\n1,the cat\n")))
        assert main(["classify", "--model", classifier, "--json", *arguments]) == 0
        (row,) = map(json.loads, capsys.readouterr().out.splitlines())
        assert (row["id"], row["text"]) == ("1", "the cat")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x")))
    resume = ["--model", classifier, "--resume", "--output", str(tmp_path / "o.csv"), "-"]
    assert "standard input cannot be read again" in failing(resume, capsys)
