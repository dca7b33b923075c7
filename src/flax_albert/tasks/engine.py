"""Runs any number of inputs through a model: read ahead, batched by length, answered in their order.

A thread of its own reads the inputs and encodes them, a window ahead of the one that is computed. A window's rows are
sorted by length and cut into batches of few shapes; all of its batches are started before the first is waited for, and
the next window is started before the answers of this one are put together. Memory is bounded by a few windows.

How inputs are cut into windows and batches depends on the inputs and on the window's ordinal alone, never on time, so
that equal runs give equal numbers, to the last bit.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple, TypeVar, final

import jax
import numpy as np
from jaxtyping import Int

from flax_albert.tasks.batches import Batch, Shapes
from flax_albert.tasks.errors import UnfitError, input_error

_LOGGER = logging.getLogger(__name__)
_READ_TOGETHER = 64
"""Inputs that are encoded in one call."""


@final
class _Pause:
    """Its one object is :data:`PAUSE`."""

    def __repr__(self) -> str:
        return "PAUSE"


PAUSE: Final = _Pause()
"""Among the inputs: the next one may be long in coming, so answer those before it now. It is no input itself."""


@dataclass(frozen=True)
class Row:
    """A sequence for the model: ids of at most the model's positions, and what goes with them."""

    ids: Int[np.ndarray, " seq"]
    segments: Int[np.ndarray, " seq"] | None = None
    positions: Int[np.ndarray, " slots"] | None = None
    """Positions that something is to be said about, where it is not all of them."""


@dataclass
class Encoded:
    """An input made ready: its rows. A task's own subclass holds what else its result is made of."""

    rows: list[Row]


class Arrays(NamedTuple):
    """A batch for the model. Padding has ids of ``pad_id``, and 0 everywhere else."""

    input_ids: Int[np.ndarray, "rows seq"]
    attention_mask: Int[np.ndarray, "rows seq"]
    token_type_ids: Int[np.ndarray, "rows seq"]
    positions: Int[np.ndarray, "rows slots"]


_Ready = TypeVar("_Ready", bound=Encoded)


@dataclass(frozen=True)
class Job(Generic[_Ready]):
    """What the engine is to do with inputs.

    Args:
        encode: Makes inputs ready, or says of one what is wrong with it.
        compute: Starts the model on a batch: a tree of arrays, a row of each for a row of the batch.
        result: Puts the answer to an input together, given that tree for each of its rows, in numpy's arrays. It may
            raise :class:`UnfitError`.
        shapes: What batches may look like.
        pad_id: Id of padding.
        most_batches: Batches of a window, at most.
        most_inputs: Inputs of a window, at most.
    """

    encode: Callable[[list[Any]], list[_Ready | UnfitError]]
    compute: Callable[[Arrays], Any]
    result: Callable[[_Ready, list[Any]], Any]
    shapes: Shapes
    pad_id: int
    most_batches: int
    most_inputs: int | None = None


@dataclass
class _Window(Generic[_Ready]):
    """Inputs that are answered together, and the number of the first."""

    values: list[Any]
    encoded: list[_Ready | UnfitError]
    rows: list[Row]
    batches: list[Batch]
    first: int


def run(job: Job[_Ready], inputs: Iterable[Any], first: int = 0) -> Iterator[Iterator[Any]]:
    """Answers inputs.

    Args:
        job: What to do with them.
        inputs: Any number of them, read in another thread; :data:`PAUSE` among them ends a window.
        first: Ordinal of the first window, where a run goes on that was interrupted after so many.

    Yields:
        For each window an iterator over its results, in order, to be used up before the next; an
        :class:`InputError` stands in the place of an input at fault.

    Raises:
        Exception: Whatever iterating over the inputs raised, after the results of all before.
    """
    ready: queue.Queue[_Window[_Ready] | BaseException | None] = queue.Queue(maxsize=1)
    left = threading.Event()
    threading.Thread(target=_read, args=(job, inputs, first, ready, left), name="read-inputs", daemon=True).start()
    started: tuple[_Window[_Ready], list[Any]] | None = None
    try:
        while True:
            # Answers never wait for inputs that have not come yet.
            if started and ready.empty():
                yield _results(job, *started)
                started = None
            window = ready.get()
            before, started = started, None
            if isinstance(window, _Window):
                started = window, [job.compute(_arrays(job, window, batch)) for batch in window.batches]
            else:  # not when the run is left: that may be while the interpreter ends, when nothing can be logged
                _LOGGER.debug("%d shapes of batches so far, and as many executables", len(job.shapes.seen))
            if before:
                yield _results(job, *before)
            if isinstance(window, BaseException):
                raise window
            if window is None:
                return
    finally:
        left.set()


def _read(
    job: Job[_Ready],
    inputs: Iterable[Any],
    first: int,
    ready: queue.Queue[_Window[_Ready] | BaseException | None],
    left: threading.Event,
) -> None:
    """The thread that reads: windows, and then None or what was raised, as long as somebody takes them."""

    def hand_over(thing: _Window[_Ready] | BaseException | None) -> None:
        while not left.is_set():
            try:
                ready.put(thing, timeout=0.1)
            except queue.Full:
                continue
            return

    try:
        for window in _windows(job, inputs, first):
            hand_over(window)
            if left.is_set():
                return
        hand_over(None)
    except BaseException as error:  # it is raised where the results are taken
        hand_over(error)


@final
class _Source:
    """The inputs, taken a few at a time, and what happened after the last that was taken."""

    def __init__(self, inputs: Iterable[Any]) -> None:
        self._iterator = iter(inputs)
        self.ended = False
        self.failure: BaseException | None = None

    def take(self, most: int) -> tuple[list[Any], bool]:
        """The next inputs, and whether more can be had without a pause."""
        values: list[Any] = []
        try:
            for value in self._iterator:
                if value is PAUSE:
                    return values, False
                values.append(value)
                if len(values) == most:
                    return values, True
        except BaseException as error:  # those before it are answered first
            self.failure = error
        self.ended = True
        return values, False


def _windows(job: Job[_Ready], inputs: Iterable[Any], first: int) -> Iterator[_Window[_Ready]]:
    """The inputs, cut and encoded; then raises what reading them raised."""
    source = _Source(inputs)
    number = 0
    ordinal = first
    while not source.ended:
        values: list[Any] = []
        encoded: list[_Ready | UnfitError] = []
        room, more = job.shapes.window_tokens(ordinal, job.most_batches), True
        while more and room > 0 and (not job.most_inputs or len(values) < job.most_inputs):
            most = min(_READ_TOGETHER, job.most_inputs - len(values)) if job.most_inputs else _READ_TOGETHER
            taken, more = source.take(most)
            ready = job.encode(taken) if taken else []
            values += taken
            encoded += ready
            room -= len(taken)  # an input counts even where it is at fault, or has no rows
            room -= sum(len(row.ids) for one in ready if not isinstance(one, UnfitError) for row in one.rows)
        if values:
            rows = _rows(encoded)
            wanted = [0 if row.positions is None else len(row.positions) for row in rows]
            batches = job.shapes.plan([len(row.ids) for row in rows], wanted)
            yield _Window(values, encoded, rows, batches, number)
            number += len(values)
            ordinal += 1
    if source.failure:
        raise source.failure


def _rows(encoded: list[_Ready | UnfitError]) -> list[Row]:
    return [row for one in encoded if not isinstance(one, UnfitError) for row in one.rows]


def _arrays(job: Job[_Ready], window: _Window[_Ready], batch: Batch) -> Arrays:
    ids = np.full((batch.rows, batch.length), job.pad_id, np.int32)
    mask, segments = np.zeros_like(ids), np.zeros_like(ids)
    positions = np.zeros((batch.rows, batch.slots), np.int32)
    for place, member in enumerate(batch.members):
        row = window.rows[member]
        ids[place, : len(row.ids)] = row.ids
        mask[place, : len(row.ids)] = 1
        if row.segments is not None:
            segments[place, : len(row.ids)] = row.segments
        if row.positions is not None:
            positions[place, : len(row.positions)] = row.positions
    return Arrays(ids, mask, segments, positions)


def _results(job: Job[_Ready], window: _Window[_Ready], started: list[Any]) -> Iterator[Any]:
    """Waits for the batches of a window, and puts its results together one by one, as they are asked for."""
    answers: list[Any] = [None] * len(window.rows)
    for batch, arrays in zip(window.batches, started, strict=True):
        leaves, tree = jax.tree.flatten(jax.device_get(arrays))
        for place, member in enumerate(batch.members):
            answers[member] = tree.unflatten([leaf[place] for leaf in leaves])
    row = 0
    for index, (value, ready) in enumerate(zip(window.values, window.encoded, strict=True), start=window.first):
        if isinstance(ready, UnfitError):
            yield input_error(index, value, ready)
            continue
        mine, row = answers[row : row + len(ready.rows)], row + len(ready.rows)
        try:
            yield job.result(ready, mine)
        except UnfitError as fault:
            yield input_error(index, value, fault)
