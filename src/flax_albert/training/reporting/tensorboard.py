"""The curves of a run for TensorBoard."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, final

from flax_albert.training.events import Evaluated, Event, Finished, Logged, Noticed, Reporter, Started
from flax_albert.training.reporting.metrics_file import read_metrics

_now = time.time


@final
class TensorBoard(Reporter):
    """Writes the loss and its terms, learning rate, gradient norm, tokens a second and the figures of evaluations.

    A run has one file, without the name of the machine. On resuming, it is written anew from what ``metrics.jsonl``
    has of the steps that stay, so that nothing stands twice.

    Args:
        folder: Where, ``training/tensorboard`` in the output directory. It is made.
        metrics: ``metrics.jsonl`` of the run.

    Raises:
        ImportError: tensorboardX is not installed.
        OSError: The file cannot be written.
    """

    def __init__(self, folder: Path, metrics: Path) -> None:
        try:
            from tensorboardX import summary
            from tensorboardX.proto import event_pb2
            from tensorboardX.record_writer import RecordWriter
        except ImportError as error:
            raise ImportError(
                "Files for TensorBoard are written with tensorboardX, which is not installed: "
                "pip install 'flax-albert[train]'."
            ) from error
        self._records: Any = event_pb2
        self._summaries: Any = summary
        self._open = RecordWriter
        self._folder = folder
        self._metrics = metrics
        self._file: Any = None

    def tell(self, event: Event) -> None:
        """Writes the event."""
        if isinstance(event, Started):
            self._begin(event)
        elif self._file:
            self._write(event, _now())
            self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        if self._file:
            self._file.close()
            self._file = None

    def _begin(self, started: Started) -> None:
        self.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        for old in self._folder.glob("events.out.tfevents.*"):
            old.unlink()
        kept = read_metrics(self._metrics, started.folder) if self._metrics.exists() else []
        kept = [(when, event) for when, event in kept if event.step <= started.step and not isinstance(event, Started)]
        now = _now()
        self._file = self._open(str(self._folder / f"events.out.tfevents.{int(now)}.flax-albert"))
        self._record(now, file_version="brain.Event:2")
        # A TensorBoard that has been looking on is to forget what it has seen.
        session = self._records.SessionLog
        self._record(now, step=0, session_log=session(status=session.START))
        self._write(started, now)
        for when, event in kept:
            self._write(event, when)
        self._file.flush()

    def _write(self, event: Event, when: float) -> None:
        for tag, value in _scalars(event):
            self._record(when, step=event.step, summary=self._summaries.scalar(tag, value))
        for tag, said in _texts(event):
            self._record(when, step=event.step, summary=self._summaries.text(tag, said))

    def _record(self, when: float, **fields: Any) -> None:
        self._file.write(self._records.Event(wall_time=when, **fields).SerializeToString())


def _scalars(event: Event) -> Iterator[tuple[str, float]]:
    match event:
        case Logged():
            yield "train/loss", event.loss
            if len(event.terms) > 1:
                yield from ((f"train/loss/{name}", value) for name, value in event.terms.items())
            yield "train/learning_rate", event.learning_rate
            yield "train/gradient_norm", event.gradient_norm
            yield "train/tokens_per_second", event.tokens_per_second
        case Evaluated():
            yield from ((f"{event.name}/{metric}", value) for metric, value in event.evaluation.metrics.items())
            baselines = event.evaluation.baselines
            yield from ((f"{event.name}/{metric}/baseline", value) for metric, value in baselines.items())


def _texts(event: Event) -> Iterator[tuple[str, str]]:
    match event:
        case Started():
            yield "settings", "\n".join(("| | |", "|---|---|", *_rows(event.settings)))
        case Noticed():
            yield "notices", event.text
        case Finished():
            yield "end", f"{event.reason} at step {event.step}"


def _rows(settings: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """A table in Markdown, a line for each setting."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _rows(value, f"{before}{name}.")
        else:
            shown = str(value).replace("|", "\\|").replace("\n", " ")
            yield f"| {before}{name} | {shown} |"
