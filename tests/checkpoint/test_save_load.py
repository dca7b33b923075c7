"""Directories of weights: what is written, what is found, and that a save is whole or not at all."""

import json
import logging
import os
import resource
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flax_albert.checkpoint import shards
from flax_albert.checkpoint.convert import LoadReport
from flax_albert.checkpoint.errors import CheckpointError
from flax_albert.checkpoint.load import load
from flax_albert.checkpoint.save import save
from flax_albert.config import AlbertConfig
from tests.checkpoint import tiny

CLEAN = LoadReport((), (), ())
LEAVES = tiny.leaves()
PARAMS = tiny.params(LEAVES)
OTHER_PARAMS = tiny.params(LEAVES, seed=1)
Kind = dict[str, Any]
KINDS: list[Kind] = [
    {"format": "safetensors", "layout": "pytorch"},
    {"format": "safetensors", "layout": "flax"},
    {"format": "msgpack", "layout": "flax"},
    {"format": "bin", "layout": "pytorch"},
]
FILES = {"safetensors": "model.safetensors", "msgpack": "flax_model.msgpack", "bin": "pytorch_model.bin"}


def save_tiny(directory: Path, params: Any = PARAMS, **options: Any) -> None:
    save(directory, params, LEAVES, tiny.config(), **options)


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_one_file(tmp_path: Path, kind: Kind, dtype: str) -> None:
    params = tiny.params(LEAVES, dtype=np.dtype(dtype))
    save_tiny(tmp_path / "new" / "model", params, **kind)
    directory = tmp_path / "new" / "model"
    assert names(directory) == {FILES[kind["format"]], "config.json"}
    loaded, report = load(directory, LEAVES, initial=None)
    assert report == CLEAN
    tiny.assert_same(loaded, params)
    assert AlbertConfig.from_pretrained(directory).hidden_size == 8


@pytest.mark.parametrize("kind", KINDS)
def test_shards(tmp_path: Path, kind: Kind) -> None:
    save_tiny(tmp_path, **kind, max_shard_size=1000)
    name = FILES[kind["format"]]
    stem, suffix = name.split(".")
    index = json.loads((tmp_path / f"{FILES[kind['format']]}.index.json").read_text())
    files = set(index["weight_map"].values())
    assert len(files) > 3
    assert names(tmp_path) == files | {f"{FILES[kind['format']]}.index.json", "config.json"}
    assert f"{stem}-00001-of-{len(files):05d}.{suffix}" in files
    assert index["metadata"]["total_size"] == sum(array.nbytes for array in tiny.flat(PARAMS).values())
    loaded, report = load(tmp_path, LEAVES, initial=None)
    assert report == CLEAN
    tiny.assert_same(loaded, PARAMS)


@pytest.mark.parametrize("before", ["10GB", "1KB", "2000"])
@pytest.mark.parametrize("after", ["10GB", "1KB"])
def test_a_later_save_replaces_an_earlier_one(tmp_path: Path, before: str, after: str) -> None:
    (tmp_path / "model-card.md").write_text("kept")
    save_tiny(tmp_path, OTHER_PARAMS, max_shard_size=before)
    save_tiny(tmp_path, max_shard_size=after)
    save_tiny(tmp_path / "fresh", max_shard_size=after)
    assert names(tmp_path) == names(tmp_path / "fresh") | {"model-card.md", "fresh"}
    tiny.assert_same(load(tmp_path, LEAVES, initial=None)[0], PARAMS)


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_files_are_as_readable_as_the_umask_says(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        for kind in KINDS:
            save_tiny(tmp_path, **kind, max_shard_size="2KB")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o666 & ~umask}


class _DiskFull:
    """Lets this process write files of no more than so many bytes."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __enter__(self) -> None:
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.before[1]))

    def __exit__(self, *_error: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("max_shard_size", ["10GB", "2KB"])
def test_a_full_disk_leaves_the_earlier_checkpoint(tmp_path: Path, kind: Kind, max_shard_size: str) -> None:
    save_tiny(tmp_path, **kind)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for directory in (tmp_path, tmp_path / "new"):
        with _DiskFull(1500), pytest.raises(OSError, match=r"."):
            save_tiny(directory, OTHER_PARAMS, max_shard_size=max_shard_size, **kind)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_saving_into_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OSError, match="file is a file; pass the directory"):
        save_tiny(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_nothing_is_written_where_parameters_or_arguments_are_wrong(tmp_path: Path) -> None:
    wrong_options: dict[str, Any] = {"format": "h5", "layout": "tf", "max_shard_size": "1 lot"}
    for option, wrong in wrong_options.items():
        with pytest.raises(ValueError, match=f"{option} must be .*, got '{wrong}'"):
            save_tiny(tmp_path / "new", **{option: wrong})
    with pytest.raises(ValueError, match=r"max_shard_size must be .*, got 0\."):
        save_tiny(tmp_path / "new", max_shard_size=0)
    with pytest.raises(ValueError, match="not the parameters"):
        save_tiny(tmp_path / "new", {})
    assert not names(tmp_path)


def test_a_file_that_hides_the_saved_one_is_pointed_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    save_tiny(tmp_path)
    assert not caplog.records
    save_tiny(tmp_path, OTHER_PARAMS, format="msgpack")
    assert "model.safetensors was there already, and flax-albert loads it before what was saved now: fl" in caplog.text
    assert len(caplog.records) == 1


@pytest.mark.parametrize("max_shard_size", ["10GB", "2KB"])
def test_a_file_that_others_load_before_the_saved_one_is_pointed_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, max_shard_size: str
) -> None:
    save_tiny(tmp_path, OTHER_PARAMS, format="msgpack", max_shard_size=max_shard_size)
    assert not caplog.records
    save_tiny(tmp_path)
    entry = "flax_model.msgpack" + (".index.json" if max_shard_size == "2KB" else "")
    assert f"{entry} was there already, and Flax in transformers 4.37 loads it before" in caplog.text
    assert len(caplog.records) == 1
    tiny.assert_same(load(tmp_path, LEAVES, initial=None)[0], PARAMS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind["format"] != "bin"])
def test_torch_weights_beside_the_saved_ones_are_pointed_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: Kind
) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    save_tiny(tmp_path, **kind)
    assert "pytorch_model.bin was there already, and Flax in transformers 4.37 with from_pt=True" in caplog.text
    assert len(caplog.records) == 1


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_kept_and_pointed_out(tmp_path: Path, caplog: pytest.LogCaptureFixture, dtype: str) -> None:
    params = tiny.params(LEAVES)
    params["albert"]["pooler"] = {
        name: array.astype(np.dtype(dtype)) for name, array in params["albert"]["pooler"].items()
    }
    save_tiny(tmp_path, params)
    loaded, _ = load(tmp_path, LEAVES, initial=None)
    tiny.assert_same(loaded, params)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    expected = f"2 of {len(LEAVES)} parameters are in half precision ({dtype}) and stay so; model.to_fp32(params) conv"
    assert expected in caplog.text


def test_the_order_in_which_files_are_looked_for(tmp_path: Path) -> None:
    save_tiny(tmp_path, OTHER_PARAMS, format="msgpack")
    (tmp_path / "pytorch_model.bin").write_bytes((tiny.DATA / "albert-zip.bin").read_bytes())
    tiny.assert_same(load(tmp_path, LEAVES, initial=None)[0], OTHER_PARAMS)
    from_torch = load(tmp_path, LEAVES, initial=None, from_pt=True)[0]
    np.testing.assert_array_equal(
        from_torch["predictions"]["bias"], np.load(tiny.DATA / "albert.npz")["predictions.bias"]
    )
    save_tiny(tmp_path)
    for from_pt in (False, True):
        tiny.assert_same(load(tmp_path, LEAVES, initial=None, from_pt=from_pt)[0], PARAMS)


def test_torch_shards(tmp_path: Path) -> None:
    """Two genuine files stand in for shards: each holds every tensor, and the index says which one counts."""
    for name in ("zip", "legacy"):
        (tmp_path / f"pytorch_model-{name}.bin").write_bytes((tiny.DATA / f"albert-{name}.bin").read_bytes())
    expected = np.load(tiny.DATA / "albert.npz")
    weight_map = {key: f"pytorch_model-{('zip', 'legacy')[i % 2]}.bin" for i, key in enumerate(expected)}
    (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": weight_map}))
    loaded, report = load(tmp_path, LEAVES, initial=None)
    assert report == CLEAN
    np.testing.assert_array_equal(loaded["albert"]["pooler"]["kernel"], expected["albert.pooler.weight"].T)


def test_missing_parameters_are_fresh_and_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    base = tiny.leaves("base")
    save(tmp_path, tiny.params(base), base, tiny.config())
    loaded, report = load(tmp_path, LEAVES, lambda: OTHER_PARAMS, model_name="FlaxAlbertForPreTraining")
    assert len(report.missing) == 7
    assert "model.safetensors lacks these parameters of FlaxAlbertForPreTraining, which are newly init" in caplog.text
    assert "'predictions/dense/kernel'" in caplog.text
    tiny.assert_same(loaded["albert"], tiny.params(base))
    tiny.assert_same(loaded["predictions"], OTHER_PARAMS["predictions"])
    assert "predictions" not in load(tmp_path, LEAVES, initial=None)[0]


def test_unexpected_weights_are_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    save_tiny(tmp_path)
    with caplog.at_level(logging.INFO):
        _, report = load(tmp_path, tiny.leaves("base"), initial=None)
    assert set(report.unexpected) >= {"predictions.bias", "sop_classifier.classifier.weight"}
    assert "has no use for these weights: 'predictions.LayerNorm.bias'" in caplog.text
    assert all(record.levelno == logging.INFO for record in caplog.records)  # a file may well hold a head more


def test_mismatched_parameters_are_fresh_and_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    save_tiny(tmp_path)
    leaves = tiny.leaves(vocab_size=14)
    fresh = tiny.params(leaves, seed=2)
    with pytest.raises(ValueError, match=r"\(12, 4\).*\(14, 4\)"):
        load(tmp_path, leaves, lambda: fresh)
    loaded, report = load(tmp_path, leaves, lambda: fresh, ignore_mismatched_sizes=True)
    assert [item.key for item in report.mismatched] == ["albert.embeddings.word_embeddings.weight", "predictions.bias"]
    assert "predictions.bias: (12,), not (14,)" in caplog.text
    np.testing.assert_array_equal(loaded["predictions"]["bias"], fresh["predictions"]["bias"])
    np.testing.assert_array_equal(loaded["albert"]["pooler"]["bias"], PARAMS["albert"]["pooler"]["bias"])


def test_a_whole_checkpoint_initialises_nothing_and_logs_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save_tiny(tmp_path)
    caplog.set_level(logging.INFO)
    load(tmp_path, LEAVES, lambda: pytest.fail("initialised for nothing"))
    assert not [record for record in caplog.records if record.name.startswith("flax_albert")]


def test_no_weights_at_all(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match=r"holds no weights: looked for model\.safetensors, .*; found 'config\.j"):
        load(tmp_path, LEAVES, initial=None)
    with pytest.raises(CheckpointError, match="cannot be read: No such file"):
        load(tmp_path / "absent", LEAVES, initial=None)


@pytest.mark.parametrize(
    ("text", "size"), [(7, 7), ("8", 8), ("5KB", 5000), ("5 mb", 5 * 10**6), ("2GiB", 2**31), ("1kib", 1024)]
)
def test_sizes(text: int | str, size: int) -> None:
    arrays = {"a": np.zeros(size, np.uint8) if size < 2**20 else np.broadcast_to(np.uint8(0), size), "b": np.zeros(1)}
    assert shards.plan(arrays, text) == [["a"], ["b"]]
    assert shards.plan({"a": arrays["a"]}, text) == [["a"]]
