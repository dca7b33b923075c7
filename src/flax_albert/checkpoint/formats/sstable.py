"""Sorted tables as LevelDB writes them: blocks of keys and values, an index block, and a footer that points to it.

TensorFlow keeps the directory of a checkpoint in one. A block is followed by the way it is compressed and by a checksum
of both; in a block a key is stored as the length that it shares with the key before it, and the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from flax_albert.checkpoint.formats.crc32c import masked_crc32c
from flax_albert.checkpoint.formats.snappy import decompress
from flax_albert.protobuf import varint

_FOOTER_SIZE = 48
_MAGIC = 0xDB4775248B80FB57
_TRAILER_SIZE = 5
_STORED, _SNAPPY = 0, 1
_LONGEST_KEY = 1024
_LONGEST_KEYS = 2**26  # bytes in all keys together, because a key may share nearly all of itself with the one before


def read(data: memoryview) -> dict[bytes, bytes]:
    """Reads a table.

    Args:
        data: The bytes of the file.

    Returns:
        Its values by key, in the order of the keys.

    Raises:
        ValueError: The bytes are damaged or no table.
    """
    footer = data[-_FOOTER_SIZE:]
    if len(footer) < _FOOTER_SIZE or int.from_bytes(footer[-8:], "little") != _MAGIC:
        raise ValueError("it does not end as the index of a TensorFlow checkpoint ends")
    _offset, position = varint(footer, 0)
    _size, position = varint(footer, position)
    index, _end = _block(data, bytes(footer[position:]), 0)
    table: dict[bytes, bytes] = {}
    end = total = 0
    last = None
    for _key, handle in _entries(index):
        # Each block begins behind the one before it, so that a small file cannot have one block read many times.
        block, end = _block(data, handle, end)
        for key, value in _entries(block):
            total += len(key)
            if (last is not None and key <= last) or total > _LONGEST_KEYS:
                raise ValueError("its keys are not in order")
            table[key] = value
            last = key
    return table


def _block(data: memoryview, handle: bytes, start: int) -> tuple[bytes, int]:
    """The block that a handle stands for, and where it ends."""
    offset, position = varint(handle, 0)
    size, _ = varint(handle, position)
    end = offset + size + _TRAILER_SIZE
    if offset < start or end > len(data) - _FOOTER_SIZE:
        raise ValueError("a block of it lies outside the file or over another one")
    if int.from_bytes(data[end - 4 : end], "little") != masked_crc32c(data[offset : end - 4]):
        raise ValueError("a block of it does not have the checksum that it should have")
    content, compression = bytes(data[offset : offset + size]), data[offset + size]
    if compression == _SNAPPY:
        content = decompress(content)
    elif compression != _STORED:
        raise ValueError(f"a block of it is compressed in the unknown way {compression}")
    return content, end


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a block; the places to start from that are listed behind them are of no use here."""
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (restarts + 1)
    if len(block) < 4 or end < 0:
        raise ValueError("a block of it breaks off")
    key = b""
    position = 0
    while position < end:
        shared, position = varint(block, position)
        rest, position = varint(block, position)
        size, position = varint(block, position)
        if shared > len(key) or shared + rest > _LONGEST_KEY or position + rest + size > end:
            raise ValueError("an entry of it is longer than its block")
        key = key[:shared] + block[position : position + rest]
        position += rest
        yield key, block[position : position + size]
        position += size
