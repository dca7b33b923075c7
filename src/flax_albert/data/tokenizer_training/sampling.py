"""A fair sample of sentences, in memory that is as large as the sample."""

from __future__ import annotations

import random
from collections.abc import Iterable


def sampled(sentences: Iterable[str], most: int, seed: int) -> list[str]:
    """Draws sentences, each as likely as any other.

    Args:
        sentences: All of them, gone through once.
        most: How many are drawn; all where there are no more.
        seed: Of the drawing.

    Returns:
        Those drawn, in the order in which they came.

    Example:
        >>> from flax_albert.data.tokenizer_training.sampling import sampled
        >>> sampled((f"Sentence {number}." for number in range(1000)), most=3, seed=0)
        ['Sentence 405.', 'Sentence 909.', 'Sentence 996.']
    """
    draw = random.Random(seed).random  # whose numbers no release of Python changes
    drawn: list[tuple[int, str]] = []
    for number, sentence in enumerate(sentences):
        if number < most:
            drawn.append((number, sentence))
        elif (place := int(draw() * (number + 1))) < most:
            drawn[place] = number, sentence
    return [sentence for _, sentence in sorted(drawn)]
