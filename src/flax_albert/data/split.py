"""Examples put aside to measure on, the same ones in every run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from flax_albert.data.examples import ChoiceExample, QuestionExample, TaggedExample, TextExample

Example = TypeVar("Example", TextExample, TaggedExample, QuestionExample, ChoiceExample)


def split(examples: Sequence[Example], share: float, seed: int = 0) -> tuple[list[Example], list[Example]]:
    """Puts a share of the examples aside.

    What belongs together stays together: sentences of a document, questions about an article, or about a context where
    there is but one article, choices after the same prompt, and pairs with the same longer text. Nothing but what the
    examples hold decides, so neither the order of a file nor the machine matters.

    Args:
        examples: All examples.
        share: How many to put aside, as a share of all; as near to it as whole groups allow.
        seed: Another one puts others aside.

    Returns:
        The examples to train on and those to measure on, both in the order of ``examples``.

    Raises:
        ValueError: The share is none, or the examples are all of one group.

    Example:
        >>> from flax_albert.data.examples import TextExample
        >>> from flax_albert.data.split import split
        >>> examples = [TextExample(f"text {n}", None, "yes", f"line {n}") for n in range(10)]
        >>> [len(part) for part in split(examples, 0.2)]
        [8, 2]
    """
    if not 0 < share < 1:
        raise ValueError(f"A share of examples to put aside lies between 0 and 1, and {share} does not.")
    groups = _groups(examples)
    sizes: dict[str, int] = {}
    for group in groups:
        sizes[group] = sizes.get(group, 0) + 1
    if len(sizes) < 2:
        raise ValueError(
            f"All {len(examples)} examples belong together, so none can be put aside; name a file to measure on."
        )
    target = share * len(examples)
    aside: set[str] = set()
    count = 0
    for group in sorted(sizes, key=lambda group: _drawn(group, seed)):
        with_it = count + sizes[group]
        if abs(with_it - target) < abs(count - target) and len(aside) < len(sizes) - 1:
            aside.add(group)
            count = with_it
    if not aside:  # every group is far larger than the share
        aside.add(min(sizes, key=lambda group: (sizes[group], _drawn(group, seed))))
    kept = [example for example, group in zip(examples, groups, strict=True) if group not in aside]
    return kept, [example for example, group in zip(examples, groups, strict=True) if group in aside]


def _drawn(group: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}\n{group}".encode()).digest()


def _groups(examples: Sequence[Example]) -> list[str]:
    wide = [_wide(example) for example in examples]
    if len(set(wide)) > 1:  # what precedes the first document that is marked is a document too
        return [group or "" for group in wide]
    return [_narrow(example) for example in examples]


def _wide(example: Example) -> str | None:
    """The document or article of an example, if it is known."""
    if isinstance(example, TaggedExample):
        return example.document
    return example.title if isinstance(example, QuestionExample) else None


def _narrow(example: Example) -> str:
    """What an example may share with others: its context, its prompt, its text."""
    if isinstance(example, QuestionExample):
        return example.context
    if isinstance(example, ChoiceExample):
        return example.prompt
    if isinstance(example, TaggedExample):
        return " ".join(example.words)
    return max(example.text, example.pair or "", key=len)
