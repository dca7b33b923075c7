"""The doctor on the command line: what it prints and how it ends."""

import json
from pathlib import Path

import pytest

from flax_albert.cli import main
from flax_albert.doctor import examine
from tests.doctor.checkpoints import change_config, save


def test_a_usable_model_ends_with_0(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", model]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "FlaxAlbertForMaskedLM" in printed.out
    assert "loads whole" in printed.out
    assert printed.out.splitlines()[-1].startswith("usable")


def test_json_is_the_report(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json", model]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(examine(model).to_dict()))


def test_a_problem_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = save(tmp_path)
    change_config(directory, hidden_size=27)
    assert main(["doctor", str(directory)]) == 1
    printed = capsys.readouterr().out
    assert "problem" in printed
    assert "hidden_size 27" in " ".join(printed.split())
    assert printed.splitlines()[-1].startswith("not usable as it is")
    assert main(["doctor", "--json", str(directory)]) == 1
    assert not json.loads(capsys.readouterr().out)["usable"]


def test_a_mistake_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], [str(tmp_path)], [str(tmp_path / "nowhere")]):
        assert main(["doctor", *arguments]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert len(printed.err.splitlines()) == 1


def test_a_subfolder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(tmp_path / "inner")
    assert main(["doctor", "--subfolder", "inner", str(tmp_path)]) == 0
    assert "usable" in capsys.readouterr().out


def test_names_of_files_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = save(tmp_path)
    (directory / "evil\x1b[2J.txt").write_text("")
    change_config(directory, architectures=["Albert\x1b[2JModel"])
    main(["doctor", str(directory)])
    assert "\x1b" not in capsys.readouterr().out
