"""What a user did wrong."""

from __future__ import annotations


class UserError(Exception):
    r"""A mistake of the user's. Its message becomes the one line on standard error, and the exit code is 2.

    Example:
        >>> from flax_albert.cli.errors import UserError
        >>> str(UserError("two\nlines"))
        'two lines'
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))
