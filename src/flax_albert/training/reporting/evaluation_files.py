"""What an evaluation found beside its figures, a file each: the confusion matrix and samples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final
from urllib.parse import quote

import numpy as np

from flax_albert.training.evaluator import Confusion, Sample
from flax_albert.training.events import Evaluated, Event, Reporter, Started

_MOST_WRONG, _MOST_RIGHT = 400, 100
_LONGEST = 2000
"""Characters of a text that are kept."""


@dataclass(frozen=True)
class Details:
    """One evaluation, without its figures.

    Attributes:
        step: Steps that were done.
        name: Which examples.
        best: Whether no earlier evaluation of them was better.
        confusion: How often each label was predicted as each.
        samples: Examples, wrong ones first.
        left_out: How many samples are not kept.
    """

    step: int
    name: str
    best: bool
    confusion: Confusion | None
    samples: tuple[Sample, ...]
    left_out: int


@final
class EvaluationFiles(Reporter):
    """Keeps the last and the best evaluation of each set of examples.

    Args:
        folder: Where, ``training/evaluations`` in the output directory. It is made when it is needed.

    Raises:
        OSError: A file cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tell(self, event: Event) -> None:
        """Writes what was found; forgets what an earlier part of the run found at later steps."""
        if isinstance(event, Started):
            for path, details in _read(self._folder):
                if details.step > event.step:
                    path.unlink()
        elif isinstance(event, Evaluated) and (event.evaluation.confusion or event.evaluation.samples):
            self._keep(event)

    def _keep(self, event: Evaluated) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        earlier = [(path, found) for path, found in _read(self._folder) if found.name == event.name]
        path = self._folder / f"{event.step:08}-{quote(event.name, safe='')}.json"
        written = path.with_name(f".{path.name}.tmp")
        try:
            written.write_text(json.dumps(_details(event), ensure_ascii=False), encoding="utf-8", errors="replace")
            written.replace(path)
        except OSError as error:
            written.unlink(missing_ok=True)
            raise OSError(f"{path} cannot be written: {error.strerror or error}.") from error
        best = max((found.step for _, found in earlier if found.best), default=None)
        for other, found in earlier:
            if other != path and (event.best or found.step != best):
                other.unlink()


def read_details(folder: Path) -> list[Details]:
    """Reads what is kept.

    Args:
        folder: ``training/evaluations``; it need not exist.

    Returns:
        The evaluations, by step.

    Raises:
        OSError: A file cannot be read.
        ValueError: A file is none of ours.
    """
    return [details for _, details in _read(folder)]


def _details(event: Evaluated) -> dict[str, Any]:
    found = event.evaluation
    wrong = [sample for sample in found.samples if not sample.right][:_MOST_WRONG]
    kept = [*wrong, *[sample for sample in found.samples if sample.right][:_MOST_RIGHT]]
    return {
        "step": event.step,
        "name": event.name,
        "best": event.best,
        "confusion": found.confusion
        and {"labels": list(found.confusion.labels), "counts": np.asarray(found.confusion.counts).tolist()},
        "samples": [
            {
                "text": _cut(sample.text),
                "expected": _cut(sample.expected),
                "predicted": _cut(sample.predicted),
                "right": bool(sample.right),
            }
            for sample in kept
        ],
        "left_out": len(found.samples) - len(kept),
    }


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _read(folder: Path) -> Iterator[tuple[Path, Details]]:
    for path in sorted(folder.glob("[0-9]*.json")):
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
            confusion, samples = fields["confusion"], fields["samples"]
            yield (
                path,
                Details(
                    int(fields["step"]),
                    str(fields["name"]),
                    bool(fields["best"]),
                    confusion and Confusion(confusion["labels"], np.array(confusion["counts"])),
                    tuple(Sample(**sample) for sample in samples),
                    int(fields["left_out"]),
                ),
            )
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{path} is no evaluation that training keeps ({error}).") from error
