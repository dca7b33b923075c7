"""How tags are written that are learnt: those of entities in IOB1 become IOB2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flax_albert.data.examples import TaggedExample
from flax_albert.data.readers.schemes import scheme_of, to_iob2
from flax_albert.training.metrics.entities import are_entity_tags


def tags_of(examples: Sequence[TaggedExample], known: Sequence[str] | None = None) -> Iterator[Sequence[str]]:
    """The tags of each sentence.

    Args:
        examples: Sentences.
        known: The tags that the model knows: where they are IOB2, entities are written in it, whatever scheme they come
            in. Without them, it is the examples that say: those of IOB1 are.

    Yields:
        The tags of a sentence.

    Raises:
        ValueError: A sentence has none, or more or fewer than words.

    Example:
        >>> from flax_albert.data.examples import TaggedExample
        >>> from flax_albert.training.tagging.written import tags_of
        >>> examples = [TaggedExample(("Ada", "Bob", "came"), ("I-PER", "B-PER", "O"), "line 1")]
        >>> next(tags_of(examples))
        ('B-PER', 'B-PER', 'O')
    """
    there = [_there(example) for example in examples]
    marks = {tag[:2] for tag in known or () if tag != "O"}
    iob2 = scheme_of(there) == "IOB1" if known is None else are_entity_tags(known) and {"B-"} <= marks <= {"B-", "I-"}
    yield from map(to_iob2, there) if iob2 else there


def _there(example: TaggedExample) -> Sequence[str]:
    if example.tags is None:
        raise ValueError(f"{example.where} has no tags.")
    if len(example.tags) != len(example.words):
        raise ValueError(f"{example.where} has {len(example.words)} words and {len(example.tags)} tags.")
    return example.tags
