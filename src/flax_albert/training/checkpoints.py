"""Checkpoints of a run: written by orbax in the background, checked when they are read."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, final

import jax
import numpy as np

from flax_albert.training.errors import CheckpointError
from flax_albert.training.state import TrainState, checksums

_DAMAGED = "damaged"


@final
class Checkpoints:
    """The checkpoints in a folder: the last few, and the best.

    A checkpoint counts when it is complete: a process that dies while writing leaves only a temporary folder.

    Args:
        folder: Where they are; made if need be.
        keep: How many of the last ones stay.
        fresh: Whether those that are there belong to nobody and go.

    Raises:
        CheckpointError: The folder cannot be made or read.
    """

    def __init__(self, folder: Path, keep: int, fresh: bool = False) -> None:
        import orbax.checkpoint as ocp
        from orbax.checkpoint import checkpoint_managers as managers

        # What it logs as an error is raised too, and told there.
        logging.getLogger("absl").setLevel(logging.CRITICAL)
        self._ocp = ocp
        self._folder = folder
        policies = [
            managers.LatestN(keep),
            managers.BestN(get_metric_fn=lambda metrics: metrics["best"], n=1, keep_checkpoints_without_metrics=False),
        ]
        options = ocp.CheckpointManagerOptions(
            preservation_policy=managers.AnyPreservationPolicy(policies),
            cleanup_tmp_directories=True,
            enable_async_checkpointing=True,
        )
        try:
            self._manager = ocp.CheckpointManager(folder.absolute(), options=options)
            if fresh:
                for step in self._manager.all_steps():
                    self._manager.delete(step)
        except (OSError, ValueError) as error:
            raise CheckpointError(f"The checkpoints in {folder} cannot be opened: {error}") from error

    @property
    def latest(self) -> int | None:
        """The last step that a complete checkpoint holds."""
        return self._manager.latest_step()

    def save(self, state: TrainState, notes: Mapping[str, Any], best: bool) -> None:
        """Begins to write a checkpoint; the state is copied before this returns, the writing goes on behind.

        Args:
            state: The state.
            notes: What else is to be kept, as JSON has it.
            best: Whether no earlier checkpoint was better.

        Raises:
            CheckpointError: This one, or the one before, cannot be written.
        """
        args, step = self._ocp.args, int(state.step)
        sums = [int(number) for number in np.asarray(checksums(state))]
        written = args.Composite(
            state=args.StandardSave(state),
            notes=args.JsonSave({**notes, "checksums": sums}),  # pyrefly: ignore
        )
        try:
            self._manager.save(step, args=written, metrics={"best": step if best else -1}, force=True)
        except Exception as error:  # whatever the file systems below it may raise
            raise self._unwritten(step, error) from error

    def wait(self) -> None:
        """Waits until everything is written.

        Raises:
            CheckpointError: It cannot be.
        """
        try:
            self._manager.wait_until_finished()
        except Exception as error:
            raise self._unwritten(None, error) from error

    def _unwritten(self, step: int | None, error: Exception) -> CheckpointError:
        self._manager.reload()
        last = (
            f"the last complete one is that of step {self.latest}" if self.latest is not None else "there is none yet"
        )
        which = "A checkpoint" if step is None else f"The checkpoint of step {step}"
        return CheckpointError(f"{which} could not be written to {self._folder}, and {last}: {_first_line(error)}")

    def restore(self, like: TrainState, step: int) -> tuple[TrainState, dict[str, Any]]:
        """Reads a checkpoint.

        Args:
            like: Shapes, dtypes and shardings of its arrays.
            step: Which one.

        Returns:
            The state and the notes.

        Raises:
            CheckpointError: It is damaged.
        """
        args = self._ocp.args
        composite = args.Composite(state=args.StandardRestore(like), notes=args.JsonRestore())  # pyrefly: ignore
        try:
            restored: Any = self._manager.restore(step, args=composite)
            state, notes = restored.state, dict(restored.notes)
            expected = notes.pop("checksums")
        except Exception as error:  # a file cut short shows itself in many ways
            raise CheckpointError(
                f"The checkpoint of step {step} in {self._folder} cannot be read: {_first_line(error)}"
            ) from error
        if [int(number) for number in np.asarray(checksums(state))] != expected:
            raise CheckpointError(
                f"The checkpoint of step {step} in {self._folder} has been altered: checksums differ."
            )
        return state, notes

    def newest(self, like: TrainState) -> Iterator[tuple[TrainState, dict[str, Any]] | CheckpointError]:
        """Reads the newest checkpoint that is whole.

        Args:
            like: As for :meth:`restore`.

        Yields:
            What is wrong with each newer one, which is put aside, and at the end the state and the notes, if any.
        """
        for step in sorted(self._manager.all_steps(), reverse=True):
            try:
                yield self.restore(like, step)
            except CheckpointError as error:
                self._put_aside(step)
                yield error
            else:
                return

    def _put_aside(self, step: int) -> None:
        """Moves a damaged checkpoint away, so that the run can write its step again."""
        if jax.process_index() == 0:
            aside = self._folder.parent / _DAMAGED
            aside.mkdir(exist_ok=True)
            number = sum(1 for _ in aside.iterdir())
            (self._folder / str(step)).rename(aside / f"{step}-{number}")
        self._manager.reload()

    def drop_after(self, step: int) -> None:
        """Removes the checkpoints of later steps."""
        for later in self._manager.all_steps():
            if later > step:
                self._manager.delete(later)

    def close(self) -> None:
        """Lets go of threads; what is not written yet is waited for."""
        self._manager.close()


def _first_line(error: Exception) -> str:
    """What is wrong, without the pages of context that the libraries below add."""
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return line if len(line) <= 200 else line[:197] + "..."
