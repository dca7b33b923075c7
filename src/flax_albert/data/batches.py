"""Batches by number: whoever asks for batch 7, in whatever run, process or order, gets the same arrays."""

from __future__ import annotations

import abc
from collections.abc import Mapping

import numpy as np

Batch = Mapping[str, np.ndarray]
"""Arrays by name. The first axis of each is the rows; ``valid`` is a boolean one that says which are no padding."""

ALL_ROWS = slice(None)


class Batches(abc.ABC):
    """Batches of examples, made when they are asked for.

    Every batch has :attr:`size` rows; where examples run out, rows of zeros fill it up, and ``valid`` is false there.
    Batches may differ in the length of their rows, in a few steps, so that a few executables serve all.

    Nothing but the number decides what a batch holds: not the process that asks, nor what was asked before. So a run
    that is resumed, or spread over many processes, sees what one run in one process sees.
    """

    @property
    @abc.abstractmethod
    def size(self) -> int:
        """Rows of every batch."""

    @property
    @abc.abstractmethod
    def per_epoch(self) -> int:
        """Batches that go once through the examples. Training goes on behind them with the next epoch's."""

    @abc.abstractmethod
    def batch(self, number: int, rows: slice = ALL_ROWS) -> Batch:
        """Makes a batch.

        Args:
            number: Which one, from 0 on, without an end.
            rows: The rows that are wanted; a process of many makes its share only.

        Returns:
            Its arrays, among them ``valid`` and, for counting tokens, ``attention_mask``.
        """
