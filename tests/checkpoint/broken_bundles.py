"""Broken and hostile TensorFlow checkpoints and Keras files: a name, and the content of each file."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.checkpoint.bundles import HEADER, block, entry, extents, field, table, varint

INDEX = "model.ckpt-best.index"
DATA = "model.ckpt-best.data-00000-of-00001"
KERAS = "tf_model.h5"
WRITTEN = Path(__file__).parent / "tensorflow"
ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3)

Files = dict[str, bytes]


def sound(**changes: int | bytes) -> bytes:
    """An index of one array, described otherwise than it is."""
    described: dict[str, int | bytes] = {"offset": 0} | changes
    offset = described.pop("offset")
    assert isinstance(offset, int)
    return table(block({b"": HEADER, b"w": entry(ARRAY, offset, **described)}))


def slices(*lengths: tuple[int, int]) -> bytes:
    """A variable of 2 x 3 in slices of rows, each a start and a length."""
    whole = entry(ARRAY, size=0) + b"".join(field(7, extents((start, length), (0, 3))) for start, length in lengths)
    parts = {}
    for start, length in lengths:
        key = b"\x00w\x00\x01\x01\x02" + bytes([0x80 | start, 0x80 | length, 0x80, 0x83])
        parts[key] = entry(ARRAY[start : start + length], 12 * start)
    return table(block({b"": HEADER} | dict(sorted(parts.items())) | {b"w": whole}))


def indexes() -> Files:
    """Indexes that lie, or ask for more than they are worth."""
    counted = range(12_000)
    alone = field(7, extents((0, 2), (0, 3)))
    many = {b"%05d" % number: entry(ARRAY) for number in range(3000)}
    long = {b"k" * 1000 + b"%05d" % number: b"" for number in counted}
    literal = b"\x00a" + b"\xfe\x01\x00" * 60_000  # one byte, then copies of 64 of what went before
    pointing = varint(0) + varint(len(block({b"": HEADER})))
    again = table(block({b"": HEADER}))
    repeated = block({b"%05d" % number: pointing for number in counted})
    return {
        "no table": b"weights" * 20,
        "no header": table(block({b"w": entry(ARRAY)})),
        "no files": table(block({b"": field(1, 0), b"w": entry(ARRAY)})),
        "too many files": table(block({b"": field(1, 10**9), b"w": entry(ARRAY)})),
        "two files": table(block({b"": field(1, 2), b"w": entry(ARRAY)})),
        "big-endian": table(block({b"": HEADER + field(2, 1), b"w": entry(ARRAY)})),
        "a file beyond the last": sound(file=1),
        "text": sound(dtype=7),
        "an unknown type": sound(dtype=99),
        "another size": sound(size=20),
        "a huge shape": sound(shape=field(2, field(1, 2**62)), size=2**62),
        "a shape beyond 64 bits": sound(shape=field(2, field(1, 2**62)) * 8, size=24),
        "a negative shape": sound(shape=field(2, field(1, 2**64 - 2)) + field(2, field(1, 2**64 - 3))),
        "empty but huge": sound(shape=field(2, field(1, 2**62)) + field(2, field(1, 0)), size=0),
        "seventy dimensions": sound(shape=field(2, field(1, 1)) * 70, size=4),
        "beyond the end": sound(offset=8),
        "far beyond the end": sound(offset=2**62),
        "other numbers": table(block({b"": HEADER, b"w": entry(ARRAY + 1)})),
        "the same numbers many times": table(block({b"": HEADER} | many)),
        "a name that is not UTF-8": table(block({b"": HEADER, b"\xff": entry(ARRAY)})),
        "keys out of order": table(block({b"w": entry(ARRAY), b"": HEADER})),
        "an endless key": table(block({b"": HEADER, b"w" * 2000: entry(ARRAY)})),
        "long keys that share all but their end": table(block({b"": HEADER} | long)),
        "objects of Python": table(block({b"": HEADER, b"_CHECKPOINTABLE_OBJECT_GRAPH": b""})),
        "a message that is a number": table(block({b"": HEADER, b"w": field(2, 7)})),
        "a message of garbage": table(block({b"": HEADER, b"w": b"\x0f\xff"})),
        "no tensors": table(block({b"": HEADER})),
        "unknown compression": table(block({b"": HEADER}), compression=7),
        "compression that announces too much": table(varint(2**40) + bytes(9), compression=1),
        "compression that gives much": table(varint(1 + 64 * 60_000) + literal, compression=1),
        "one block many times": table(block({b"": HEADER}), index=repeated),
        "a block behind the end": table(block({b"": HEADER}), index=block({b"a": varint(2**40) + varint(9)})),
        "a footer that points to itself": again[:-48] + varint(len(again) - 48) * 2 + again[-44:],
        "slices that overlap": slices((0, 1), (0, 2)),
        "slices with a gap": slices((1, 1)),
        "slices that are missing": table(block({b"": HEADER, b"w": entry(ARRAY, size=0) + alone})),
        "slices of other dimensions": table(
            block({b"": HEADER, b"w": entry(ARRAY, size=0) + field(7, extents((0, 2)))})
        ),
        "the same slice many times": table(block({b"": HEADER, b"w": entry(ARRAY, size=0) + alone * 5000})),
    }


def cases() -> Iterator[tuple[str, str, Files]]:
    """Every case: its name, the file to blame, the files."""
    for name, index in indexes().items():
        yield f"bundle: {name}", INDEX, {INDEX: index, DATA: ARRAY.tobytes()}
    index, data = ((WRITTEN / "hub-module" / name).read_bytes() for name in (INDEX, DATA))
    yield "bundle: no data file", INDEX, {INDEX: index}
    yield "bundle: an empty data file", INDEX, {INDEX: index, DATA: b""}
    for length in np.linspace(1, len(index) - 1, 40).astype(int).tolist():
        yield f"bundle: index cut to {length} bytes", INDEX, {INDEX: index[:length], DATA: data}
    for length in np.linspace(1, len(data) - 1, 10).astype(int).tolist():
        yield f"bundle: data cut to {length} bytes", INDEX, {INDEX: index, DATA: data[:length]}
    for place in np.linspace(0, len(data) - 1, 10).astype(int).tolist():
        flipped = data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :]
        yield f"bundle: a bit of byte {place} of the data flipped", INDEX, {INDEX: index, DATA: flipped}
    content = (WRITTEN / "keras" / KERAS).read_bytes()
    for length in np.linspace(1, len(content) - 1, 20).astype(int).tolist():
        yield f"HDF5 cut to {length} bytes", KERAS, {KERAS: content[:length]}
    for name, other in {"HTML": b"<!DOCTYPE html>", "zeros": bytes(1000), "a signature": content[:8]}.items():
        yield f"{name} as HDF5", KERAS, {KERAS: other}
