"""PNG files of few colours, which an SVG picture holds its matrices as: a tenth of the size of a rectangle a cell."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from jaxtyping import UInt8


def png(pixels: UInt8[np.ndarray, "height width"], palette: UInt8[np.ndarray, "colours 3"]) -> bytes:
    r"""A picture as a PNG file of a palette (W3C, Portable Network Graphics, third edition, section 11).

    Args:
        pixels: The number of each pixel's colour.
        palette: Red, green and blue of each colour, 256 at most.

    Returns:
        The file.

    Example:
        >>> import numpy as np
        >>> from flax_albert.pictures.png import png
        >>> png(np.zeros((2, 3), np.uint8), np.zeros((1, 3), np.uint8))[:8]
        b'\x89PNG\r\n\x1a\n'
    """
    height, width = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels], axis=1)  # each row begins with its filter: none
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
