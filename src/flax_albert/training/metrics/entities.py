"""Metrics of entities: stretches of words with a kind, read out of a tag a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Scheme = Literal["IOB2", "BIOES", "BILOU"]
"""A scheme of tags that is taken at its word."""

_MARKS = {"IOB2": "BI", "BIOES": "BIES", "BILOU": "BILU"}
_OUTSIDE = ("O", "")
# Names that schemes have for the same: the last word is E-nd or L-ast, the only one S-ingle or U-nit, others M-iddle.
_SAME = {"L": "E", "U": "S", "M": "I"}


class Entity(NamedTuple):
    """Some words of a sentence, and what they name."""

    start: int
    """Its first word."""
    stop: int
    """The word after its last."""
    kind: str
    """What it is: ``PER``."""


@dataclass(frozen=True)
class EntityScore:
    """How many entities were found, of how many; the figures are 0 where there is nothing to count.

    Attributes:
        true: Entities there are.
        predicted: Entities that were said to be.
        right: Those of them that are, with their first word, their last word and their kind.
    """

    true: int
    predicted: int
    right: int

    @property
    def precision(self) -> float:
        """Share of the predicted ones that are right."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the true ones that were found."""
        return self.right / self.true if self.true else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.right / (self.true + self.predicted) if self.right else 0.0


@dataclass(frozen=True)
class EntityScores:
    """The score of all entities, and that of each kind, by the alphabet."""

    overall: EntityScore
    kinds: dict[str, EntityScore]


def entities(tags: Sequence[str], scheme: Scheme | None = None) -> list[Entity]:
    """Reads the entities of a sentence.

    Args:
        tags: A tag a word: ``O``, or a mark, a dash and a kind.
        scheme: A scheme that is taken at its word, as seqeval does in its mode ``strict``: what it does not allow, such
            as an ``I-`` without a ``B-`` before it, is no entity. ``None`` reads any scheme as CoNLL's program and
            seqeval's usual mode do: an entity begins where the kind changes or a mark says so.

    Returns:
        In their order.

    Raises:
        ValueError: The scheme does not have a tag.

    Example:
        >>> from flax_albert.training.metrics.entities import entities
        >>> entities(["B-PER", "I-PER", "O", "I-LOC"])
        [Entity(start=0, stop=2, kind='PER'), Entity(start=3, stop=4, kind='LOC')]
        >>> entities(["B-PER", "I-PER", "O", "I-LOC"], "IOB2")
        [Entity(start=0, stop=2, kind='PER')]
    """
    if scheme is not None:
        for tag in tags:
            if tag != "O" and (tag[1:2] != "-" or tag[0] not in _MARKS[scheme]):
                marks = ", ".join(f"{mark}-..." for mark in _MARKS[scheme])
                raise ValueError(f"The tag {tag!r} is none of {scheme}'s, which are O, {marks}.")
    read = [*map(_read, tags), _OUTSIDE]
    return _usual(read) if scheme is None else _strict(read, closed=scheme != "IOB2")


def entity_scores(
    true: Iterable[Sequence[str]], predicted: Iterable[Sequence[str]], scheme: Scheme | None = None
) -> EntityScores:
    """Counts entities that were found.

    Args:
        true: The tags of each sentence.
        predicted: Those that were predicted, as many.
        scheme: As for :func:`entities`.

    Returns:
        Counts, and precision, recall and F1 out of them, as seqeval has them.

    Raises:
        ValueError: The scheme does not have a tag, or there are more tags of one than of the other.

    Example:
        >>> from flax_albert.training.metrics.entities import entity_scores
        >>> scores = entity_scores([["B-PER", "I-PER", "O", "B-LOC"]], [["B-PER", "O", "O", "B-LOC"]])
        >>> scores.overall.f1, scores.kinds["LOC"].f1
        (0.5, 1.0)
    """
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("true", "predicted", "right")}
    for expected, got in zip(true, predicted, strict=True):
        if len(expected) != len(got):
            raise ValueError(f"A sentence has {len(expected)} tags, and {len(got)} predicted ones.")
        there, found = entities(expected, scheme), entities(got, scheme)
        for name, some in (("true", there), ("predicted", found), ("right", set(there) & set(found))):
            counts[name].update(entity.kind for entity in some)
    kinds = sorted(counts["true"] | counts["predicted"])
    return EntityScores(
        EntityScore(*(count.total() for count in counts.values())),
        {kind: EntityScore(*(count[kind] for count in counts.values())) for kind in kinds},
    )


def are_entity_tags(tags: Iterable[str]) -> bool:
    """Whether tags are those of entities rather than, say, parts of speech.

    Args:
        tags: All that occur.

    Returns:
        Whether each is ``O`` or has one of the marks B, I, E, L, S, U or M before a dash, and some do.

    Example:
        >>> from flax_albert.training.metrics.entities import are_entity_tags
        >>> are_entity_tags(["O", "I-PER"]), are_entity_tags(["NOUN", "O"]), are_entity_tags(["NN", "-LRB-"])
        (True, False, False)
    """
    marked = [tag for tag in tags if tag != "O"]
    return bool(marked) and all(tag[:1] in tuple("BIELSUM") and tag[1:2] == "-" and tag[2:] for tag in marked)


def _read(tag: str) -> tuple[str, str]:
    """Mark and kind. A tag without a mark, such as ``PER``, stands for the inside of what it names."""
    if tag == "O":
        return _OUTSIDE
    if tag[1:2] == "-":
        return _SAME.get(tag[0], tag[0]), tag[2:] or "_"
    return "I", tag


def _usual(read: Sequence[tuple[str, str]]) -> list[Entity]:
    found: list[Entity] = []
    start, before = 0, _OUTSIDE
    for place, (mark, kind) in enumerate(read):
        if kind != before[1] or mark in ("B", "S") or before[0] in ("E", "S"):
            if before != _OUTSIDE:
                found.append(Entity(start, place, before[1]))
            start = place
        before = (mark, kind)
    return found


def _strict(read: Sequence[tuple[str, str]], closed: bool) -> list[Entity]:
    """Entities of a scheme; where it is a closed one, each ends with a mark that says so."""
    found: list[Entity] = []
    place = 0
    while place < len(read):
        start, (mark, kind) = place, read[place]
        place += 1
        whole = mark == "S" or (mark == "B" and not closed)
        if mark == "B":
            while read[place] == ("I", kind):
                place += 1
            if closed and read[place] == ("E", kind):
                whole, place = True, place + 1
        if whole:
            found.append(Entity(start, place, kind))
    return found
