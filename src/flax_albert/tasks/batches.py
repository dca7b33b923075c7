"""Static shapes: whatever the inputs, their batches take a handful of shapes, and so a handful of executables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

# Most slots (rows times wanted positions) of a batch, unless one row alone has more: each costs the head a row of work.
_MOST_SLOTS = 512
# How far apart the lengths are that rows are padded to: factors from one to the next, where so many batches are cut at
# once at least. Who has many can afford to compile for many lengths, and then pads less.
_FINENESS = ((16, 2.0**0.25), (4, 2.0**0.5), (0, 2.0))
_SHORTEST = 8
_STEP = 4


@dataclass(frozen=True)
class Batch:
    """Which rows run together, and the shape they are padded to."""

    members: tuple[int, ...]
    rows: int
    length: int
    slots: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """What an executable is compiled for."""
        return self.rows, self.length, self.slots


@dataclass
class Shapes:
    """The shapes that batches may take.

    Args:
        longest: Most tokens of a row.
        batch_tokens: Tokens of a full batch, padding included; a row that is longer runs alone.
        batch_size: Most rows of a batch.
    """

    longest: int
    batch_tokens: int
    batch_size: int | None = None
    seen: set[tuple[int, int, int]] = field(default_factory=set)
    """Shapes that were planned for so far."""

    def lengths(self, factor: float) -> list[int]:
        """The lengths that rows are padded to.

        Args:
            factor: From one to the next, about.

        Returns:
            Multiples of 4 up to ``longest``, ascending.

        Example:
            >>> from flax_albert.tasks.batches import Shapes
            >>> Shapes(longest=512, batch_tokens=1024).lengths(factor=2.0)
            [8, 16, 32, 64, 128, 256, 512]
        """
        lengths, exact = {self.longest}, float(_SHORTEST)
        while (length := _STEP * round(exact / _STEP)) < self.longest:
            lengths.add(length)
            exact *= factor
        return sorted(lengths)

    def rows(self, length: int, slots: int) -> int:
        """Rows of a full batch."""
        limits = [self.batch_tokens // length, _MOST_SLOTS // slots if slots else self.batch_tokens]
        return max(1, min(limits if self.batch_size is None else [*limits, self.batch_size]))

    def window_tokens(self, ordinal: int, most_batches: int) -> int:
        """How many tokens are looked at together: one batch at first, so that answers come soon, then more and more.

        Args:
            ordinal: How many windows came before.
            most_batches: Batches of the largest window.

        Returns:
            Tokens.
        """
        return self.batch_tokens * min(2 ** min(ordinal, 32), most_batches)

    def plan(self, lengths: Sequence[int], slots: Sequence[int]) -> list[Batch]:
        """Puts rows of like length together, so that little is padded and few shapes occur.

        Args:
            lengths: Tokens of each row, at most ``longest``.
            slots: Positions that each row wants something said about, or 0.

        Returns:
            Batches that hold every row once. They depend on the arguments alone.

        Example:
            >>> from flax_albert.tasks.batches import Shapes
            >>> for batch in Shapes(longest=512, batch_tokens=1024).plan([7, 90, 9], [0, 0, 0]):
            ...     print(batch)
            Batch(members=(1,), rows=1, length=128, slots=0)
            Batch(members=(2, 0), rows=2, length=16, slots=0)
        """
        full_batches = sum(lengths) / self.batch_tokens
        grid = self.lengths(next(factor for least, factor in _FINENESS if full_batches >= least))
        widths = [bucket(count, 1, 4, self.longest) if count else 0 for count in slots]
        batches = []
        for width in sorted(set(widths)):
            members = [row for row in range(len(lengths)) if widths[row] == width]
            members.sort(key=lambda row: -lengths[row])
            batches += self._cut(members, lengths, width, grid)
        self.seen.update(batch.shape for batch in batches)
        return batches

    def _cut(self, members: list[int], lengths: Sequence[int], width: int, grid: list[int]) -> Iterator[Batch]:
        """Cuts rows, longest first, where the padded batches cost the least in all."""
        buckets = iter(reversed(grid))
        length, shorter = next(buckets), next(buckets, 0)
        choices: list[tuple[int, list[int]]] = []  # for each row as the longest of a batch: length, and numbers of rows
        for row in members:
            while lengths[row] <= shorter:
                length, shorter = shorter, next(buckets, 0)
            most = self.rows(length, width)
            choices.append((length, sorted({1, min(2, most), min(4, most), -(-most // 4), most})))
        cost = [0.0] * (len(members) + 1)
        best = [0] * len(members)
        # A batch costs as much as its tokens, somewhat more where they see many others, and a little for being one.
        for row in reversed(range(len(members))):
            length, numbers = choices[row]
            token = length * (1 + length / 1024)
            costs = [
                self.batch_tokens / 16 + number * token + cost[min(row + number, len(members))] for number in numbers
            ]
            cost[row] = min(costs)
            best[row] = numbers[costs.index(cost[row])]
        row = 0
        while row < len(members):
            yield Batch(tuple(members[row : row + best[row]]), best[row], choices[row][0], width)
            row += best[row]


def bucket(size: int, smallest: int, factor: int, largest: int) -> int:
    """The size to pad to: the first of ``smallest``, ``smallest * factor``, ... that is large enough.

    Args:
        size: What has to fit, at most ``largest``.
        smallest: The first size.
        factor: From one size to the next.
        largest: The last size, whether or not it is one of that series.

    Returns:
        The padded size.

    Example:
        >>> from flax_albert.tasks.batches import bucket
        >>> [bucket(size, smallest=32, factor=2, largest=100) for size in (5, 32, 33, 70)]
        [32, 32, 64, 100]
    """
    padded = smallest
    while padded < size:
        padded *= factor
    return min(padded, largest)
