"""What the numbers of an array are like, found in one pass and in little memory."""

from __future__ import annotations

import enum

import numpy as np

_CHUNK = 2**22  # elements looked at together
_GREATEST = float(np.finfo(np.float32).max)  # what is beyond becomes infinite on loading
_SAMPLE = 2**18  # elements compared of each array


class Numbers(enum.StrEnum):
    """What an array holds."""

    VARIED = "varied"
    NOT_FINITE = "not finite"
    ZERO = "all zero"
    CONSTANT = "all the same"


def look_at(array: np.ndarray) -> tuple[Numbers, float]:
    """Looks for what is never right in a trained weight.

    Args:
        array: Numbers of any kind and shape; a view into a file is read piece by piece.

    Returns:
        What it holds; and its first number, where all are the same.

    Example:
        >>> import numpy as np
        >>> from flax_albert.doctor.numbers import look_at
        >>> [str(look_at(np.array(numbers))[0]) for numbers in ([1.0, 2.0], [0.0, 0.0], [1.0, float("nan")])]
        ['varied', 'all zero', 'not finite']
    """
    if not array.size:
        return Numbers.VARIED, float("nan")
    least, most = np.inf, -np.inf
    # Row by row in the order of memory, so that a transposed view is not copied as a whole.
    rows = array.T if array.flags.f_contiguous and not array.flags.c_contiguous else array
    rows = rows.reshape(-1) if rows.flags.c_contiguous else rows
    step = max(1, _CHUNK // max(1, rows[:1].size)) if rows.ndim else 1
    for start in range(0, len(rows) if rows.ndim else 1, step):
        chunk = rows[start : start + step] if rows.ndim else rows
        if chunk.dtype.itemsize < np.dtype(np.float32).itemsize:  # slow to compare as they are
            chunk = chunk.astype(np.float32)
        # NaN comes through both, and no comparison with it is true.
        least, most = np.minimum(least, chunk.min()), np.maximum(most, chunk.max())
        if not (least >= -_GREATEST and most <= _GREATEST):
            return Numbers.NOT_FINITE, float("nan")
    if least == most:
        return (Numbers.CONSTANT if least else Numbers.ZERO), float(least)
    return Numbers.VARIED, float("nan")


def same(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether two arrays agree, in the coarser precision of the two; of large ones a sample of rows is compared.

    Args:
        first: An array.
        second: Another.

    Returns:
        True where shapes and the numbers compared are equal.

    Example:
        >>> import numpy as np
        >>> from flax_albert.doctor.numbers import same
        >>> same(np.array([0.1], "float32"), np.array([0.1], "float16")), same(np.zeros(2), np.ones(2))
        (True, False)
    """
    if first.shape != second.shape:
        return False
    if first.ndim:
        step = max(1, first.size // _SAMPLE)
        first, second = first[::step], second[::step]
    dtype = min(first.dtype, second.dtype, key=lambda dtype: dtype.itemsize)
    with np.errstate(over="ignore"):
        return bool(np.array_equal(first.astype(dtype), second.astype(dtype)))
