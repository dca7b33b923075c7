"""Checkpoints that TensorFlow and its transformers classes wrote: the same outputs here, without TensorFlow.

``tests/reference/tensorflow/write.py`` made the files, TensorFlow the outputs. The slow test makes all of them anew,
every head and form, and takes transformers' own loader of TensorFlow checkpoints for a second witness. It needs an
environment with tensorflow 2.15, torch and transformers 4.37: ``FLAX_ALBERT_TENSORFLOW`` names its Python.
"""

import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import flax_albert
from flax_albert.checkpoint import formats
from flax_albert.checkpoint.convert import LoadReport
from flax_albert.checkpoint.errors import CheckpointError
from tests.tolerances import BASE, SMALL

WRITTEN = Path(__file__).parent / "tensorflow"
PROGRAM = Path(__file__).parents[1] / "reference" / "tensorflow" / "write.py"
# The directory, the class, and changes to the configuration.
GOOGLE: dict[str, tuple[str, dict[str, Any]]] = {
    "pretraining": ("ForPreTraining", {}),
    "hub-module": ("ForPreTraining", {}),
    "groups": ("ForPreTraining", {}),
    "no-projection": ("ForPreTraining", {}),
    "classifier": ("ForSequenceClassification", {"num_labels": 3}),
    "race": ("ForMultipleChoice", {}),
    "squad1": ("ForQuestionAnswering", {}),
    "squad2": ("Model", {}),
}
HEADS = ("Model", "ForPreTraining", "ForMaskedLM", "ForSequenceClassification", "ForMultipleChoice")
HEADS += ("ForTokenClassification", "ForQuestionAnswering")


def load(name: str, directory: Path, **changes: Any) -> tuple[Any, LoadReport]:
    model_class = getattr(flax_albert, f"FlaxAlbert{name}")
    return model_class.from_pretrained(directory, output_loading_info=True, **changes)


def difference(model: Any, expected: Path) -> float:
    """The worst difference between a model's outputs and those that a file holds with their inputs."""
    arrays = dict(np.load(expected))
    outputs = model(**{key: array for key, array in arrays.items() if "/" not in key})
    names = [key for key in arrays if "/" in key]
    assert names
    return max(float(np.abs(arrays[key] - outputs[key.partition("/")[2]]).max()) for key in names)


@pytest.mark.parametrize("name", GOOGLE)
def test_what_tensorflow_wrote_gives_tensorflows_outputs(name: str) -> None:
    head, changes = GOOGLE[name]
    model, report = load(head, WRITTEN / name, **changes)
    assert model.config.hidden_act == ("relu" if name == "groups" else "gelu_new")
    assert (report.missing, report.mismatched) == ((), ())
    assert difference(model, WRITTEN / name / "expected.npz") <= SMALL


def test_the_state_of_the_optimizer_is_skipped_and_nothing_else() -> None:
    _, report = load("ForPreTraining", WRITTEN / "pretraining")
    assert report.unexpected == ()
    assert len(report.skipped) == 69
    assert {key.rpartition("/")[2] for key in report.skipped} == {"adam_m", "adam_v", "global_step"}


def test_a_head_that_cannot_be_held_is_explained(caplog: pytest.LogCaptureFixture) -> None:
    model, report = load("ForQuestionAnswering", WRITTEN / "squad2")
    assert report.missing == ("qa_outputs/kernel", "qa_outputs/bias")
    assert "This is the SQuAD 2.0 head of Google's program" in caplog.text
    assert model.config.num_labels == 2


def test_labels_are_those_of_the_file() -> None:
    with pytest.raises(ValueError, match=r"'output_weights' has the shape \(8, 3\), and the model's classifier/kernel"):
        load("ForSequenceClassification", WRITTEN / "classifier")


def copied(directory: Path, *sources: tuple[str, str]) -> Path:
    """Checkpoints under new prefixes in one directory."""
    shutil.copy(WRITTEN / "groups" / "albert_config.json", directory)
    for source, prefix in sources:
        index = next((WRITTEN / source).glob("*.index"))
        for path in index.parent.glob(f"{index.stem}.*"):
            shutil.copy(path, directory / path.name.replace(index.stem, prefix))
    return directory


def test_of_several_checkpoints_the_one_that_was_saved_last_is_read(tmp_path: Path) -> None:
    copied(tmp_path, ("hub-module", "model.ckpt-1"), ("groups", "model.ckpt-2"))
    with pytest.raises(
        CheckpointError, match=r"several TensorFlow checkpoints, 'model\.ckpt-1\.index', 'model\.ckpt-2"
    ):
        load("ForPreTraining", tmp_path)
    (tmp_path / "checkpoint").write_text(
        'model_checkpoint_path: "/home/someone/model.ckpt-2"\nall_model_checkpoint_paths: "model.ckpt-1"\n'
    )
    model, _ = load("ForPreTraining", tmp_path)
    assert difference(model, WRITTEN / "groups" / "expected.npz") <= SMALL


def test_other_weights_come_first(tmp_path: Path) -> None:
    copied(tmp_path, ("hub-module", "model.ckpt-best"))
    model, _ = load("ForPreTraining", WRITTEN / "groups")
    model.save_pretrained(tmp_path)
    again, _ = load("ForPreTraining", tmp_path)
    assert difference(again, WRITTEN / "groups" / "expected.npz") <= SMALL


def test_a_model_that_is_no_albert_is_called_what_it_is(tmp_path: Path) -> None:
    formats.write(tmp_path / "model.safetensors", {"bert/embeddings/word_embeddings_2": np.zeros((4, 8), np.float32)})
    shutil.copy(WRITTEN / "groups" / "albert_config.json", tmp_path)
    with pytest.raises(CheckpointError, match="early Chinese ALBERT that projects"):
        load("Model", tmp_path)


def test_keras_weights(caplog: pytest.LogCaptureFixture) -> None:
    """Keras's head adds the decoder's bias, so its other one, which training never moves, is left out and reported."""
    pytest.importorskip("h5py")
    with caplog.at_level(logging.INFO):
        model, report = load("ForPreTraining", WRITTEN / "keras")
    assert report == LoadReport((), ("predictions/bias:0",), ())
    assert difference(model, WRITTEN / "keras" / "expected.npz") <= SMALL
    assert "'predictions/bias:0'" in caplog.text


def test_without_h5py_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(
        CheckpointError, match=r"tf_model\.h5 is an HDF5 file, and h5py, .*: pip install 'flax-albert\[h5\]'\.$"
    ):
        formats.read(WRITTEN / "keras" / "tf_model.h5")


def hostile(path: Path, kind: str) -> None:
    """HDF5 files that point outside themselves, or claim what they do not hold."""
    h5py = pytest.importorskip("h5py")
    outside = path.with_name("outside.h5")
    with h5py.File(outside, "w") as file:
        file["secret"] = np.ones(3, np.float32)
    (path.with_name("raw")).write_bytes(bytes(12))
    with h5py.File(path, "w") as file:
        group = file.create_group("albert")
        match kind:
            case "external link":
                group["w"] = h5py.ExternalLink("outside.h5", "secret")
            case "soft link":
                group["w"] = h5py.SoftLink("/albert")
            case "virtual dataset":
                layout = h5py.VirtualLayout((3,), np.float32)
                layout[:] = h5py.VirtualSource("outside.h5", "secret", (3,))
                group.create_virtual_dataset("w", layout)
            case "external storage":
                group.create_dataset("w", (3,), np.float32, external=[("raw", 0, 12)])
            case "never written":
                group.create_dataset("w", (2**30, 2**10), np.float32)
            case "compressed":
                group.create_dataset("w", (2**20,), np.float32, compression="gzip", data=np.zeros(2**20, np.float32))
            case "one array under many names":
                group["0"] = np.zeros(2**16, np.float32)
                for number in range(1, 1000):
                    group[str(number)] = group["0"]
            case "a group in itself":
                group["w"] = group
            case "text":
                group["w"] = ["text"]
            case "a type":
                group["w"] = np.dtype("f4")
            case "references":
                group.create_dataset("w", (1,), h5py.ref_dtype)


KINDS = ("external link", "soft link", "virtual dataset", "external storage", "never written", "compressed")
KINDS += ("one array under many names", "a group in itself", "text", "a type", "references")


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_hdf5_files(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "tf_model.h5"
    hostile(path, kind)
    with pytest.raises(CheckpointError, match=r"tf_model\.h5 is damaged or not a file of weights: ") as caught:
        formats.read(path)
    assert "\n" not in str(caught.value)


def test_damaged_hdf5_files(tmp_path: Path) -> None:
    """Each in a process of its own would be too slow: the HDF5 library has to bear it."""
    pytest.importorskip("h5py")
    content = (WRITTEN / "keras" / "tf_model.h5").read_bytes()
    path = tmp_path / "tf_model.h5"
    generator = np.random.default_rng(0)
    errors = 0
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(generator.integers(1, 20)):
            damaged[generator.integers(len(damaged))] ^= 1 << int(generator.integers(8))
        path.write_bytes(damaged[: generator.integers(len(damaged))] if generator.integers(2) else damaged)
        try:
            formats.read(path)
        except CheckpointError:
            errors += 1
    assert errors >= 30


def run(*arguments: str | Path) -> None:
    python = os.environ.get("FLAX_ALBERT_TENSORFLOW")
    if not python:
        pytest.skip("FLAX_ALBERT_TENSORFLOW does not name the Python of an environment with tensorflow")
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "XLA_FLAGS")}
    done = subprocess.run([python, PROGRAM, *arguments], check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.mark.slow
def test_everything_made_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("google", tmp_path)
    run("oracle", tmp_path)
    run("keras", tmp_path / "keras")
    worst: dict[str, float] = {}
    for name, (head, changes) in GOOGLE.items():
        model, report = load(head, tmp_path / name, **changes)
        assert (report.missing, report.mismatched) == ((), ())
        worst[f"tf.train.Saver, {name}"] = difference(model, tmp_path / name / "expected.npz")
        oracle = tmp_path / name / "oracle.npz"
        if oracle.exists():
            both = dict(np.load(tmp_path / name / "expected.npz")) | dict(np.load(oracle))
            np.savez(oracle, **both)
            worst[f"... and transformers' loader, {name}"] = difference(model, oracle)
    assert len(worst) == len(GOOGLE) + 4
    for head in HEADS:
        for form in ("h5", "h5-shards", "safetensors"):
            model, report = load(head, tmp_path / "keras" / head / form)
            assert (report.missing, report.mismatched) == ((), ())
            assert set(report.unexpected) <= {"predictions/bias:0"}
            worst[f"TFAlbert{head}, {form}"] = difference(model, tmp_path / "keras" / head / "expected.npz")
    with capsys.disabled():
        sys.stdout.write("\n" + "".join(f"{name:50} {value:.1e}\n" for name, value in worst.items()))
    assert max(worst.values()) <= SMALL


@pytest.mark.slow
def test_the_size_of_a_released_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("google-base", tmp_path)
    model, report = load("ForPreTraining", tmp_path / "base")
    assert (report.missing, report.unexpected, report.mismatched) == ((), (), ())
    worst = difference(model, tmp_path / "base" / "expected.npz")
    with capsys.disabled():
        sys.stdout.write(f"\ntf.train.Saver, size of albert-base: {worst:.1e}\n")
    assert worst <= BASE
