"""The wire format of Protocol Buffers, in which SentencePiece models and TensorFlow's checkpoints are written.

A message is a sequence of numbered fields. Reading one takes no package, and no description of the message.
"""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_SIZES = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT = 10  # bytes


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    r"""Takes a message apart.

    Args:
        message: Its bytes.

    Yields:
        The number of a field and its value: an integer where it is a varint, otherwise the bytes.

    Raises:
        ValueError: The message breaks off or is none.

    Example:
        >>> from flax_albert.protobuf import fields
        >>> list(fields(b"\x08\x96\x01" + b"\x12\x02hi"))
        [(1, 150), (2, b'hi')]
    """
    position = 0
    while position < len(message):
        key, position = varint(message, position)
        number, wire_type = key >> 3, key & 7
        if number == 0:
            raise ValueError("a field has number 0")
        if wire_type == _VARINT:
            value, position = varint(message, position)
            yield number, value
            continue
        if wire_type == _BYTES:
            size, position = varint(message, position)
        elif wire_type in _FIXED_SIZES:
            size = _FIXED_SIZES[wire_type]
        else:
            raise ValueError(f"field {number} has the unknown wire type {wire_type}")
        if size > len(message) - position:
            raise ValueError(f"field {number} needs {size} bytes, {len(message) - position} are left")
        yield number, message[position : position + size]
        position += size


def varint(data: bytes | memoryview, position: int) -> tuple[int, int]:
    """Reads a number stored in seven bits a byte, the last byte marked by a clear high bit.

    Args:
        data: Bytes.
        position: Where the number begins.

    Returns:
        The number, without sign, and the position behind it.

    Raises:
        ValueError: It breaks off or is longer than any number.
    """
    value = 0
    for count, byte in enumerate(data[position : position + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * count
        if byte < 0x80:
            return value, position + count + 1
    if position + _LONGEST_VARINT <= len(data):
        raise ValueError(f"a number is longer than {_LONGEST_VARINT} bytes")
    raise ValueError("it ends in the middle of a number")
