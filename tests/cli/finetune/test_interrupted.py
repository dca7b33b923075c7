"""A fine-tuning that is told to leave, and goes on: in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flax_albert import FlaxAlbertForPreTraining
from tests.training.finetuning import tiny

pytestmark = pytest.mark.slow
STEPS = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    FlaxAlbertForPreTraining(tiny.config(hidden_dropout_prob=0.1), seed=5).save_pretrained(folder / "model")
    tiny.TOKENIZER.save_pretrained(folder / "model")
    rows = [f"{'very ' * (number % 5)}old {word},{word}" for number in range(20) for word in ("dog", "cat")]
    (folder / "train.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    return folder


def started(folder: Path, output: str, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "flax_albert.cli", "finetune", "classify", "--model", str(folder / "model")]
    command += ["--train", str(folder / "train.csv"), "--eval-split", "0.2", "--output", str(folder / output)]
    command += ["--steps", str(STEPS), "--batch-size", "4", "--max-length", "16", "--log-every", "1", *more]
    command += ["--no-tensorboard", "--quiet", "--save-every", "20"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "JAX_PLATFORMS": "cpu"}
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    told, faults = process.communicate(timeout=600)
    return process.returncode, told + faults


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_where_an_uninterrupted_run_ends(number: signal.Signals, folder: Path) -> None:
    whole, parted = f"whole-{number.name}", f"parted-{number.name}"
    assert finished(started(folder, whole))[0] == 0
    process = started(folder, parted)
    metrics = folder / parted / "training" / "metrics.jsonl"
    while process.poll() is None and not (metrics.is_file() and metrics.read_text().count('"logged"') > 3):
        time.sleep(0.05)
    process.send_signal(number)
    code, told = finished(process)
    assert code == 128 + number, told
    assert not (folder / parted / "config.json").exists()
    code, told = finished(started(folder, parted))
    assert code == 2
    assert "go on with the run in it" in told
    code, told = finished(started(folder, parted, "--resume"))
    assert code == 0, told
    assert (folder / parted / "model.safetensors").read_bytes() == (folder / whole / "model.safetensors").read_bytes()
    code, told = finished(started(folder, parted, "--resume", "--learning-rate", "1"))
    assert code == 2
    assert "cannot go on with another settings.optimizer.learning_rate" in told
