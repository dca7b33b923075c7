"""``flax-albert prepare``: what it prints and refuses, and that it can be interrupted."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flax_albert.cli import main
from flax_albert.data.corpus import Corpus

TEXT = "\n\n".join(f"The cat sat on mat {number}. It purred." for number in range(40))


@pytest.fixture
def text(tmp_path: Path) -> str:
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return str(path)


def arguments(*more: str) -> list[str]:
    return ["prepare", *more, "--tokenizer", "albert-mini-en", "--processes", "1"]


def test_a_corpus_of_a_file(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = str(tmp_path / "new")
    assert main(arguments(text, "--output", new, "--held-out", "0.2")) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    corpus, held = Corpus.open(new), Corpus.open(new, "held-out")
    assert len(corpus.documents) + len(held.documents) == 42
    shown = rf"^train +{len(corpus):,} pieces, {len(corpus.sentences) - 1} sentences, {len(corpus.documents) - 1} doc"
    assert re.search(shown, printed.out, re.MULTILINE)
    assert re.search(r"^time .* pieces a second$", printed.out, re.MULTILINE)
    assert main(arguments(text, "--output", new, "--held-out", "0.2", "--json")) == 0
    done = json.loads(capsys.readouterr().out)
    assert done["folder"] == new
    assert done["splits"]["train"]["pieces"] == len(corpus)
    assert (done["resumed"], done["skipped"]) == (40, 0)
    assert main(arguments(text, "--output", new, "--held-out", "0.2")) == 0
    assert "it was complete already" in capsys.readouterr().out


def test_googles_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "input.txt").write_text("One sentence a line\nno full stop.  Second.\n\nAnother document.\n")
    new = str(tmp_path / "new")
    assert main(arguments(str(tmp_path / "input.txt"), "--output", new, "--segments", "line", "--held-out", "0")) == 0
    corpus = Corpus.open(new)
    assert (len(corpus.documents) - 1, len(corpus.sentences) - 1) == (2, 3)
    assert "3 sentences, 2 documents" in capsys.readouterr().out


def test_bad_documents_end_it_or_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"text": "A cat."}\n' + '{"text": "--"}\n' * 8 + '{"text": "A mat."}\n')
    new = tmp_path / "new"
    assert main(arguments(str(bad), "--output", str(new))) == 2
    error = capsys.readouterr().err
    assert error.startswith("flax-albert: error: line 2 of bad.jsonl is an empty document")
    assert len(error.splitlines()) == 1
    assert main(arguments(str(bad), "--output", str(new), "--skip-bad", "--json")) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["skipped"] == 8
    lines = printed.err.splitlines()
    assert lines[0] == f"8 documents were left out; see {new / 'skipped.txt'}:"
    assert [line.partition(" is")[0] for line in lines[1:6]] == [
        f"  line {number} of bad.jsonl" for number in range(2, 7)
    ]
    assert lines[6:] == ["  and 3 more"]
    assert len((new / "skipped.txt").read_text().splitlines()) == 8


def test_mistakes_are_one_line(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = ["--output", str(tmp_path / "new")]
    assert main(arguments(text, *new)) == 0
    capsys.readouterr()
    for wrong, message in (
        ([text], "--output"),
        ([text, *new, "--held-out", "0.5"], "held_out was 0.01 and is 0.5"),
        ([text, *new, "--held-out", "1.5"], "held_out must be a share"),
        ([text, *new, "--shard-pieces", "0"], "must be at least 1, got 0"),
        ([text, "--output", str(tmp_path)], "holds something else than a corpus"),
        ([text, "--output", text], "text.txt"),
        ([text + ".gone", *new, "--input-format", "text"], "is no file"),
    ):
        assert main(arguments(*wrong)) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert len(printed.err.splitlines()) == 1
        assert message in printed.err
    assert main(arguments(text, *new, "--held-out", "0.5", "--overwrite")) == 0


def test_ctrl_c_leaves_what_can_be_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("\n\n".join(f"The cat sat on mat {number}. " * 300 for number in range(3000)))
    command = [sys.executable, "-m", "flax_albert.cli", "prepare", str(tmp_path / "text.txt"), "--held-out", "0"]
    command += ["--tokenizer", "albert-mini-en", "--output", str(tmp_path / "new"), "--shard-pieces", "10000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not list((tmp_path / "new").glob("train-00001*")):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)
    assert (process.returncode, out, error) == (130, "", "")
    state = json.loads((tmp_path / "new" / "corpus.json").read_text())
    assert not state["complete"]
    assert state["documents"] > 0
