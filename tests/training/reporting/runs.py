"""Runs that never were: events as a loop tells them, with numbers that look like those of training."""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from flax_albert.training.evaluator import Confusion, Evaluation, Sample
from flax_albert.training.events import Evaluated, Event, Finished, Logged, Noticed, Reporter, Saved, Started
from flax_albert.training.reporting.evaluation_files import EvaluationFiles
from flax_albert.training.reporting.layout import Layout
from flax_albert.training.reporting.metrics_file import MetricsFile

HOSTILE = "</script><script>document.title='run'</script><img src=x onerror=alert(1)> & <!-- \u202e \ud800 ]]>"
SETTINGS = {"training": {"steps": 200, "optimizer": {"name": "adamw", "clip": None}}, "task": "classify | <b>"}


def started(folder: Path, step: int = 0, steps: int = 200) -> Started:
    return Started(folder, step, steps, 50.0, SETTINGS, 1_953_984, 5.0e6)


def logged(step: int, loss: float | None = None, terms: tuple[str, ...] = ("cross_entropy",)) -> Logged:
    random = np.random.default_rng(step)
    values = {name: (0.3 + 2.5 * math.exp(-step / 60)) * (1 + 0.1 * random.normal()) for name in terms}
    loss = sum(values.values()) if loss is None else loss
    rate = 1e-4 * min(step / 20, (200 - step) / 180)
    return Logged(step, loss, values, rate, 1 + random.random(), 1000 * step, 1200 + 50 * random.normal(), 0.8 * step)


def confusion(labels: int, step: int) -> Confusion:
    random = np.random.default_rng(labels)
    right = 0.95 - 0.6 * math.exp(-step / 60)
    counts = random.poisson(20 * (1 - right) / (labels - 1) + 20 * right * np.eye(labels))
    return Confusion([f"label_{number}" for number in range(labels)], counts)


def evaluated(
    step: int, name: str = "dev", labels: int = 2, best: bool = True, accuracy: float | None = None
) -> Evaluated:
    accuracy = 0.95 - 0.45 * math.exp(-step / 60) if accuracy is None else accuracy
    metrics = {"loss": 0.3 + math.exp(-step / 60), "accuracy": accuracy}
    samples = [
        Sample(HOSTILE, "label_0", "label_1", False),
        *(Sample(f"Wrong sentence {number}.", "label_1", "label_0", False) for number in range(60)),
        *(Sample(f"Right sentence {number}.", "label_1", "label_1", True) for number in range(60)),
    ]
    found = Evaluation(metrics, {"accuracy": 0.509}, confusion(labels, step), samples, {"threshold": 0.5})
    return Evaluated(step, name, found, 1.5, best)


def run(folder: Path, first: int = 0, last: int = 200, labels: int = 2) -> Iterator[Event]:
    """A run of 200 steps with an evaluation and a checkpoint every 50, or a part of it."""
    yield started(folder, first)
    for step in range(first + 10, last + 1, 10):
        yield logged(step)
        if step % 50 == 0:
            yield evaluated(step, labels=labels, best=step != 200, accuracy=0.9 if step == 200 else None)
            yield Saved(step, folder / "training" / "checkpoints" / str(step))
    if last == 200:
        yield Noticed(200, "The checkpoint in /home/someone/out/5 was <damaged>.")
        yield Finished(200, "finished", 165.0)


class Told(Reporter):
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def tell(self, event: Event) -> None:
        self.events.append(event)


def keepers(folder: Path) -> list[Reporter]:
    layout = Layout(folder)
    return [MetricsFile(layout.metrics), EvaluationFiles(layout.evaluations)]


def tell(events: Iterable[Event], reporters: Iterable[Reporter]) -> None:
    reporters = list(reporters)
    for event in events:
        for reporter in reporters:
            reporter.tell(event)
    for reporter in reporters:
        reporter.close()


def kept(folder: Path) -> Path:
    """A folder with a whole run in it."""
    tell(run(folder), keepers(folder))
    return folder
