"""Two results of the same input: whether they say the same, and how far their scores lie apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

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


def _spans_trimmed(result: Any, text: str) -> Any:
    """Entities without the white space that their spans begin with, and without those that hold nothing else.

    With SentencePiece a piece's offsets take in the space before the word. Someone who cuts ``text[start:end]`` out
    wants the word.
    """
    trimmed = []
    for one in _listed(result):
        part = text[one["start"] : one["end"]]
        start = one["start"] + len(part) - len(part.lstrip())
        if start < one["end"]:
            trimmed.append({**one, "start": start})
    return trimmed


def _answers_trimmed(result: Any, one: dict[str, Any]) -> Any:
    """Answers without the white space around them."""
    trimmed = []
    for answer in _listed(result):
        text = answer["answer"]
        start = answer["start"] + len(text) - len(text.lstrip())
        trimmed.append({**answer, "start": start, "end": start + len(text.strip()), "answer": text.strip()})
    return trimmed


def _sentence(given: Any, options: dict[str, Any]) -> str:
    return given if isinstance(given, str) else options.get("delimiter", " ").join(given)


def mended(task: str, result: Any, given: Any, options: dict[str, Any]) -> Any:
    """Their result without what is known to be wrong with it."""
    if task == "token-classification":
        return _spans_trimmed(result, _sentence(given, options))
    if task == "question-answering":
        return _answers_trimmed(result, given)
    return result


@dataclass
class Tally:
    """What became of a case.

    Attributes:
        inputs: Inputs asked about.
        parts: Labels, entities, answers... that were compared.
        same: Inputs with equal results, their scores apart.
        trimmed: Inputs with equal results once spaces are trimmed off their spans.
        ties: Inputs where only results of equal score changed places.
        refused: Inputs that both sides refuse.
        differing: Inputs with another result.
        largest: Largest absolute difference of two scores.
        examples: The first inputs with another result: the input, ours, theirs.
    """

    inputs: int = 0
    parts: int = 0
    same: int = 0
    trimmed: int = 0
    ties: int = 0
    refused: int = 0
    differing: int = 0
    largest: float = 0.0
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, task: str, given: Any, options: dict[str, Any], ours: Any, theirs: Any) -> None:
        """Compares the two sides' results of an input."""
        self.inputs += 1
        failed = [isinstance(side, dict) and "error" in side for side in (ours, theirs)]
        if all(failed):
            self.refused += 1
        elif any(failed):
            self._differs(given, ours, theirs)
        elif isinstance(theirs, np.ndarray):
            self._arrays(given, np.asarray(ours), theirs)
        else:
            a, b = PARTS[task](ours), PARTS[task](theirs)
            c = PARTS[task](mended(task, theirs, given, options))
            self.parts += len(b)
            for kind, other in (("same", b), ("trimmed", c), ("ties", b), ("ties", c)):
                if (distance := _distance(a, other, ties=kind == "ties")) is not None:
                    setattr(self, kind, getattr(self, kind) + 1)
                    self.largest = max(self.largest, distance)
                    return
            self._differs(given, ours, theirs)

    def _arrays(self, given: Any, ours: np.ndarray, theirs: np.ndarray) -> None:
        self.parts += theirs.size
        if ours.shape != theirs.shape:
            self._differs(given, list(ours.shape), list(theirs.shape))
            return
        self.same += 1
        self.largest = max(self.largest, float(np.abs(ours - theirs).max(initial=0.0)))

    def _differs(self, given: Any, ours: Any, theirs: Any) -> None:
        self.differing += 1
        if len(self.examples) < 20:
            self.examples.append({"input": given, "ours": ours, "theirs": theirs})


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


def read(answers: Any, arrays: Any) -> Iterator[Any]:
    """Results as ``theirs.py`` wrote them, arrays in their places."""
    for answer in answers:
        yield arrays[answer["array"]] if isinstance(answer, dict) and "array" in answer else answer
