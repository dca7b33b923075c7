"""What is wrong with data."""

from __future__ import annotations


class DataError(ValueError):
    r"""Data cannot be used; the message says which, where it stands, and what to do, in one line.

    Example:
        >>> from flax_albert.data.errors import DataError
        >>> str(DataError("two\nlines"))
        'two lines'
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))
