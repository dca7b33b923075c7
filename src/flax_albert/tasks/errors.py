"""What can be wrong with an input, told so that whoever numbered the inputs can say which one it was."""

from __future__ import annotations

from typing import Any

_EXCERPT = 32


class UnfitError(Exception):
    """What a task says of an input that it cannot work on; the engine, which knows which one it is, tells the caller.

    Args:
        reason: What is wrong with the input and what to do, as the rest of a sentence whose subject is the input.
        kind: ``TypeError`` where the input is no such thing at all.
    """

    def __init__(self, reason: str, kind: type[ValueError] | type[TypeError] = ValueError) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind


class InputError(ValueError):
    """One of the inputs cannot be worked on.

    Args:
        index: Which one, counted from 0.
        value: The input.
        reason: What is wrong with it and what to do, as the rest of a sentence whose subject is the input.

    Example:
        >>> from flax_albert.tasks.errors import InputError
        >>> error = InputError(3, "A text of some length that goes on and on", "is too long.")
        >>> print(error)
        inputs[3] ('A text of some length that goes…') is too long.
        >>> error.told("line 4")
        "line 4 ('A text of some length that goes…') is too long."
    """

    def __init__(self, index: int, value: object, reason: str) -> None:
        super().__init__(index, value, reason)  # so that copies and pickles of it can be made
        self.index = index
        self.reason = reason
        self._excerpt = _excerpt(value)

    def told(self, where: str) -> str:
        """The message for readers who know the input by another name than its index.

        Args:
            where: That name.

        Returns:
            A sentence.
        """
        return f"{where} ({self._excerpt}) {self.reason}"

    def __str__(self) -> str:
        return self.told(f"inputs[{self.index}]")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class InputTypeError(InputError, TypeError):
    """One of the inputs is of a type that the task knows nothing about."""


def input_error(index: int, value: Any, fault: UnfitError) -> InputError:
    """The error that tells a caller of an unfit input.

    Args:
        index: Which input it is, counted from 0.
        value: The input.
        fault: What the task said of it.

    Returns:
        An error to raise, or to put in the place of a result.
    """
    kind = InputTypeError if fault.kind is TypeError else InputError
    return kind(index, value, fault.reason)


def _excerpt(value: object) -> str:
    """The start of a text, or of what an object says of itself; of a long text no more is looked at."""
    if isinstance(value, str):
        return repr(value if len(value) <= _EXCERPT else value[: _EXCERPT - 1] + "…")
    if isinstance(value, dict):
        value = {key: part[: 2 * _EXCERPT] if isinstance(part, str) else part for key, part in value.items()}
    said = repr(value)
    return said if len(said) <= 2 * _EXCERPT else said[: 2 * _EXCERPT - 1] + "…"
