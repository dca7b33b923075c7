"""How alike two vectors are, by the names that sentence-transformers gives the measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from jaxtyping import Float

Matrix = Float[np.ndarray, "vectors width"]


def _unit(x: Matrix) -> Matrix:
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12)


def _cosine(a: Matrix, b: Matrix) -> Float[np.ndarray, " vectors"]:
    return (_unit(a) * _unit(b)).sum(-1)


def _dot(a: Matrix, b: Matrix) -> Float[np.ndarray, " vectors"]:
    return (a * b).sum(-1)


def _euclidean(a: Matrix, b: Matrix) -> Float[np.ndarray, " vectors"]:
    return -np.linalg.norm(a - b, axis=-1)


def _manhattan(a: Matrix, b: Matrix) -> Float[np.ndarray, " vectors"]:
    return -np.abs(a - b).sum(-1)


SIMILARITIES: Final[Mapping[str, Callable[[Matrix, Matrix], Float[np.ndarray, " vectors"]]]] = {
    "cosine": _cosine,
    "dot": _dot,
    "euclidean": _euclidean,
    "manhattan": _manhattan,
}
"""Greater is more alike: distances count negative."""


def similarity_matrix(name: str, a: Any, b: Any) -> Float[np.ndarray, "a b"]:
    """How alike each vector is to each.

    Args:
        name: One of :data:`SIMILARITIES`.
        a: Vectors, ``[n, width]``, or one.
        b: Vectors, ``[m, width]``, or one.

    Returns:
        The similarities, ``[n, m]``.

    Raises:
        TypeError: There are no numbers in ``a`` or ``b``.
        ValueError: The vectors are of different widths.

    Example:
        >>> from flax_albert.tasks.embedding.similarity import similarity_matrix
        >>> similarity_matrix("dot", [[1, 2], [3, 4]], [1, 1]).tolist()
        [[3.0], [7.0]]
    """
    a, b = np.atleast_2d(_vectors(a)), np.atleast_2d(_vectors(b))
    _check_widths(a, b)
    if name == "cosine":
        return _unit(a) @ _unit(b).T
    if name == "dot":
        return a @ b.T
    # Row by row: all differences at once would take as much memory as the result, times the width.
    return np.stack([SIMILARITIES[name](row[None], b) for row in a]) if len(a) else np.empty((0, len(b)), np.float32)


def pairwise_similarity(name: str, a: Any, b: Any) -> Float[np.ndarray, " pairs"]:
    """How alike each vector is to the one in its place.

    Args:
        name: One of :data:`SIMILARITIES`.
        a: Vectors, ``[n, width]``, or one.
        b: As many.

    Returns:
        The similarities, ``[n]``.

    Raises:
        TypeError: There are no numbers in ``a`` or ``b``.
        ValueError: The vectors are of different widths, or not as many.
    """
    a, b = np.atleast_2d(_vectors(a)), np.atleast_2d(_vectors(b))
    _check_widths(a, b)
    if len(a) != len(b):
        raise ValueError(f"There are {len(a)} vectors on one side and {len(b)} on the other: they make no pairs.")
    return SIMILARITIES[name](a, b)


def _vectors(given: Any) -> np.ndarray:
    try:
        vectors = np.asarray(given, np.float32)
    except (TypeError, ValueError):
        raise TypeError("similarity compares vectors: embed texts first, and pass the arrays.") from None
    if vectors.ndim not in (1, 2):
        raise ValueError(f"similarity compares vectors, [n, width] or [width]; got the shape {vectors.shape}.")
    return vectors


def _check_widths(a: Matrix, b: Matrix) -> None:
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"Vectors of {a.shape[1]} and of {b.shape[1]} numbers cannot be compared.")
