"""Batches on their way to the devices, made ahead in threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

import jax
import numpy as np
from jax.sharding import NamedSharding

from flax_albert.data.batches import Batch, Batches
from flax_albert.training.objective import DeviceBatch

_THREADS = 1
_AHEAD = 4
"""Batches that are made before they are asked for."""


@final
class _Numbered:
    """This process's rows of batches, by number: what grain reads."""

    def __init__(self, batches: Batches, count: int, rows: slice) -> None:
        self._batches, self._count, self._rows = batches, count, rows

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> dict[str, np.ndarray]:
        return dict(self._batches.batch(int(number), self._rows))


@final
class Feed(Iterator[DeviceBatch]):
    """The batches of a run, in order, spread over the devices of all processes.

    Args:
        batches: The batches.
        first: Number of the first one: all the state there is.
        end: Number after the last one.
        sharding: Where the rows of a batch go.
    """

    def __init__(self, batches: Batches, first: int, end: int, sharding: NamedSharding) -> None:
        import grain

        self._sharding = sharding
        source: Any = _Numbered(batches, end, own_rows(batches.size))
        options = grain.ReadOptions(num_threads=_THREADS, prefetch_buffer_size=_AHEAD)
        self._iterator = iter(grain.MapDataset.source(source)[first:].to_iter_dataset(options))

    def __next__(self) -> DeviceBatch:
        return on_devices(next(self._iterator), self._sharding)

    def close(self) -> None:
        """Ends the threads."""
        self._iterator.close()


def own_rows(size: int) -> slice:
    """The rows of a batch that this process makes."""
    share = size // jax.process_count()
    return slice(jax.process_index() * share, (jax.process_index() + 1) * share)


def on_devices(batch: Batch, sharding: NamedSharding) -> DeviceBatch:
    """This process's rows of a batch -> the arrays of the whole batch.

    Args:
        batch: The rows that :func:`own_rows` names.
        sharding: Where rows go.

    Returns:
        Arrays that are spread over the devices of all processes.
    """
    return {name: jax.make_array_from_process_local_data(sharding, np.asarray(rows)) for name, rows in batch.items()}
