"""Which documents are held out."""

from __future__ import annotations

import zlib
from typing import Literal

SplitName = Literal["train", "held-out"]
SPLITS: tuple[SplitName, ...] = ("train", "held-out")


def split_of(name: str, held_out: float) -> SplitName:
    """Where a document goes: the same on any machine and in any order.

    At one percent, those are held out whose checksum, CRC-32, is a multiple of 100. Whoever is held out at a share is
    so at every larger one.

    Args:
        name: What the document is known by: its id, or its text.
        held_out: Share that is held out.

    Returns:
        The split.

    Example:
        >>> from flax_albert.data.documents.splits import split_of
        >>> [split_of(f"chapter {number}", held_out=0.01) for number in (135, 136, 137)]
        ['train', 'held-out', 'train']
    """
    checksum = zlib.crc32(name.encode())
    place = checksum % 100 * 10_000 + checksum // 100 % 10_000
    return "held-out" if place < held_out * 1_000_000 else "train"
