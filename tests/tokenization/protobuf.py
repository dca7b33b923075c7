"""Writes the wire format of Protocol Buffers, enough to make SentencePiece models, whole and broken."""

import struct


def varint(value: int) -> bytes:
    """A number, seven bits a byte; a negative one takes ten bytes."""
    value &= (1 << 64) - 1
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def number(field: int, value: int) -> bytes:
    """A field that holds a number."""
    return varint(field << 3) + varint(value)


def chunk(field: int, content: bytes) -> bytes:
    """A field that holds text, bytes or a message."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def piece(text: bytes, score: float) -> bytes:
    """One piece of a model."""
    return chunk(1, chunk(1, text) + varint(2 << 3 | 5) + struct.pack("<f", score))


def model(
    pieces: dict[str, float], unk_id: int = 0, model_type: int = 1, charsmap: bytes = b"", extra: bytes = b""
) -> bytes:
    """A whole model."""
    written = b"".join(piece(text.encode(), score) for text, score in pieces.items())
    trainer = number(3, model_type) + number(40, unk_id)
    return written + extra + chunk(2, trainer) + chunk(3, chunk(1, b"nfkc") + chunk(2, charsmap))
