"""Two results of the same input: whether they say the same, and how far their scores lie apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

LIMIT = 1e-4
"""Largest difference of two scores that counts as equal."""
TIE = 1e-4
"""Scores closer than this share of themselves may change places: float32 does not tell which is larger."""


class Part(NamedTuple):
    """One thing a result says, such as an entity: what it is, and its score."""

    what: tuple[Any, ...]
    score: float


def _listed(result: Any) -> list[Any]:
    """Pipelines give one result bare and several as a list."""
    if isinstance(result, list):
        return [one for item in result for one in _listed(item)]
    return [result]


def _dictionaries(*keys: str) -> Callable[[Any], list[Part]]:
    def parts(result: Any) -> list[Part]:
        return [Part(tuple(one.get(key) for key in keys), float(one["score"])) for one in _listed(result)]

    return parts


def _choice(result: Any) -> list[Part]:
    scores = [Part(("of", place), float(score)) for place, score in enumerate(result["scores"])]
    return [Part((result["choice"], result["answer"]), float(result["score"])), *scores]


def _order(result: Any) -> list[Part]:
    return [Part((result["label"],), float(result["in_order"]))]


PARTS: dict[str, Callable[[Any], list[Part]]] = {
    "text-classification": _dictionaries("label"),
    "token-classification": _dictionaries("entity", "entity_group", "word", "index", "start", "end"),
    "question-answering": _dictionaries("answer", "start", "end"),
    "fill-mask": _dictionaries("token", "token_str", "sequence"),
    "multiple-choice": _choice,
    "sentence-order": _order,
}


def _trimmed(result: Any) -> list[dict[str, Any]]:
    """Answers without the spaces around them, which SentencePiece counts to its pieces."""
    trimmed = []
    for one in _listed(result):
        text = one["answer"]
        start = one["start"] + len(text) - len(text.lstrip())
        trimmed.append({**one, "answer": text.strip(), "start": start, "end": start + len(text.strip())})
    return trimmed


@dataclass
class Tally:
    """What became of a case.

    Attributes:
        inputs: Inputs asked about.
        parts: Labels, entities, answers... that were compared.
        same: Inputs with equal results, their scores apart.
        spaces: Inputs with equal results but for spaces around answers.
        mended: Inputs with another result than the pipeline's, and that of the pipeline with its defects mended.
        ties: Inputs where only results of equal score changed places.
        refused: Inputs that both sides refuse.
        differing: Inputs with another result.
        largest: Largest absolute difference of two scores.
        examples: The first inputs with another result: the input and the results.
    """

    inputs: int = 0
    parts: int = 0
    same: int = 0
    spaces: int = 0
    mended: int = 0
    ties: int = 0
    refused: int = 0
    differing: int = 0
    largest: float = 0.0
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, task: str, given: Any, ours: Any, theirs: Any, mended: Any = None) -> None:
        """Compares the two sides' results of an input.

        Args:
            task: The task.
            given: The input.
            ours: Our result.
            theirs: That of the pipeline.
            mended: That of the pipeline with its defects mended, where there is one.
        """
        self.inputs += 1
        failed = [isinstance(side, dict) and "error" in side for side in (ours, theirs)]
        if all(failed):
            self.refused += 1
        elif any(failed):
            self._differs(given, ours, theirs, mended)
        elif isinstance(theirs, np.ndarray):
            self._arrays(given, np.asarray(ours), theirs)
        else:
            sides = {"same": theirs}
            if task == "question-answering":
                sides["spaces"] = _trimmed(theirs)
            if mended is not None:
                sides["mended"] = mended
            parts = {kind: PARTS[task](side) for kind, side in sides.items()}
            own = PARTS[task](ours)
            self.parts += len(parts["same"])
            for ties in (False, True):
                for kind, other in parts.items():
                    distance = _distance(own, other, ties)
                    # Where the pipeline averages over other tokens, the same label has another score.
                    if distance is not None and (distance <= LIMIT or mended is None):
                        counted = "ties" if ties else kind
                        setattr(self, counted, getattr(self, counted) + 1)
                        self.largest = max(self.largest, distance)
                        return
            self._differs(given, ours, theirs, mended)

    def _arrays(self, given: Any, ours: np.ndarray, theirs: np.ndarray) -> None:
        self.parts += theirs.size
        if ours.shape != theirs.shape:
            self._differs(given, list(ours.shape), list(theirs.shape), None)
            return
        self.same += 1
        self.largest = max(self.largest, float(np.abs(ours - theirs).max(initial=0.0)))

    def _differs(self, given: Any, ours: Any, theirs: Any, mended: Any) -> None:
        self.differing += 1
        if len(self.examples) < 20:
            self.examples.append({"input": given, "ours": ours, "theirs": theirs, "mended": mended})


def _distance(ours: list[Part], theirs: list[Part], ties: bool) -> float | None:
    """The largest difference of two scores, or None where the two say different things."""
    if ties and sorted(map(repr, (part.what for part in ours))) != sorted(map(repr, (part.what for part in theirs))):
        return None
    if len(ours) != len(theirs):
        return None
    for a, b in zip(ours, theirs, strict=True):
        if a.what != b.what and not (ties and abs(a.score - b.score) <= TIE * max(abs(a.score), abs(b.score))):
            return None
    return max((abs(a.score - b.score) for a, b in zip(ours, theirs, strict=True)), default=0.0)


def read(answers: Any, arrays: Any) -> Iterator[tuple[Any, Any]]:
    """Results as ``theirs.py`` wrote them, arrays in their places: the pipeline's, and the mended one's or None."""
    for answer in answers:
        if isinstance(answer, dict) and "array" in answer:
            yield arrays[answer["array"]], None
        elif isinstance(answer, dict) and "mended" in answer:
            yield answer["plain"], answer["mended"]
        else:
            yield answer, None
