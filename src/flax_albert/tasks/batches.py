"""Static shapes: whatever the texts, their batches take a handful of shapes, and so a handful of executables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Most slots (rows times masks) of a batch, unless one row alone has more: each slot costs a row of the vocabulary.
_MOST_SLOTS = 512


@dataclass(frozen=True)
class Batch:
    """Which texts run together, and the shape they are padded to."""

    texts: tuple[int, ...]
    rows: int
    length: int
    slots: int


def bucket(size: int, smallest: int, factor: int, largest: int) -> int:
    """The size to pad to: the first of ``smallest``, ``smallest * factor``, ... that is large enough.

    Args:
        size: What has to fit, at most ``largest``.
        smallest: The first size.
        factor: From one size to the next.
        largest: The last size, whether or not it is one of that series.

    Returns:
        The padded size.

    Example:
        >>> from flax_albert.tasks.batches import bucket
        >>> [bucket(size, smallest=32, factor=2, largest=100) for size in (5, 32, 33, 70)]
        [32, 32, 64, 100]
    """
    padded = smallest
    while padded < size:
        padded *= factor
    return min(padded, largest)


def plan(lengths: Sequence[int], slots: Sequence[int], batch_size: int, longest: int) -> Iterator[Batch]:
    """Puts texts of like length together, so that little is padded and few shapes occur.

    Args:
        lengths: Tokens of each text, at most ``longest``.
        slots: Masks of each text.
        batch_size: Most texts of a batch.
        longest: Most tokens of a text.

    Yields:
        Batches that hold every text once.

    Example:
        >>> from flax_albert.tasks.batches import plan
        >>> for batch in plan([7, 90, 9], [1, 1, 1], batch_size=2, longest=512):
        ...     print(batch)
        Batch(texts=(0, 2), rows=2, length=32, slots=1)
        Batch(texts=(1,), rows=1, length=128, slots=1)
    """
    widths = [bucket(count, smallest=1, factor=4, largest=longest) for count in slots]
    for width in sorted(set(widths)):
        texts = sorted((text for text in range(len(lengths)) if widths[text] == width), key=lengths.__getitem__)
        most = max(1, min(batch_size, _MOST_SLOTS // width))
        for start in range(0, len(texts), most):
            chosen = tuple(texts[start : start + most])
            yield Batch(
                texts=chosen,
                rows=bucket(len(chosen), smallest=1, factor=4, largest=most),
                length=bucket(lengths[chosen[-1]], smallest=min(32, longest), factor=2, largest=longest),
                slots=width,
            )
