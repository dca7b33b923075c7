"""The run on the terminal: a line that moves, a table at each evaluation, and what a person should know."""

from __future__ import annotations

import time
from typing import final

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from flax_albert.training.events import Evaluated, Event, Finished, Logged, Noticed, Reporter, Started
from flax_albert.training.reporting.figures import count, duration, figure
from flax_albert.training.reporting.history import read_history
from flax_albert.training.reporting.progress import Progress

_QUIET_SECONDS = 60.0
_NARROW = 56
"""Columns that a table of four figures needs."""
_now = time.monotonic
_ENDS = {
    "finished": "Finished",
    "interrupted": "Interrupted",
    "diverged": "Stopped because the loss is not finite",
}


@final
class Terminal(Reporter):
    """Shows a run to whoever watches.

    Where the output is no terminal, lines of text come instead: one for each evaluation, and at most one a minute about
    the steps.

    Args:
        console: Where to; by default standard error.
        peak: Floating-point operations a second of all devices at their best, where that is known.
    """

    def __init__(self, console: Console | None = None, peak: float | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._peak = peak
        self._progress: Progress | None = None
        self._live: Live | None = None
        self._best: dict[str, Evaluated] = {}
        self._said = 0.0

    def tell(self, event: Event) -> None:
        """Shows the event."""
        match event:
            case Started():
                self._begin(event)
            case Logged():
                self._log(event)
            case Evaluated():
                self._evaluated(event)
            case Noticed():
                self._print(Text(_printable(event.text), style="yellow"))
            case Finished():
                self.close()
                said = _ENDS.get(event.reason, event.reason)
                more = "; the run can be resumed" if event.reason == "interrupted" else ""
                self._print(f"{said} at step {count(event.step)}, after {duration(event.seconds)}{more}.")

    def close(self) -> None:
        """Takes the line away and gives the cursor back."""
        if self._live:
            self._live.stop()
            self._live = None

    def _begin(self, started: Started) -> None:
        self.close()
        self._progress = Progress(started, self._peak)
        self._said = _now()
        self._best = {}
        epochs = f", {started.steps / started.steps_per_epoch:.3g} epochs" if started.steps_per_epoch else ""
        said = f"{count(started.parameters)} parameters, {count(started.steps)} steps{epochs}"
        if started.step:
            said += f"; going on after step {count(started.step)}"
            self._remember(started)
        self._print(f"{said}.")
        if self._console.is_interactive:
            self._live = Live(
                self._progress,
                console=self._console,
                refresh_per_second=1,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start(refresh=True)

    def _remember(self, started: Started) -> None:
        """Finds the best evaluations of the earlier parts of the run."""
        try:
            history = read_history(started.folder)
        except (OSError, ValueError):  # nobody kept them
            return
        for name in history.evaluated:
            for event in history.evaluated[name]:
                if event.best and event.step <= started.step:
                    self._best[name] = event

    def _log(self, event: Logged) -> None:
        if self._progress is None:
            return
        self._progress.log(event)
        if self._live:
            self._live.refresh()
        elif not self._console.is_interactive and _now() - self._said >= _QUIET_SECONDS:
            self._said = _now()
            steps = f"step {count(event.step)} of {count(self._progress.started.steps)}"
            self._print(", ".join([steps, *self._progress.parts()]))

    def _evaluated(self, event: Evaluated) -> None:
        before = self._best.get(event.name)
        if event.best:
            self._best[event.name] = event
        best = self._best.get(event.name, before or event)
        best_so_far = ", the best so far" if event.best else ""
        heading = f"{_printable(event.name)} at step {count(event.step)}, in {duration(event.seconds)}{best_so_far}"
        if not self._console.is_interactive or self._console.width < _NARROW:
            self._print(f"{heading}: {_sentence(event, best)}")
            return
        self._print(Text(heading, style="bold"))
        self._print(_table(event, before))

    def _print(self, shown: str | Text | Table) -> None:
        self._console.print(shown, soft_wrap=not self._console.is_interactive)


def _sentence(event: Evaluated, best: Evaluated) -> str:
    """The same in one line."""
    baselines = event.evaluation.baselines
    figures = [
        f"{_printable(name)} {figure(value)}" + (f" (baseline {figure(baselines[name])})" if name in baselines else "")
        for name, value in event.evaluation.metrics.items()
    ]
    return ", ".join([*figures, *([] if event.best else [f"best at step {count(best.step)}"])])


def _table(event: Evaluated, before: Evaluated | None) -> Table:
    """The figures beside those of the best evaluation before and those of a guess."""
    found = event.evaluation
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column("metric", overflow="fold")
    table.add_column("value", justify="right", no_wrap=True)
    if before:
        table.add_column(f"best before (step {count(before.step)})", justify="right", no_wrap=True)
    if found.baselines:
        table.add_column("baseline", justify="right", no_wrap=True)
    for name, value in found.metrics.items():
        row = [_printable(name), figure(value)]
        if before:
            row.append(_optional(before.evaluation.metrics.get(name)))
        if found.baselines:
            row.append(_optional(found.baselines.get(name)))
        table.add_row(*row, style="green" if event.best else None)
    return table


def _optional(value: float | None) -> str:
    return "" if value is None else figure(value)


def _printable(text: str) -> str:
    """The text without what could steer a terminal: names come from files."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in " ".join(text.split()))
