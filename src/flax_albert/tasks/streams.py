"""Results that come one after the other, and know how many they will be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self, final


@final
class SizedResults(Iterator[Any]):
    """Results of inputs whose number is known, so that a progress bar can show how far they are.

    Args:
        results: The results.
        length: How many there are in all.

    Example:
        >>> from flax_albert.tasks.streams import SizedResults
        >>> results = SizedResults(iter("ab"), 2)
        >>> len(results), list(results)
        (2, ['a', 'b'])
    """

    def __init__(self, results: Iterator[Any], length: int) -> None:
        self._results = results
        self._length = length

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        return next(self._results)

    def __len__(self) -> int:
        return self._length

    def __bool__(self) -> bool:
        return True  # as any iterator, however many results are left


def mapped(function: Callable[[Any], Any], results: Iterator[Any]) -> Iterator[Any]:
    """Changes each result when it comes.

    Args:
        function: What to make of a result.
        results: The results.

    Returns:
        As many.
    """
    changed = map(function, results)
    return SizedResults(changed, len(results)) if isinstance(results, SizedResults) else changed
