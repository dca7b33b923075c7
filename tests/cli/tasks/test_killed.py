"""Runs that are killed at any moment, and resumed: the file is the same, byte for byte."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flax_albert.cli import main

ROWS = 4000


def command(classifier: str, source: Path, output: Path) -> list[str]:
    arguments = ["classify", "--model", classifier, "--input", str(source), "--output", str(output)]
    return [
        sys.executable,
        "-m",
        "flax_albert.cli",
        *arguments,
        "--batch-size",
        "1",
        "--on-error",
        "record",
        "--batch-tokens",
        "64",
    ]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    generator = random.Random(0)
    path = tmp_path / "in.jsonl"
    with path.open("w") as file:
        for number in range(ROWS):
            text = " ".join(generator.choices(["the", "cat", "sat", "on", "mat", "."], k=generator.randrange(12)))
            file.write(json.dumps({"id": number, "text": text}) + "\n")
    return path


def state_rows(output: Path) -> int:
    try:
        return json.loads(output.with_name(output.name + ".resume").read_text())["rows"]
    except FileNotFoundError:
        return 0


@pytest.mark.parametrize(
    ("name", "moments"),
    [
        ("out.jsonl", [300]),
        pytest.param("out.jsonl", [1, 800, 1600], marks=pytest.mark.slow),
        pytest.param("out.parquet", [100, 1500], marks=pytest.mark.slow),
    ],
)
def test_a_killed_run_is_resumed_without_loss(
    name: str, moments: list[int], classifier: str, source: Path, tmp_path: Path
) -> None:
    whole, output = tmp_path / f"whole-{name}", tmp_path / name
    assert main(command(classifier, source, whole)[3:]) == 0
    generator = random.Random(1)
    seen = [0]
    for after in moments:
        process = subprocess.Popen([*command(classifier, source, output), "--resume"], stdout=subprocess.DEVNULL)
        while state_rows(output) < after and process.poll() is None:
            time.sleep(0.002)
        time.sleep(generator.uniform(0, 0.03))
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert not output.exists()
        seen.append(state_rows(output))
    assert seen == sorted(set(seen))
    assert seen[-1] < ROWS
    assert main([*command(classifier, source, output)[3:], "--resume"]) == 0
    assert output.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([source.name, whole.name, name])


def test_ctrl_c_says_how_to_go_on(classifier: str, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    process = subprocess.Popen(command(classifier, source, output), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        while not state_rows(output) and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.decode() == f"flax-albert: interrupted; --resume goes on with {str(output)!r}.\n"
    assert not output.exists()
