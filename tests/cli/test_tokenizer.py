"""``flax-albert tokenizer train``: what it writes, prints and refuses."""

import json
import os
import re
import shlex
from pathlib import Path

import pytest

from flax_albert import AutoTokenizer
from flax_albert.cli import main
from flax_albert.cli.arguments import parse

TEXT = "The cat sat on the mat, and the other cat ate a hat.\n\n" * 20


@pytest.fixture
def text(tmp_path: Path) -> str:
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return str(path)


def test_a_tokenizer_of_a_file(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = str(tmp_path / "new")
    arguments = ["tokenizer", "train", text, "--output", new, "--vocab-size", "30", "--held-out", "0"]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert re.search(r"^pieces +30$", printed.out, re.MULTILINE)
    assert re.search(r"^learned from +20 of 20 sentences of 20 documents$", printed.out, re.MULTILINE)
    assert printed.err == ""
    assert len(AutoTokenizer.from_pretrained(new)) == 30
    assert main(arguments) == 2
    assert "pass --force" in capsys.readouterr().err
    assert main([*arguments, "--force", "--keep-case", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["folder"], done["vocab_size"], done["drawn"]) == (new, 30, 20)
    assert "T" in "".join(AutoTokenizer.from_pretrained(new).get_vocab())


def test_bad_documents_end_it_or_are_named(text: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"text": "A cat."}\n{"text": 7}\n{"body": "A mat."}\n{"text": "..."}\nno json\n')
    arguments = ["tokenizer", "train", text, str(bad), "--output", str(tmp_path / "new"), "--vocab-size", "30"]
    assert main(arguments) == 2
    error = capfd.readouterr().err
    assert error.startswith("flax-albert: error: line 2 of bad.jsonl")
    assert len(error.splitlines()) == 1
    assert main([*arguments, "--skip-bad"]) == 0
    lines = capfd.readouterr().err.splitlines()
    assert lines[0] == "4 documents were left out:"
    assert [re.search(r"line \d of bad.jsonl", line) is not None for line in lines[1:]] == [True] * 4


def test_mistakes_are_one_line(text: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    new = ["--output", str(tmp_path / "new")]
    for arguments, message in (
        ([text], "--output"),
        ([text, *new, "--vocab-size", "5"], "vocab_size must be more than the 13 pieces of the recipe, got 5"),
        ([text, *new, "--vocab-size", "5000"], "too little for a vocabulary of 5000 pieces"),
        ([text + ".gone", *new, "--input-format", "text"], "is no file"),
        ([str(tmp_path / "x.pdf"), *new], "does not say what it is"),
    ):
        assert main(["tokenizer", "train", *arguments]) == 2
        printed = capfd.readouterr()  # also of the library below, which is not written in Python
        assert printed.out == ""
        assert len(printed.err.splitlines()) == 1
        assert message in printed.err
    assert os.listdir(tmp_path) == ["text.txt"]  # noqa: PTH208


def test_help_teaches_by_examples_that_parse(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tokenizer", "train", "--help"]) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    examples = shown.partition("examples:\n")[2].partition("\n\n")[0].replace("\\\n", "").splitlines()
    assert len(examples) == 3
    for example in examples:
        assert parse(shlex.split(example)[1:]).run
