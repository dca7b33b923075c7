"""Snappy, the compression of tables that early versions of TensorFlow wrote; only what undoes it."""

from __future__ import annotations

from flax_albert.protobuf import varint

_LITERAL = 0
_MOST_FROM_A_BYTE = 22  # bytes: a copy of 64 takes three, so nothing sound grows more than this


def decompress(data: bytes) -> bytes:
    r"""Undoes the compression of a block.

    Args:
        data: The compressed block.

    Returns:
        The block.

    Raises:
        ValueError: The data are damaged, or announce more than they can hold.

    Example:
        >>> from flax_albert.checkpoint.formats.snappy import decompress
        >>> decompress(b"\x08" + b"\x04ab" + b"\x16\x02\x00")  # eight bytes: "ab", then six bytes from two bytes before
        b'abababab'
    """
    announced, position = varint(data, 0)
    if announced > _MOST_FROM_A_BYTE * len(data):
        raise ValueError("a compressed block announces more than it can hold")
    output = bytearray()
    while position < len(data):
        tag = data[position]
        kind, size = tag & 3, tag >> 2
        position += 1
        if kind == _LITERAL:
            extra = max(size - 59, 0)  # from 60 on, so many bytes hold the size
            if extra:
                size = int.from_bytes(data[position : position + extra], "little")
                position += extra
            size += 1
            if size > len(data) - position:
                raise ValueError("a compressed block breaks off")
            output += data[position : position + size]
            position += size
        else:
            extra = (1, 2, 4)[kind - 1]
            distance = int.from_bytes(data[position : position + extra], "little")
            if kind == 1:
                distance |= size >> 3 << 8
                size = (size & 7) + 3
            size += 1
            position += extra
            if not 0 < distance <= len(output):
                raise ValueError("a compressed block refers to what is before its beginning")
            # A copy may overlap what it writes: then it repeats.
            pattern = output[-distance:][:size]
            output += (pattern * -(-size // len(pattern)))[:size]
        if len(output) > announced:
            raise ValueError("a compressed block holds more than it announces")
    if len(output) != announced:
        raise ValueError("a compressed block breaks off")
    return bytes(output)
