"""What ends a run early."""

from __future__ import annotations


class CheckpointError(OSError):
    """A checkpoint cannot be written or read."""


class ChangedRunError(ValueError):
    """A run is to be resumed with something else than it began with."""


class DivergedError(ArithmeticError):
    """The loss is not finite."""
