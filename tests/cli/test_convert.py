"""The conversion on the command line: what it prints and how it ends."""

import json
from pathlib import Path

import pytest

from flax_albert.cli import main

SOURCE = str(Path(__file__).parents[1] / "checkpoint" / "tensorflow" / "classifier")


def test_what_became_of_every_array(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", SOURCE, str(tmp_path / "new"), "--to", "safetensors"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    rows = [line.split() for line in printed.out.splitlines()]
    assert "27 parameters of FlaxAlbertForSequenceClassification" in printed.out
    assert ["output_weights", "classifier/kernel", "8", "x", "3", "float32", "transposed"] in rows
    assert ["output_weights/adam_m", "3", "x", "8", "state", "of", "the", "training"] in rows
    assert rows[-1] == [str(tmp_path / "new"), "model.safetensors,", "config.json"]
    assert (tmp_path / "new" / "model.safetensors").is_file()


def test_narrow_terminals_get_two_lines_a_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert main(["convert", SOURCE, str(tmp_path / "new"), "--to", "bin"]) == 0
    lines = capsys.readouterr().out.splitlines()
    place = lines.index("  output_weights")
    assert lines[place + 1] == "      classifier/kernel  8 x 3  float32  transposed"


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--to", "msgpack", "--dtype", "bfloat16", "--max-shard-size", "1KB", "--json"]
    assert main(["convert", SOURCE, str(tmp_path), *arguments]) == 0
    done = json.loads(capsys.readouterr().out)
    assert done["model"] == "FlaxAlbertForSequenceClassification"
    assert {row["dtype"] for row in done["mapped"]} == {"bfloat16"}
    assert set(done["written"]) == {path.name for path in tmp_path.iterdir()}
    assert "flax_model.msgpack.index.json" in done["written"]


def test_weights_that_hide_the_new_ones_are_pointed_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", SOURCE, str(tmp_path), "--to", "safetensors"]) == 0
    assert "mind" not in capsys.readouterr().out
    assert main(["convert", SOURCE, str(tmp_path), "--to", "bin", "--force"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2] == "mind"
    assert lines[-1].split()[:5] == ["model.safetensors", "was", "there", "already", "and"]


def test_a_class_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--to", "safetensors", "--as", "FlaxAlbertForTokenClassification"]
    assert main(["convert", SOURCE, str(tmp_path), *arguments]) == 0
    assert "parameters of FlaxAlbertForTokenClassification" in capsys.readouterr().out


def test_mistakes_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.json").write_text("mine")
    target = str(tmp_path)
    for arguments, message in (
        ([SOURCE, target], "the following arguments are required: --to"),
        ([SOURCE, target, "--to", "h5"], "'h5'"),
        ([SOURCE, target, "--to", "bin"], "holds 'config.json' already, and nothing was written. Choose another dir"),
        ([str(tmp_path / "no" / "where"), target + "/new", "--to", "bin"], "where"),
        ([SOURCE, target + "/new", "--to", "bin", "--as", "FlaxBert"], "must be one of FlaxAlbertForPreTraining"),
    ):
        assert main(["convert", *arguments]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert len(printed.err.splitlines()) == 1
        assert message in printed.err
    assert (tmp_path / "config.json").read_text() == "mine"
    assert main(["convert", SOURCE, target, "--to", "bin", "--force"]) == 0
