"""Broken and hostile checkpoints: one clear error each, nothing executed, nothing written, memory bounded."""

import io
import pickle
import resource
import time
import traceback
import zipfile
from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np
import pytest

from flax_albert.checkpoint.errors import CheckpointError
from flax_albert.checkpoint.load import load
from flax_albert.models import FlaxAlbertForPreTraining
from tests.checkpoint import broken_files, broken_torch_files, tiny

MEMORY = 2**28  # how much more than now a reader may ask for; no file of the corpus is larger than 2**18 bytes
TRACEBACK = 20_000  # characters
SECONDS = 5  # of the processor, for loading, failing and printing the traceback; most take milliseconds


@pytest.fixture
def bounded_memory() -> Iterator[None]:
    jax.device_put(np.zeros(3))  # what jax itself takes at its start is not counted
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def complaint(directory: Path, culprit: str) -> str | None:
    """What is wrong with how loading fails; nothing if it fails as it should."""
    before = sorted(directory.rglob("*"))
    began = time.process_time()
    try:
        load(directory, broken_files.LEAVES, initial=None)
    except CheckpointError as error:
        message, printed = str(error), traceback.format_exc()
    except ValueError as error:
        message, printed = str(error), traceback.format_exc()
        if "ignore_mismatched_sizes" not in message:
            return f"not our error: {error!r}"
    except BaseException as error:
        return f"not our error: {error!r}"
    else:
        return "no error"
    took = time.process_time() - began
    if len(printed) > TRACEBACK or took > SECONDS:
        return f"the traceback has {len(printed)} characters, and {took:.1f} seconds passed until it was there"
    if str(directory / culprit) not in message:
        return f"{culprit} is not named: {message}"
    if "\n" in message or len(message) > 600 + len(str(directory)) or not message.endswith("."):
        return f"no clear sentence: {message}"
    if "memory" in message:
        return f"memory was asked for without need: {message}"
    if sorted(directory.rglob("*")) != before:
        return "files changed"
    return None


def test_the_hostile_pickles_are_hostile(tmp_path: Path) -> None:
    """A reader that trusted them would leave the sentinel behind, so its absence below means something."""
    sentinel = tmp_path / "executed"
    hostile = dict(broken_torch_files.hostile(sentinel))
    pickle.loads(hostile["genuine pickle of system, protocol 2"])
    assert sentinel.exists()
    sentinel.unlink()
    with zipfile.ZipFile(io.BytesIO(hostile["call builtins.eval, zip"])) as archive:
        pickle.loads(archive.read("archive/data.pkl"))
    assert sentinel.exists()


@pytest.mark.usefixtures("bounded_memory")
@pytest.mark.parametrize("family", broken_files.FAMILIES)
def test_one_clear_error(family: str, tmp_path: Path) -> None:
    sentinel = tmp_path / "executed"
    failures = {}
    for number, (name, culprit, build) in enumerate(broken_files.FAMILIES[family](sentinel)):
        directory = tmp_path / str(number)
        directory.mkdir()
        build(directory)
        failure = complaint(directory, culprit)
        if failure:
            failures[name] = failure
        assert not sentinel.exists(), f"{name} was executed"
    assert not failures


def test_the_objects_without_end_are_without_end() -> None:
    """Their text doubles with every instruction, so the bounds above are met only if it is never asked for."""
    text = repr(pickle.loads(b"\x80\x02" + broken_torch_files.doubled(12) + b"."))
    assert len(text) > 2**13


CONFIGURATIONS = {
    "another model": b'{"model_type": "bert"}',
    "another model with ALBERT's keys": tiny.config().to_json_string().replace('"albert"', '"electra"').encode(),
    "no JSON": b"model_type: albert",
    "cut off": tiny.config().to_json_string().encode()[:40],
    "a list": b"[]",
    "empty": b"",
    "not UTF-8": b'{"model_type": "\xff"}',
    "deeply nested": b"[" * 100_000,
    "negative size": b'{"hidden_size": -8}',
    "text as size": b'{"hidden_size": "8"}',
    "heads that do not divide": b'{"hidden_size": 8, "num_attention_heads": 3}',
    "unknown activation": b'{"hidden_act": "os.system"}',
    "dropout above 1": b'{"hidden_dropout_prob": 2}',
    "NaN": b'{"layer_norm_eps": NaN}',
    "infinity": b'{"hidden_dropout_prob": Infinity}',
}


@pytest.mark.parametrize("name", [*CONFIGURATIONS, "missing", "a directory"])
def test_one_clear_error_for_a_configuration(name: str, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(broken_files.sound_files()["safetensors"][1])
    if name in CONFIGURATIONS:
        (tmp_path / "config.json").write_bytes(CONFIGURATIONS[name])
    elif name == "a directory":
        (tmp_path / "config.json").mkdir()
    with pytest.raises((OSError, ValueError, TypeError)) as caught:
        FlaxAlbertForPreTraining.from_pretrained(tmp_path)
    message = str(caught.value)
    assert str(tmp_path / "config.json") in message
    assert "\n" not in message
    assert len(message) < 400 + len(str(tmp_path))


def test_the_corpus_is_large_and_its_cases_differ(tmp_path: Path) -> None:
    names = [name for family in broken_files.FAMILIES.values() for name, _, _ in family(tmp_path / "executed")]
    assert len(names) == len(set(names))
    assert len(names) >= 500


def test_the_files_that_the_corpus_breaks_are_sound(tmp_path: Path) -> None:
    for title, (name, content) in broken_files.sound_files().items():
        directory = tmp_path / title
        directory.mkdir()
        (directory / name).write_bytes(content)
        _, report = load(directory, broken_files.LEAVES, initial=None)
        assert (report.missing, report.unexpected, report.mismatched) == ((), (), ()), title


@pytest.mark.parametrize("title", ["safetensors", "msgpack", "torch zip", "torch legacy"])
def test_any_damage_is_an_error_of_ours_or_harmless(title: str, tmp_path: Path) -> None:
    """Random damage anywhere: what is not noticed changes numbers or names, and never ends in another error."""
    name, content = broken_files.sound_files()[title]
    generator = np.random.default_rng(0)
    for number in range(100):
        damaged = bytearray(content)
        for _ in range(generator.integers(1, 4)):
            damaged[generator.integers(len(damaged))] ^= 1 << generator.integers(8)
        (tmp_path / name).write_bytes(damaged)
        failure = complaint(tmp_path, name)
        assert failure in (None, "no error"), number
