"""Probabilities as text that a page holds: square roots in 16 or 8 bits, deflated, in base64.

Most probabilities are small, and 8 bits of their square root are as fine at 0.001 as 13 bits of themselves.
"""

from __future__ import annotations

import base64
import math
import zlib
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

MOST_WEIGHTS = 2**26
_MOST_FINE_WEIGHTS = 2**20  # as many still make a page of less than 3 MB


class Packed(NamedTuple):
    """Weights in few characters.

    Attributes:
        bits: Bits of one weight, 8 or 16.
        data: Their square roots times ``2**bits - 1``, little endian, compressed by zlib, in base64.
    """

    bits: int
    data: str


def packed(probabilities: Float[np.ndarray, ...]) -> Packed:
    """Packs probabilities.

    Args:
        probabilities: Numbers from 0 to 1.

    Returns:
        The text, in 16 bits a number where they are few and in 8 where they are many.

    Example:
        >>> import numpy as np
        >>> from flax_albert.pictures.weights import packed, unpacked
        >>> unpacked(packed(np.array([0.0, 0.25, 1.0])), (3,)).round(4).tolist()
        [0.0, 0.25, 1.0]
    """
    bits = 16 if probabilities.size <= _MOST_FINE_WEIGHTS else 8
    roots = np.rint(np.sqrt(np.clip(probabilities, 0, 1)) * (2**bits - 1)).astype(f"<u{bits // 8}")
    return Packed(bits, base64.b64encode(zlib.compress(roots.tobytes())).decode("ascii"))


def unpacked(weights: Packed, shape: tuple[int, ...]) -> Float[np.ndarray, ...]:
    """Probabilities out of that text, as the page has them.

    Args:
        weights: What :func:`packed` returned.
        shape: The shape of what it was given.

    Returns:
        The numbers, off by at most :func:`step`.
    """
    roots = np.frombuffer(zlib.decompress(base64.b64decode(weights.data)), f"<u{weights.bits // 8}")
    return np.square(roots.reshape(shape) / (2**weights.bits - 1))


def step(bits: int, probability: float = 1.0) -> float:
    """By how much packing changes a probability at most: half a step of its square root.

    Args:
        bits: Bits of a number.
        probability: The probability.

    Returns:
        The largest difference.
    """
    half = 0.5 / (2**bits - 1)
    return 2 * math.sqrt(probability) * half + half**2
