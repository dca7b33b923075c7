"""Indexes of TensorFlow checkpoints, written here so that their checksums fit whatever nonsense they hold."""

from collections.abc import Mapping

import numpy as np

from flax_albert.checkpoint.formats.crc32c import masked_crc32c

MAGIC = bytes.fromhex("57fb808b247547db")


def varint(value: int) -> bytes:
    """Seven bits a byte."""
    encoded = b""
    while value >= 0x80:
        encoded += bytes([value & 0x7F | 0x80])
        value >>= 7
    return encoded + bytes([value])


def field(number: int, value: int | bytes) -> bytes:
    """A field of a Protocol Buffers message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def entry(array: np.ndarray, offset: int = 0, **changes: int | bytes) -> bytes:
    """The message that describes a float32 array."""
    shape = b"".join(field(2, field(1, size)) for size in array.shape)
    values = {"dtype": 1, "shape": shape, "file": 0, "offset": offset, "size": array.nbytes} | changes
    checksum = masked_crc32c(array.tobytes())
    numbers = {"dtype": 1, "shape": 2, "file": 3, "offset": 4, "size": 5}
    return (
        b"".join(field(numbers[key], value) for key, value in values.items()) + b"\x35" + checksum.to_bytes(4, "little")
    )


HEADER = field(1, 1) + field(3, field(1, 1))


def block(entries: Mapping[bytes, bytes], share: bool = True) -> bytes:
    """A block, its keys sharing what they can."""
    content, before = b"", b""
    for key, value in entries.items():
        shared = 0
        while share and shared < min(len(key), len(before)) and key[shared] == before[shared]:
            shared += 1
        content += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return content + bytes(4) + (1).to_bytes(4, "little")


def extents(*pairs: tuple[int, int]) -> bytes:
    """Where a slice begins and how long it is, along each dimension."""
    return b"".join(field(1, field(1, start) + field(2, length)) for start, length in pairs)


def table(*blocks: bytes, compression: int = 0, index: bytes | None = None) -> bytes:
    """A table of blocks, with an index block and a footer."""
    content, handles = b"", {}

    def append(data: bytes, how: int) -> bytes:
        nonlocal content
        handle = varint(len(content)) + varint(len(data))
        content += data + bytes([how]) + masked_crc32c(data + bytes([how])).to_bytes(4, "little")
        return handle

    for number, data in enumerate(blocks):
        handles[b"%08d" % number] = append(data, compression)
    footer = append(block({}), 0) + append(block(handles) if index is None else index, 0)
    return content + footer.ljust(40, b"\x00") + MAGIC
