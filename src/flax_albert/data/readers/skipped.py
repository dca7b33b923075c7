"""What becomes of examples that are at fault: the first ends the reading, or all are left out and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar, final

from flax_albert.data.errors import DataError

_Row = TypeVar("_Row")
_Example = TypeVar("_Example")


class SourceError(DataError):
    """A whole file or data set is at fault, and not a row of it: nothing can be left out to mend it."""


@final
class Skipped:
    """Examples that were left out because something is wrong with them.

    Args:
        most: How many are listed; all are counted.

    Attributes:
        count: How many there are.
        listed: What is wrong with the first of them, a sentence each that says where it stands.

    Example:
        >>> from flax_albert.data.readers import Skipped, read_texts
        >>> skipped = Skipped()
        >>> rows = [{"text": "Fine.", "label": "good"}, {"text": "Dull."}]
        >>> [example.label for example in read_texts(rows, skipped=skipped)], skipped.count
        (['good'], 1)
        >>> skipped.listed
        ["row 2 of the list has no 'label'."]
    """

    def __init__(self, most: int = 20) -> None:
        self.count = 0
        self.listed: list[str] = []
        self._most = most

    def add(self, fault: str) -> None:
        """Counts an example.

        Args:
            fault: What is wrong with it, as a sentence.
        """
        self.count += 1
        if len(self.listed) < self._most:
            self.listed.append(fault)


def usable(
    rows: Iterable[_Row], make: Callable[[_Row], Iterable[_Example]], source: str, skipped: Skipped | None
) -> Iterator[_Example]:
    """Makes examples of rows.

    Args:
        rows: The rows.
        make: Makes the examples of one, or raises what is wrong with it.
        source: What the rows are of, for messages.
        skipped: Where to note rows at fault; without it the first one is raised.

    Yields:
        The examples.

    Raises:
        DataError: A row is at fault, or not one of them can be used.
    """
    found, left_out, first = False, 0, ""
    for row in rows:
        try:
            examples = list(make(row))
        except SourceError:
            raise
        except DataError as error:
            if skipped is None:
                raise
            skipped.add(str(error))
            left_out, first = left_out + 1, first or str(error)
            continue
        found = found or bool(examples)
        yield from examples
    if not found:
        reason = f"all {left_out} of its rows are at fault; the first: {first}" if left_out else "it holds none."
        raise SourceError(f"{source} gives no examples: {reason}")
