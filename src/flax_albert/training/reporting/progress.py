"""How far a run is, in one line."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from flax_albert.training.events import Logged, Started
from flax_albert.training.reporting.figures import count, duration, figure

_REMEMBERED = 200
"""Lines whose steps and times the remaining time is estimated from: long enough to hold evaluations and saves."""
_LONGEST_BAR, _SHORTEST_BAR = 30, 6


@dataclass
class Progress:
    """What the line says; on a terminal rich draws it, as wide as there is room.

    Attributes:
        started: How the run began.
        peak: Floating-point operations a second of all devices at their best, where that is known.
        logged: The last figures.
    """

    started: Started
    peak: float | None = None
    logged: Logged | None = None
    _times: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def log(self, event: Logged) -> None:
        """Takes new figures."""
        self.logged = event
        self._times.append((event.step, event.seconds))

    @property
    def step(self) -> int:
        """Steps done."""
        return self.logged.step if self.logged else self.started.step

    @property
    def remaining(self) -> float | None:
        """Seconds that the rest will take, evaluations and saves with it; ``None`` while nobody can tell."""
        if len(self._times) < 2:
            return None
        (first, since), (last, now) = self._times[0], self._times[-1]
        return (self.started.steps - last) * (now - since) / (last - first) if last > first else None

    @property
    def share(self) -> float | None:
        """The part of the machine's peak that is used."""
        if not (self.peak and self.logged):
            return None
        return self.logged.tokens_per_second * self.started.flops_per_token / self.peak

    def parts(self) -> list[str]:
        """What there is to say, the most important first."""
        if self.logged is None:
            return ["the first steps are being compiled"]
        parts = [f"loss {figure(self.logged.loss)}"]
        if self.remaining is not None:
            parts.append(f"{duration(self.remaining)} left")
        parts.append(f"{count(self.logged.tokens_per_second)} tokens/s")
        if self.share is not None:
            parts.append(f"{self.share:.0%} of peak")
        return parts

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draws the line: the steps, a bar where there is room for one, and as many parts as fit."""
        width = options.max_width - 1  # the last column makes some terminals go to the next line
        line = f"{count(self.step)}/{count(self.started.steps)}"
        room = width - len(line)
        shown: list[str] = []
        for part in self.parts():
            if len(part) + 2 > room:
                break
            shown.append(part)
            room -= len(part) + 2
        grid = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
        cells: list[Text | ProgressBar] = [Text(line, no_wrap=True, style="bold")]
        if room >= _SHORTEST_BAR + 2:
            bar_width = min(_LONGEST_BAR, room - 2)
            cells.append(ProgressBar(self.started.steps, self.step, width=bar_width))
        cells += [Text(part, no_wrap=True) for part in shown]
        for _ in cells:
            grid.add_column(no_wrap=True)
        grid.add_row(*cells)
        yield from console.render(grid, options.update_width(width))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Says that it takes the room there is."""
        return Measurement(1, options.max_width)
