"""From a corpus to a directory that everything loads; refusals; going on."""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from flax_albert import AutoTokenizer, FlaxAlbertForMaskedLM, FlaxAlbertForPreTraining
from flax_albert.cli import main
from flax_albert.data.corpus import Corpus
from flax_albert.data.errors import DataError
from flax_albert.data.pretraining import PretrainingOptions
from flax_albert.training.errors import ChangedRunError
from flax_albert.training.events import Event, Logged, Reporter
from flax_albert.training.pretraining import PUBLISHED, HeldOutSettings, pretrain
from flax_albert.training.pretraining.start import sized_for
from flax_albert.training.settings import OptimizerSettings, TrainingSettings
from tests.training.pretraining.small import config, corpus

OPTIONS = PretrainingOptions(length=32, max_predictions=32, segments="paper")
SETTINGS = TrainingSettings(
    steps=6,
    batch_size=8,
    devices=1,
    optimizer=OptimizerSettings("adamw", 1e-2, warmup=2),
    log_every=2,
    evaluate_every=3,
)
HELD_OUT = HeldOutSettings(batch_size=8)


class _Losses(Reporter):
    def __init__(self, stop_at: int | None = None) -> None:
        self.losses: list[float] = []
        self._stop_at = stop_at

    def tell(self, event: Event) -> None:
        if isinstance(event, Logged):
            self.losses.append(event.loss)
            if event.step == self._stop_at:
                raise RuntimeError("pulled the plug")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus(tmp_path_factory.mktemp("text"))


def _equal(one: Any, two: Any) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True))


def test_the_published_run() -> None:
    rule = PUBLISHED.optimizer
    assert (PUBLISHED.steps, PUBLISHED.batch_size, rule.name) == (125_000, 4096, "lamb")
    assert (rule.learning_rate, rule.warmup) == (0.00176, 3125)


@pytest.mark.slow
def test_it_learns_and_what_it_writes_is_loaded(made: Path, tmp_path: Path) -> None:
    text = Corpus.open(made)
    losses = _Losses()
    folder = tmp_path / "out"
    done = pretrain(
        made,
        folder,
        dataclasses.replace(SETTINGS, steps=40),
        config=sized_for(config(), text.vocabulary),
        options=OPTIONS,
        held_out=HELD_OUT,
        tensorboard=False,
        reporters=[losses],
    )
    assert (done.reason, done.step) == ("finished", 40)
    assert losses.losses[-1] < losses.losses[0] - 3
    found = done.evaluations["held-out"]
    assert found.metrics["masked_lm_loss"] < found.baselines["masked_lm_loss"]
    model = FlaxAlbertForPreTraining.from_pretrained(folder)
    assert _equal(model.params, done.model.params)
    assert model.config.vocab_size == text.vocabulary.size
    words = FlaxAlbertForMaskedLM.from_pretrained(folder)
    assert _equal(words.params["predictions"], done.model.params["predictions"])
    tokenizer = AutoTokenizer.from_pretrained(folder)
    bundled = AutoTokenizer.from_pretrained("albert-mini-en")
    assert tokenizer("The old boat.").input_ids == bundled("The old boat.").input_ids
    assert tokenizer.model_max_length == 64


@pytest.mark.slow
def test_a_run_that_was_ended_and_resumed_is_the_run_that_was_not(made: Path, tmp_path: Path) -> None:
    arguments: dict[str, Any] = {
        "config": sized_for(config(), Corpus.open(made).vocabulary),
        "options": OPTIONS,
        "held_out": HELD_OUT,
    }

    def run(name: str, stop_at: int | None = None, **more: Any) -> Any:
        more = {**arguments, **more, "tensorboard": False, "reporters": [_Losses(stop_at)]}
        return pretrain(made, tmp_path / name, SETTINGS, **more)

    whole = run("whole")
    with pytest.raises(RuntimeError, match="plug"):
        run("cut", stop_at=4)
    with pytest.raises(ChangedRunError, match=r"options\.masked_lm_prob"):
        run("cut", options=dataclasses.replace(OPTIONS, masked_lm_prob=0.2), resume=True)
    assert _equal(whole.model.params, run("cut", resume=True).model.params)


@pytest.mark.slow
def test_without_held_out_text_nothing_is_measured_and_training_goes_on_from_a_model(tmp_path: Path) -> None:
    folder = corpus(tmp_path, held_out=0)
    with pytest.raises(DataError):
        Corpus.open(folder, "held-out")
    start = FlaxAlbertForPreTraining(sized_for(config(), Corpus.open(folder).vocabulary), seed=5)
    start.save_pretrained(tmp_path / "start")
    settings = dataclasses.replace(SETTINGS, steps=1, optimizer=OptimizerSettings("adamw", 1e-9))
    done = pretrain(folder, tmp_path / "out", settings, model=tmp_path / "start", options=OPTIONS, tensorboard=False)
    assert not done.evaluations
    for one, two in zip(jax.tree.leaves(start.params), jax.tree.leaves(done.model.params), strict=True):
        assert abs(one - two).max() < 1e-7


def test_models_that_do_not_fit_are_refused(made: Path, tmp_path: Path) -> None:
    small = sized_for(config(), Corpus.open(made).vocabulary)
    wrongs: list[tuple[dict[str, Any], PretrainingOptions, str]] = [
        ({"config": config()}, OPTIONS, "vocabulary of 8,000 pieces, and the model one of 60"),
        ({"config": small}, PretrainingOptions(length=128), "Rows need 128 positions, and the model has 64"),
        ({"config": small}, dataclasses.replace(OPTIONS, positions=512), "Rows need 512 positions"),
        ({"config": small, "model": "albert-mini-en"}, OPTIONS, "either"),
        ({}, OPTIONS, "either"),
    ]
    for wrong, options, match in wrongs:
        with pytest.raises(ValueError, match=match):
            pretrain(made, tmp_path / "out", SETTINGS, options=options, **wrong)
    assert not (tmp_path / "out").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match="not empty"):
        pretrain(made, tmp_path / "full", SETTINGS, config=small, options=OPTIONS)
    with pytest.raises(FileNotFoundError, match="no run to resume"):
        pretrain(made, tmp_path / "none", SETTINGS, config=small, options=OPTIONS, resume=True)


SIZES = {
    "hidden_size": 32,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "embedding_size": 16,
    "max_position_embeddings": 64,
}
OTHERS = {
    "length": "32",
    "max-predictions": "32",
    "segments": "paper",
    "batch-size": "8",
    "steps": "2",
    "optimizer": "optax.contrib.muon",
    "optimizer-option": "adam_b2=0.98",
    "learning-rate": "0.001",
    "warmup": "1",
    "devices": "1",
}
COMMAND = [
    *(word for key, value in SIZES.items() for word in ("--set", f"{key}={value}")),
    *(word for name, value in OTHERS.items() for word in (f"--{name}", value)),
    "--no-tensorboard",
    "--quiet",
]


def test_the_command(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "out"
    command = ["pretrain", "--corpus", str(made), "--output", str(folder), "--config", "albert-base-v2", *COMMAND]
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["step"] == 2
    assert told["held-out"]["metrics"].keys() == told["held-out"]["baselines"].keys()
    assert FlaxAlbertForPreTraining.from_pretrained(folder).config.vocab_size == 8000
    for name in ("README.md", "report.html", "spiece.model", "training/metrics.jsonl"):
        assert (folder / name).is_file(), name
    run = json.loads((folder / "training" / "run.json").read_text())
    assert run["settings"]["optimizer"]["options"] == {"adam_b2": 0.98}
    assert main(command) == 2  # it is not empty
    assert "--resume" in capsys.readouterr().err
    assert main([*command, "--resume", "--learning-rate", "0.002"]) == 2
    assert "learning_rate" in capsys.readouterr().err


@pytest.mark.slow
def test_sigterm_saves_and_the_same_command_goes_on(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    metrics = folder / "training" / "metrics.jsonl"
    given = ["--corpus", str(made), "--output", str(folder), "--config", "albert-base-v2", *COMMAND, "--log-every", "1"]
    command = [sys.executable, "-m", "flax_albert.cli", "pretrain", *given, "--steps", "100000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not (metrics.exists() and '"logged"' in metrics.read_text()):
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (143, "")
    assert "Traceback" not in err
    assert not (folder / "model.safetensors").exists()
    step = max(int(path.name) for path in (folder / "training" / "checkpoints").iterdir() if path.name.isdigit())
    assert 0 < step < 100_000
    assert main(["pretrain", *given, "--resume"]) == 2  # other steps than it was begun with
    again = subprocess.Popen([*command, "--resume"], stderr=subprocess.DEVNULL)
    while again.poll() is None and f'"step": {step + 1},' not in metrics.read_text():
        time.sleep(0.2)
    again.send_signal(signal.SIGINT)
    assert again.wait(timeout=300) == 130


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--config", "albert-huge"], "albert-huge"),
        (["--config", "albert-base-v2", "--set", "hiden_size=3"], "no such key"),
        (["--config", "albert-base-v2", "--set", "hidden_size"], "KEY=VALUE"),
        (["--model", "albert-mini-en", "--set", "hidden_size=3"], "--set"),
        (["--model", "albert-mini-en", "--steps", "0"], "--steps"),
        (["--model", "albert-mini-en", "--masked-lm-prob", "2"], "masked_lm_prob"),
        (["--model", "albert-mini-en", "--optimizer", "optax.nothing", "--batch-size", "8"], "optax.nothing"),
        ([], "--config"),
    ],
)
def test_mistakes_are_told_in_one_line(
    more: list[str], message: str, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pretrain", "--corpus", str(made), "--output", str(tmp_path / "out"), "--quiet", *more]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_corpus_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["pretrain", "--corpus", str(tmp_path), "--output", str(tmp_path / "out"), "--model", "albert-mini-en"]
    assert main(command) == 2
    assert "flax-albert prepare" in capsys.readouterr().err
