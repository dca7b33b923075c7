"""The one error of this package: a checkpoint that cannot be used."""

from __future__ import annotations

from flax_albert.errors import listed as listed


class CheckpointError(OSError):
    """A checkpoint is missing, damaged, unsafe or not an ALBERT.

    It is an ``OSError``, as file problems were for users of the classic classes. The message is one sentence or two
    that name the file and say what is wrong with it.

    Example:
        >>> from flax_albert.checkpoint.errors import CheckpointError
        >>> issubclass(CheckpointError, OSError)
        True
    """
