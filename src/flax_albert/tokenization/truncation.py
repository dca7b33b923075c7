"""Shortens lists of ids, as the Python code of transformers 4.37 did."""

from __future__ import annotations

from flax_albert.tokenization.strategies import TRUNCATION, Notice, check_side


def truncate(
    ids: list[int],
    pair_ids: list[int] | None,
    count: int,
    strategy: str,
    stride: int,
    side: str,
    notice: Notice,
) -> tuple[list[int], list[int] | None, list[int]]:
    """Cuts tokens off one text, or off a pair.

    A text that is shorter than what should be cut off it stays whole.

    Args:
        ids: The ids of one text.
        pair_ids: The ids of the second text of a pair.
        count: How many to cut off.
        strategy: One of ``TRUNCATION``.
        stride: How many tokens of what is kept come along with what is cut off.
        side: ``"left"`` or ``"right"``, the side to cut off.
        notice: Called with a sentence where less is done than was asked for.

    Returns:
        The ids of both texts, and those cut off: none for a pair whose longer text is shortened first.

    Raises:
        ValueError: There is no such strategy or side.

    Example:
        >>> from flax_albert.tokenization.truncation import truncate
        >>> truncate([1, 2, 3, 4], [5], 2, "longest_first", 0, "right", print)
        ([1, 2], [5], [])
        >>> truncate([1, 2, 3, 4], None, 2, "only_first", 1, "right", print)
        ([1, 2], None, [2, 3, 4])
    """
    if strategy not in TRUNCATION:
        raise ValueError(f"truncation_strategy={strategy!r} is unknown; it is one of {', '.join(TRUNCATION)}.")
    check_side("truncation_side", side)
    if count <= 0 or strategy == "do_not_truncate":
        return ids, pair_ids, []
    if strategy == "longest_first" and pair_ids is not None:
        of_first, of_second = _shares(len(ids), len(pair_ids), count)
        return _without(ids, of_first, side), _without(pair_ids, of_second, side), []
    of_second = strategy == "only_second"
    text = pair_ids if of_second else ids
    if text is None:
        return ids, pair_ids, []
    if len(text) <= count:
        notice(
            f"a text stays whole: truncation={strategy!r} should cut {count} tokens off a text of {len(text)}; "
            "choose another truncation or a larger max_length."
        )
        return ids, pair_ids, []
    window = min(len(text), stride + count)
    overflowing = text[-window:] if side == "right" else text[:window]
    kept = _without(text, count, side)
    return (ids, kept, overflowing) if of_second else (kept, pair_ids, overflowing)


def _shares(first: int, second: int, count: int) -> tuple[int, int]:
    """How many tokens to cut off each text, so that they end up equally long where that is possible."""
    difference = min(abs(first - second), count)
    half, rest = (count - difference) // 2, (count - difference) - (count - difference) // 2
    return (difference + half, rest) if first > second else (half, difference + rest)


def _without(ids: list[int], count: int, side: str) -> list[int]:
    if side == "left":
        return ids[count:]
    return ids[:-count] if count > 0 else ids
