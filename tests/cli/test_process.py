"""The command as a process: what only pipes and signals can show."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "flax_albert.cli", "fill-mask", "--json", "--model"]


def start(model: str, *arguments: str) -> "subprocess.Popen[bytes]":
    pipe = subprocess.PIPE
    return subprocess.Popen([*COMMAND, model, *arguments], stdin=pipe, stdout=pipe, stderr=pipe)


def test_a_line_is_answered_before_the_next_is_written_and_ctrl_c_is_quiet(model: str) -> None:
    with start(model) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        for text in ("the [MASK] sat", "a [MASK]"):
            process.stdin.write(f"{text}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"] == text
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stdout.read() == b""
        assert process.stderr.read() == b""


def test_a_reader_that_leaves_is_no_error(model: str) -> None:
    with start(model) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(b"the [MASK] sat\n")
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(b"the [MASK] sat\n")
        process.stdin.flush()
        assert process.wait(60) == 141
        assert process.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("json_too", [["--json"], []], ids=["json", "tables"])
def test_output_that_cannot_be_written_is_one_line(model: str, json_too: list[str]) -> None:
    command = [*COMMAND[:4], *json_too, "--model", model, "a [MASK]"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr == f"flax-albert: error: the output cannot be written: {os.strerror(28)}.\n".encode()
