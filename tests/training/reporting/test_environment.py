"""What is told of the machine, and what is not."""

import getpass
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import jax
import pytest

from flax_albert.training.reporting import environment as module
from flax_albert.training.reporting.environment import command, environment, without_directories


def test_it_says_what_numbers_depend_on_and_not_whose_machine_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=/home/someone/dump --xla_cpu_use_onednn=false")
    monkeypatch.setattr(module.sys, "argv", ["/home/someone/bin/flax-albert", "finetune"])
    said = environment()
    assert said["versions"]["jax"] == jax.__version__
    assert said["devices"] == {"cpu: cpu": 8}
    assert said["cores"] >= 1
    assert said["xla_flags"] == "--xla_dump_to=dump --xla_cpu_use_onednn=false"
    assert said["command"] == "flax-albert finetune"
    text = json.dumps(said)
    assert "someone" not in text
    assert platform.node() not in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("data/train.csv", "data/train.csv"),
        ("/home/someone/data/train.csv", "train.csv"),
        ("--train=/home/someone/a.csv", "--train=a.csv"),
        (r"C:\Users\someone\a.csv", "a.csv"),
        ("https://example.org/a/b.csv", "https://example.org/a/b.csv"),
        ("one and/or two / three", "one and/or two / three"),
        ("albert/embeddings/*", "albert/embeddings/*"),
        ("../data/a.csv ~/b.csv", "../data/a.csv ~/b.csv"),
        ("/home/someone/data/", "data"),
    ],
)
def test_directories_of_this_machine_go(text: str, shown: str) -> None:
    assert without_directories(text) == shown


def test_a_path_with_a_space_goes_as_a_whole() -> None:
    assert command(["train.py", "--out", "/home/some one/out"]) == "train.py --out out"
    assert command([]) == ""


def test_no_user_is_named() -> None:
    said = environment()
    said.pop("command")
    assert f"/{getpass.getuser()}/" not in json.dumps(said)


def test_a_module_that_was_run_is_named(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    program = "from flax_albert.training.reporting.environment import environment\nprint(environment()['command'])\n"
    (package / "__main__.py").write_text(program)
    run = [sys.executable, "-m", "package", "--train", "/home/someone/a.csv"]
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    finished = subprocess.run(run, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True)
    assert finished.stdout == "python -m package --train a.csv\n"
