"""Files of weights <-> arrays, format by format."""

import zipfile
from pathlib import Path
from typing import Any

import flax.serialization
import ml_dtypes
import numpy as np
import pytest

from flax_albert.checkpoint import formats
from flax_albert.checkpoint.errors import CheckpointError
from flax_albert.checkpoint.formats import msgpack as msgpack_format
from tests.checkpoint.tiny import DATA

TORCH_FILES = ["albert-zip", "albert-legacy", "unusual-zip", "unusual-legacy", "unusual-protocol4"]
ARRAYS: dict[str, np.ndarray] = {
    "f64": np.arange(6.0).reshape(2, 3),
    "f32": np.array([[1, 2], [3, 4]], np.float32),
    "transposed": np.arange(6, dtype=np.float32).reshape(2, 3).T,
    "f16": np.array([1.5, -2], np.float16),
    "bf16": np.array([1.5, -3e38], ml_dtypes.bfloat16),
    "i64": np.array([-(2**60)]),
    "bool": np.array([True, False]),
    "scalar": np.array(2.5, np.float32),
    "empty": np.zeros((0, 3), np.float32),
}


def assert_equal(got: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert got.keys() == expected.keys()
    for name, array in expected.items():
        assert (got[name].shape, got[name].dtype) == (array.shape, array.dtype), name
        np.testing.assert_array_equal(got[name], array, err_msg=name)


@pytest.mark.parametrize("name", TORCH_FILES)
def test_reads_what_torch_wrote(name: str) -> None:
    expected = dict(np.load(DATA / f"{name.split('-')[0]}.npz"))
    if "bfloat16" in expected:
        expected["bfloat16"] = expected["bfloat16"].astype(ml_dtypes.bfloat16)
    assert_equal(formats.read(DATA / f"{name}.bin"), expected)


@pytest.mark.parametrize("suffix", [".safetensors", ".msgpack", ".bin"])
def test_every_dtype_and_shape_survives(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"weights{suffix}"
    formats.write(path, ARRAYS)
    assert_equal(formats.read(path), ARRAYS)


def test_msgpack_is_what_flax_reads_and_writes(tmp_path: Path) -> None:
    path = tmp_path / "weights.msgpack"
    formats.write(path, {"layer/kernel": ARRAYS["f32"], "layer/bias": ARRAYS["bf16"]})
    restored: Any = flax.serialization.msgpack_restore(path.read_bytes())
    assert_equal(restored["layer"], {"kernel": ARRAYS["f32"], "bias": ARRAYS["bf16"]})
    path.write_bytes(flax.serialization.to_bytes({"a": {"b": {"c": ARRAYS["f16"]}}}))
    assert_equal(formats.read(path), {"a/b/c": ARRAYS["f16"]})


def test_msgpack_joins_the_pieces_of_large_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flax.serialization, "MAX_CHUNK_SIZE", 64)
    large = np.arange(100, dtype=np.float32).reshape(4, 25)
    content = flax.serialization.to_bytes({"large": large, "small": large[:1, :2]})
    assert b"__msgpack_chunked_array__" in content
    assert_equal(msgpack_format.read(memoryview(content)), {"large": large, "small": large[:1, :2]})


def test_torch_files_hold_nothing_but_what_torch_needs(tmp_path: Path) -> None:
    """Every record begins where torch could map it, and the same weights give the same file."""
    paths = [tmp_path / name / "weights.bin" for name in ("one", "other")]
    for path in paths:
        path.parent.mkdir()
        formats.write(path, ARRAYS)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with zipfile.ZipFile(paths[0]) as archive:
        assert archive.testzip() is None
        names = {f"weights/data/{number}" for number in range(len(ARRAYS))}
        assert set(archive.namelist()) == names | {"weights/data.pkl", "weights/byteorder", "weights/version"}
        content = paths[0].read_bytes()
        for entry in archive.infolist():
            start = entry.header_offset + 30 + len(entry.filename) + len(entry.extra)
            assert start % 64 == 0
            assert content[start : start + entry.file_size] == archive.read(entry)


def test_safetensors_metadata_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    formats.write(path, {"a": ARRAYS["f32"]}, {"format": "pt"})
    assert b'{"format":"pt"}' in path.read_bytes()


def test_other_suffixes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"weights\.npz: weights are read from"):
        formats.read(tmp_path / "weights.npz")
    with pytest.raises(ValueError, match=r"weights\.h5: weights are written to"):
        formats.write(tmp_path / "weights.h5", {})
