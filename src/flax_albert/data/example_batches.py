"""Encoded examples -> batches: shuffled anew each epoch, rows of like length together, a few shapes in all."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from typing import final

import numpy as np

from flax_albert.data.batches import ALL_ROWS, Batch, Batches

_LENGTH_STEP = 8
_LENGTH_FACTOR = 1.4
_TOGETHER = 64
"""Batches whose rows are sorted by length together: many save padding, few leave the order random."""


def padded_lengths(longest: int) -> tuple[int, ...]:
    """The lengths that rows are padded to.

    Args:
        longest: The last of them.

    Returns:
        Ascending multiples of 8, each about 1.4 times the one before, and ``longest``.

    Example:
        >>> from flax_albert.data.example_batches import padded_lengths
        >>> padded_lengths(128)
        (16, 24, 32, 40, 64, 88, 120, 128)
    """
    lengths, exact = {longest}, 2.0 * _LENGTH_STEP
    while (length := _LENGTH_STEP * round(exact / _LENGTH_STEP)) < longest:
        lengths.add(length)
        exact *= _LENGTH_FACTOR
    return tuple(sorted(lengths))


@final
class ExampleBatches(Batches):
    """Batches of encoded examples.

    Args:
        rows: The examples: arrays by name, the same names in each, ``attention_mask`` among them. An array with axes
            may differ between examples in their lengths and is padded; all but the last axis to the most of any
            example, the last to a length that its batch shares.
        size: Rows of a batch.
        longest: Most tokens of an example.
        seed: Of the order, drawn anew each epoch; ``None`` keeps rows in order, as evaluation does, but for sorting.
        padding: What arrays are padded with, where that is not 0.
        unpadded: Arrays whose last axis has nothing to do with tokens, and the same length in every example.

    Raises:
        ValueError: There are no examples.

    Example:
        >>> import numpy as np
        >>> from flax_albert.data.example_batches import ExampleBatches
        >>> rows = [
        ...     {"input_ids": np.arange(n), "attention_mask": np.ones(n, int), "labels": np.int32(n)} for n in (3, 9, 5)
        ... ]
        >>> batches = ExampleBatches(rows, size=2, longest=16)
        >>> batches.per_epoch, batches.batch(0)["labels"], batches.batch(1)["valid"]
        (2, array([3, 5], dtype=int32), array([ True, False]))
    """

    def __init__(
        self,
        rows: Sequence[Mapping[str, np.ndarray]],
        size: int,
        longest: int,
        seed: int | None = None,
        padding: Mapping[str, float] | None = None,
        unpadded: Collection[str] = (),
    ) -> None:
        if not rows:
            raise ValueError("There are no examples to make batches of.")
        self._rows = rows
        self._size = size
        self._seed = seed
        self._padding = padding or {}
        self._lengths = np.array([row["attention_mask"].shape[-1] for row in rows])
        self._steps = np.array(padded_lengths(longest))
        shapes = {name: [np.shape(row[name]) for row in rows] for name in rows[0]}
        # All axes but the last one, at their longest; whether there is a last one.
        self._outer = {name: tuple(np.max([shape[:-1] for shape in all_], axis=0)) for name, all_ in shapes.items()}
        self._ranks = {name: len(all_[0]) for name, all_ in shapes.items()}
        self._last = {name: shapes[name][0][-1] for name in unpadded}
        self._plan = functools.lru_cache(maxsize=2)(self._planned)  # batches are made ahead, across an epoch's end

    @property
    def size(self) -> int:
        """Rows of every batch."""
        return self._size

    @property
    def per_epoch(self) -> int:
        """Batches that go once through the examples."""
        return -(-len(self._rows) // self._size)

    def batch(self, number: int, rows: slice = ALL_ROWS) -> Batch:
        """Makes a batch; see :meth:`flax_albert.data.batches.Batches.batch`."""
        epoch, place = divmod(number, self.per_epoch)
        members = self._plan(epoch)[place]
        length = int(self._steps[np.searchsorted(self._steps, self._lengths[members].max())])
        wanted = [self._rows[member] for member in members[rows]]
        count = len(range(*rows.indices(self._size)))
        arrays = {name: self._together(name, [row[name] for row in wanted], count, length) for name in self._ranks}
        return {**arrays, "valid": np.arange(self._size)[rows] < len(members)}

    def members(self, number: int) -> np.ndarray:
        """Which examples a batch holds, by their index, in the order of its valid rows."""
        epoch, place = divmod(number, self.per_epoch)
        return self._plan(epoch)[place]

    def _planned(self, epoch: int) -> list[np.ndarray]:
        """The examples of every batch of an epoch."""
        count = len(self._rows)
        if self._seed is None:
            return np.array_split(np.argsort(self._lengths, kind="stable"), self._cuts())
        random = np.random.default_rng((self._seed, epoch))
        order = random.permutation(count)
        for first in range(0, count, _TOGETHER * self._size):
            part = order[first : first + _TOGETHER * self._size]
            order[first : first + len(part)] = part[np.argsort(self._lengths[part], kind="stable")]
        plan = np.array_split(order, self._cuts())
        return [plan[place] for place in random.permutation(len(plan))]

    def _cuts(self) -> np.ndarray:
        return np.arange(self._size, len(self._rows), self._size)

    def _together(self, name: str, arrays: list[np.ndarray], count: int, length: int) -> np.ndarray:
        """Stacks and pads the arrays of one name."""
        outer, rank, kind = self._outer[name], self._ranks[name], np.asarray(self._rows[0][name]).dtype
        shape = (count, *outer, self._last.get(name, length)) if rank else (count,)
        stacked = np.full(shape, self._padding.get(name, 0), kind)
        for row, array in enumerate(arrays):
            if rank:
                stacked[(row, *(slice(size) for size in np.shape(array)))] = array
            else:
                stacked[row] = array
        return stacked
