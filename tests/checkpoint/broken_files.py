"""A corpus of broken checkpoints: each a directory that cannot be loaded, under a name that says why."""

import json
import os
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flax.serialization
import msgpack
import numpy as np

from flax_albert.checkpoint import formats
from flax_albert.checkpoint.save import save
from tests.checkpoint import broken_bundles, broken_torch_files, tiny

SAFETENSORS = "model.safetensors"
MSGPACK = "flax_model.msgpack"
TORCH = "pytorch_model.bin"
LEAVES = tiny.leaves()

Build = Callable[[Path], object]
Case = tuple[str, str, Build]  # its name, the file to blame, and what makes it in an empty directory


def sound_files() -> dict[str, tuple[str, bytes]]:
    """A sound file of every format: where it belongs, and its content."""
    arrays = dict(np.load(tiny.DATA / "albert.npz"))
    del arrays["predictions.decoder.weight"]
    header_and_data = safetensors_file(
        {name: {"dtype": "F32", "shape": list(array.shape)} for name, array in arrays.items()},
        b"".join(array.tobytes() for array in arrays.values()),
    )
    tree = tiny.params(LEAVES)
    return {
        "safetensors": (SAFETENSORS, header_and_data),
        "msgpack": (MSGPACK, flax.serialization.to_bytes(tree)),
        "torch zip": (TORCH, (tiny.DATA / "albert-zip.bin").read_bytes()),
        "torch legacy": (TORCH, (tiny.DATA / "albert-legacy.bin").read_bytes()),
    }


def safetensors_file(header: dict[str, dict[str, Any]], data: bytes) -> bytes:
    """A safetensors file; entries without offsets get them one after the other."""
    position = 0
    entries = {}
    for name, entry in header.items():
        size = 4 * int(np.prod(entry["shape"])) if "data_offsets" not in entry else 0
        entries[name] = {"data_offsets": [position, position + size], **entry}
        position += size
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + data


def writing(name: str, content: bytes) -> Build:
    """Writes one file."""
    return lambda directory: (directory / name).write_bytes(content)


def truncated() -> Iterator[Case]:
    """Every format, cut off at its beginning byte by byte, then at seventy places up to its end."""
    for title, (name, content) in sound_files().items():
        lengths = {*range(1, 20), *np.linspace(20, len(content) - 1, 70).astype(int).tolist()}
        for length in sorted(lengths):
            yield f"{title} cut to {length} of {len(content)} bytes", name, writing(name, content[:length])


def wrong_magic() -> Iterator[Case]:
    """Other things under the name of a file of weights."""
    sound = sound_files()
    others = {title: content for title, (_, content) in sound.items()} | {
        "HTML": b"<!DOCTYPE html><html><body>404</body></html>",
        "Git LFS pointer": b"version https://git-lfs.example/spec/v1\noid sha256:0\nsize 12\n",
        "JSON": b'{"weight_map": {}}',
        "gzip": b"\x1f\x8b\x08" + bytes(40),
        "zeros": bytes(1000),
        "ones": b"\xff" * 1000,
        "text": b"hello, world\n" * 10,
        "HDF5": b"\x89HDF\r\n\x1a\n" + bytes(100),
        "tar": b"storages" + bytes(600),
        "numpy": b"\x93NUMPY\x01\x00" + bytes(100),
        "empty": b"",
    }
    for title, (name, content) in sound.items():
        for other_title, other in others.items():
            if not (title.startswith("torch") and other_title.startswith("torch")) and title != other_title:
                yield f"{other_title} as {title}", name, writing(name, other)
        for count in (1, 2, 4, 8):
            damaged = b"\x7f" * count + content[count:]
            yield f"{title} with {count} bytes overwritten", name, writing(name, damaged)


def flipped_bits() -> Iterator[Case]:
    """Single bits flipped where a flip cannot be taken for data: lengths, magic numbers, and record headers."""
    content = {title: bytearray(content) for title, (_, content) in sound_files().items()}
    directory = content["torch zip"].index(b"PK\x01\x02")
    places = {
        "safetensors": range(8),
        "msgpack": range(1),
        "torch zip": [*range(4), *range(directory, directory + 4), *range(directory + 20, directory + 26)],
        "torch legacy": [0, *range(2, 16), 17],
    }
    for title, offsets in places.items():
        name = sound_files()[title][0]
        for offset in offsets:
            for bit in range(8):
                damaged = content[title].copy()
                damaged[offset] ^= 1 << bit
                yield f"{title}, bit {bit} of byte {offset} flipped", name, writing(name, bytes(damaged))


def headers() -> Iterator[Case]:
    """safetensors headers that lie."""
    data = bytes(24)
    good = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}
    entries: dict[str, dict[str, Any]] = {
        "negative size": good | {"shape": [-2, 3]},
        "absurd shape": good | {"shape": [2**40, 2**40]},
        "overflowing shape": good | {"shape": [2**63, 2]},
        "size beyond 64 bits": good | {"shape": [2**70]},
        "empty but huge": good | {"shape": [2**62, 0], "data_offsets": [0, 0]},
        "seventy dimensions": good | {"shape": [1] * 70},
        "float size": good | {"shape": [2.5]},
        "text size": good | {"shape": ["2"]},
        "shape of another size": good | {"shape": [2, 2]},
        "unknown dtype": good | {"dtype": "F31"},
        "eight-bit float": {"dtype": "F8_E4M3", "shape": [24], "data_offsets": [0, 24]},
        "complex": {"dtype": "C64", "shape": [3], "data_offsets": [0, 24]},
        "number as dtype": good | {"dtype": 3},
        "offsets beyond the file": good | {"data_offsets": [24, 48]},
        "huge offsets": good | {"data_offsets": [2**62, 2**62 + 24]},
        "overflowing offsets": good | {"data_offsets": [2**64 - 1, 2**64 + 23]},
        "offsets swapped": good | {"data_offsets": [24, 0]},
        "negative offsets": good | {"data_offsets": [-24, 0]},
        "one offset": good | {"data_offsets": [24]},
        "no dtype": {"shape": [2, 3], "data_offsets": [0, 24]},
        "no shape": {"dtype": "F32", "data_offsets": [0, 24]},
    }
    for name, entry in entries.items():
        text = json.dumps({"a": entry}).encode()
        yield f"header: {name}", SAFETENSORS, writing(SAFETENSORS, struct.pack("<Q", len(text)) + text + data)
    texts = {
        "overlapping arrays": json.dumps({"a": good, "b": good}).encode(),
        "a hole": json.dumps({"a": good | {"shape": [1], "data_offsets": [20, 24]}}).encode(),
        "a list": b"[]",
        "a number": b"7",
        "nothing": b"",
        "no JSON": b"{'a': 1}",
        "no arrays": b"{}",
        "deeply nested": b"[" * 100_000,
        "deeply nested entry": b'{"a":' * 50_000,
        "not UTF-8": b'{"\xff": 1}',
        "metadata of numbers": b'{"__metadata__": {"format": 1}}',
    }
    for name, text in texts.items():
        yield f"header: {name}", SAFETENSORS, writing(SAFETENSORS, struct.pack("<Q", len(text)) + text + data)
    sound = sound_files()["safetensors"][1]
    length = struct.unpack("<Q", sound[:8])[0]
    for wrong in (0, 1, length - 1, length + 1, len(sound) - 7, 10**8 + 1, 2**31, 2**32, 2**63, 2**64 - 1):
        content = struct.pack("<Q", wrong) + sound[8:]
        yield f"header of announced length {wrong}", SAFETENSORS, writing(SAFETENSORS, content)


def packed(value: Any) -> bytes:
    """A value as msgpack."""
    content: Any = msgpack.packb(value)
    return content


def trees() -> Iterator[Case]:
    """msgpack files that hold no tree of arrays, or announce more than they hold."""

    def array(shape: Any, dtype: Any = "float32", content: Any = bytes(24), code: int = 1) -> msgpack.ExtType:
        return msgpack.ExtType(code, packed((shape, dtype, content)))

    chunked = {"__msgpack_chunked_array__": True, "shape": {"0": 2, "1": 3}, "chunks": {"0": np.zeros(6)}}
    values: dict[str, Any] = {
        "number": 1,
        "text": "weights",
        "nothing": None,
        "list": [1, 2],
        "date": msgpack.Timestamp(0),
        "unknown extension": msgpack.ExtType(77, b"x"),
        "complex number": msgpack.ExtType(2, packed((1.0, 2.0))),
        "scalar": msgpack.ExtType(3, packed(((), "float32", bytes(4)))),
        "empty extension": msgpack.ExtType(1, b""),
        "shape of another size": array((2, 2)),
        "negative size": array((-2, -3)),
        "absurd shape": array((2**40, 2**40)),
        "overflowing shape": array((2**63, 2)),
        "seventy dimensions": array((1,) * 70),
        "text size": array(("2", 3)),
        "float size": array((2.0, 3)),
        "shape as a map": array({"0": 6}),
        "no shape": array(None),
        "unknown dtype": array((2, 3), "float31"),
        "object dtype": array((3,), "object"),
        "structured dtype": array((3,), "f4,f4"),
        "dtype as a number": array((2, 3), 4),
        "half an element": array((2, 3), "float32", bytes(23)),
        "text as content": array((2, 3), "float32", "a" * 24),
        "an extension within": array((2, 3), "float32", array((2, 3))),
        "chunks without shape": {key: value for key, value in chunked.items() if key != "shape"},
        "chunks without chunks": {key: value for key, value in chunked.items() if key != "chunks"},
        "no chunks": chunked | {"chunks": {}},
        "chunks of another size": chunked | {"chunks": {"0": np.zeros(5)}},
        "chunks with a gap": chunked | {"chunks": {"0": np.zeros(3), "2": np.zeros(3)}},
        "chunks of several dtypes": chunked | {"chunks": {"0": np.zeros(3), "1": np.zeros(3, "f4")}},
        "chunks that are numbers": chunked | {"chunks": {"0": 1, "1": 2}},
        "chunks of an absurd shape": chunked | {"shape": {"0": 2**40, "1": 2**40}},
        "chunks of a negative shape": chunked | {"shape": {"0": -2, "1": -3}},
        "chunks of seventy dimensions": chunked | {"shape": {str(i): 1 for i in range(70)}},
    }
    for name, value in values.items():
        yield f"tree: {name}", MSGPACK, writing(MSGPACK, flax.serialization.msgpack_serialize({"a": value}))
    deep: Any = np.zeros(1)
    for _ in range(200):
        deep = {"a": deep}
    contents = {
        "bare number": b"\x01",
        "list of arrays": b"\x91" + packed(array((2, 3))),
        "bare array": packed(array((2, 3))),
        "key that is a number": b"\x81\x01\x01",
        "key that is bytes": b"\x81\xc4\x01a\x01",
        "key that is a map": b"\x81\x80\x01",
        "key that is not UTF-8": b"\x81\xa1\xff\x01",
        "nested 200 deep": flax.serialization.to_bytes(deep),
        "nested 100,000 deep": b"\x81\xa1a" * 100_000,
        "lists nested 100,000 deep": b"\x91" * 100_000,
        "map longer than the file": b"\xdf" + b"\xff" * 4,
        "lists longer than the file": (b"\xdd" + b"\xff" * 4) * 500,
        "maps longer than the file": (b"\xdf" + b"\xff" * 4 + b"\xa1a") * 500,
        "bytes longer than the file": b"\x81\xa1a\xc6" + b"\xff" * 4,
        "text longer than the file": b"\x81\xdb" + b"\xff" * 4,
        "extension longer than the file": b"\x81\xa1a\xc9" + b"\xff" * 4 + b"\x01",
        "reserved byte": b"\xc1",
        "more behind it": sound_files()["msgpack"][1] + b"\x00",
        "two trees": sound_files()["msgpack"][1] * 2,
        "no arrays": b"\x80",
    }
    for name, content in contents.items():
        yield f"tree: {name}", MSGPACK, writing(MSGPACK, content)


def torch_files(sentinel: Path) -> Iterator[Case]:
    """Hostile and senseless torch files."""
    for cases in (broken_torch_files.hostile(sentinel), broken_torch_files.nonsense(), broken_torch_files.archives()):
        for name, content in cases:
            yield f"torch: {name}", TORCH, writing(TORCH, content)


def indexes() -> Iterator[Case]:
    """Indexes of shards that lie."""
    index = f"{SAFETENSORS}.index.json"

    def content(text: bytes) -> Build:
        return writing(index, text)

    def mapped(weight_map: Any) -> Build:
        return content(json.dumps({"weight_map": weight_map}).encode())

    names: dict[str, Any] = {
        "above": f"../{SAFETENSORS}",
        "far above": "../../../../../../etc/passwd",
        "an absolute path": "/etc/passwd",
        "an absolute path of weights": "/tmp/model.safetensors",
        "below": f"inner/{SAFETENSORS}",
        "a Windows path": f"..\\{SAFETENSORS}",
        "a Windows drive": f"C:{SAFETENSORS}",
        "nothing": "",
        "here": ".",
        "a suffix only": ".safetensors",
        "another format": "model.bin",
        "an address": "https://example.org/model.safetensors",
        "a zero byte": "model\0.safetensors",
        "a line break": "model\n.safetensors",
        "half a character": "model\ud800.safetensors",
        "an endless name": "m" * 5000 + ".safetensors",
        "a number": 1,
        "a list": ["model.safetensors"],
        "null": None,
        "a missing shard": "model-00001-of-00002.safetensors",
    }
    for name, value in names.items():
        yield f"index pointing to {name}", index, mapped({"a": value})
    texts = {
        "empty": b"",
        "no JSON": b"weights",
        "a list": b"[]",
        "a number": b"3",
        "no weight_map": b'{"metadata": {}}',
        "an empty weight_map": b'{"weight_map": {}}',
        "a list as weight_map": b'{"weight_map": ["a"]}',
        "not UTF-8": b'{"weight_map": {"\xff": "a"}}',
        "deeply nested": b'{"weight_map": ' + b"[" * 100_000,
        "cut off": b'{"weight_map": {"a": "model-1.safetensors"',
    }
    for name, text in texts.items():
        yield f"index: {name}", index, content(text)

    def sharded(directory: Path) -> list[Path]:
        save(directory, tiny.params(LEAVES), LEAVES, tiny.config(), max_shard_size=1000)
        return sorted(directory.glob("*.safetensors"))

    count = 4
    for number in range(count):
        shard = f"model-{number + 1:05d}-of-{count:05d}.safetensors"
        yield f"shard {number} missing", index, lambda d, n=number: sharded(d)[n].unlink()
        yield f"shard {number} cut off", shard, lambda d, n=number: os.truncate(sharded(d)[n], 300)
        yield f"shard {number} empty", shard, lambda d, n=number: os.truncate(sharded(d)[n], 0)
        yield (
            f"shard {number} replaced by its neighbour",
            shard,
            lambda d, n=number: shutil.copy(sharded(d)[n - 1], sharded(d)[n]),
        )


def values() -> Iterator[Case]:
    """Sound files whose numbers make no model."""
    for bad in (np.nan, np.inf, -np.inf):
        for dtype in ("float32", "float16", "bfloat16"):
            for number, leaf in enumerate(LEAVES[::3]):
                name = (SAFETENSORS, MSGPACK)[number % 2]
                params = tiny.flat(tiny.params(LEAVES, dtype=np.dtype(dtype)))
                params["/".join(leaf.path)].flat[-1] = bad
                yield f"{bad} in {leaf.torch_name}, {dtype}, {name}", name, _written(name, params)
    sound = tiny.flat(tiny.params(LEAVES))
    for dtype in ("int64", "int8", "uint8", "bool"):
        damaged = sound | {"predictions/bias": sound["predictions/bias"].astype(dtype)}
        yield f"{dtype} weights", SAFETENSORS, _written(SAFETENSORS, damaged)
    overflowing = sound | {"predictions/bias": np.full(12, 1e300)}
    yield "float64 weights beyond float32", SAFETENSORS, _written(SAFETENSORS, overflowing)
    twice = sound | {"embeddings/LayerNorm/bias": sound["albert/embeddings/LayerNorm/bias"]}
    yield "a parameter held twice", SAFETENSORS, _written(SAFETENSORS, twice)
    for leaf in LEAVES[::2]:
        name = "/".join(leaf.path)
        for change, shape in {"longer": (leaf.shape[0] + 1, *leaf.shape[1:]), "flat": (1, *leaf.shape)}.items():
            other = sound | {name: np.zeros(shape, np.float32)}
            yield f"{name} {change}", SAFETENSORS, _written(SAFETENSORS, other)
    foreign = {"bert.encoder.layer.0.attention.self.query.weight": np.zeros((8, 8), np.float32)}
    yield "another model", SAFETENSORS, _written(SAFETENSORS, foreign)


def _written(name: str, arrays: dict[str, np.ndarray]) -> Build:
    return lambda directory: formats.write(directory / name, arrays)


def paths() -> Iterator[Case]:
    """Names of weights that are no files, or not to be read."""

    def forbidden(directory: Path) -> None:
        (directory / SAFETENSORS).write_bytes(sound_files()["safetensors"][1])
        (directory / SAFETENSORS).chmod(0)

    for name in (SAFETENSORS, MSGPACK, TORCH, f"{SAFETENSORS}.index.json"):
        yield f"{name} is a directory", name, lambda d, n=name: (d / n).mkdir()
        yield f"{name} is a pipe", name, lambda d, n=name: os.mkfifo(d / n)
        yield f"{name} is a link to nothing", name, lambda d, n=name: (d / n).symlink_to("absent")
        yield f"{name} is a link to itself", name, lambda d, n=name: (d / n).symlink_to(n)
        yield f"{name} is an endless device", name, lambda d, n=name: (d / n).symlink_to("/dev/zero")
        yield f"{name} is empty", name, lambda d, n=name: (d / n).touch()
    if os.geteuid():
        yield "weights that may not be read", SAFETENSORS, forbidden
    yield "no weights", "", lambda d: (d / "model.onnx").touch()
    yield "an empty directory", "", lambda d: None
    yield "no directory", "", lambda d: d.rmdir()
    yield "a file for a directory", "", lambda d: (d.rmdir(), d.touch())


def tensorflow() -> Iterator[Case]:
    """TensorFlow's checkpoints, and Keras's files."""

    def building(files: broken_bundles.Files) -> Build:
        return lambda directory: [(directory / name).write_bytes(content) for name, content in files.items()]

    for name, culprit, files in broken_bundles.cases():
        yield name, culprit, building(files)


FAMILIES: dict[str, Callable[[Path], Iterator[Case]]] = {
    "truncated": lambda _sentinel: truncated(),
    "wrong magic": lambda _sentinel: wrong_magic(),
    "flipped bits": lambda _sentinel: flipped_bits(),
    "safetensors headers": lambda _sentinel: headers(),
    "msgpack trees": lambda _sentinel: trees(),
    "torch files": torch_files,
    "indexes": lambda _sentinel: indexes(),
    "values": lambda _sentinel: values(),
    "TensorFlow": lambda _sentinel: tensorflow(),
    "paths": lambda _sentinel: paths(),
}
"""The whole corpus, by family; each family is told which file its hostile members should try to make."""
