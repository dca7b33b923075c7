"""Which pieces of a row are to be predicted, and what stands in their place."""

from __future__ import annotations

import numpy as np

from flax_albert.data.pretraining.options import PretrainingOptions


def words_of(begins: np.ndarray) -> np.ndarray:
    """Numbers where words begin and where the last one ends.

    Args:
        begins: Whether a piece begins a word, ``[pieces]``; the first one does in any case.

    Returns:
        Bounds, ``[words + 1]``.
    """
    begins = begins.copy()
    begins[:1] = True
    return np.append(np.flatnonzero(begins), len(begins))


def chosen_spans(bounds: np.ndarray, budget: int, max_ngram: int, random: np.random.Generator) -> list[tuple[int, int]]:
    """Chooses spans of words as Google's program does.

    Every word, in random order, may begin a span. Its number of words is drawn with a probability proportional to 1/n,
    and lowered where the budget has no room for that many; a span that meets another one is dropped.

    Args:
        bounds: Bounds of the words, ``[words + 1]``.
        budget: Most pieces of all spans.
        max_ngram: Most words of a span.
        random: Source of the choices.

    Returns:
        The first word of each span and the one behind its last, in the order in which they were chosen.
    """
    count = len(bounds) - 1
    order = random.permutation(count)
    # Near the end fewer words follow: what is left of the distribution is scaled up.
    likely = np.cumsum(1 / np.arange(1, max_ngram + 1))
    most = likely[np.minimum(count - order, max_ngram) - 1]
    sizes = 1 + np.searchsorted(likely, random.random(count) * most, side="right")
    places, covered = bounds.tolist(), bytearray(count)
    spans = []
    for first, size in zip(order.tolist(), sizes.tolist(), strict=True):
        if not budget:
            break
        while size and places[first + size] - places[first] > budget:
            size -= 1
        if size and not any(covered[first : first + size]):
            covered[first : first + size] = b"\1" * size
            budget -= places[first + size] - places[first]
            spans.append((first, first + size))
    return spans


def selected(begins: np.ndarray, tokens: int, options: PretrainingOptions, random: np.random.Generator) -> np.ndarray:
    """Chooses the pieces to predict.

    Args:
        begins: Whether a piece begins a word, ``[pieces]``, special tokens left out.
        tokens: Tokens of the row, special ones counted.
        options: How many are chosen, and how.
        random: Source of the choices.

    Returns:
        Their indices among the pieces, ascending.
    """
    if not options.masked_lm_prob:
        return np.zeros(0, np.int64)
    bounds = words_of(begins) if options.whole_words else np.arange(len(begins) + 1)
    spans = chosen_spans(bounds, options.predictions(tokens), options.max_ngram, random)
    chosen = np.zeros(len(begins), bool)
    for first, end in spans:
        chosen[bounds[first] : bounds[end]] = True
    return np.flatnonzero(chosen)


def hidden(
    pieces: np.ndarray, vocabulary: int, mask: int, options: PretrainingOptions, random: np.random.Generator
) -> np.ndarray:
    """What stands in the place of predicted pieces; decided for each by itself.

    Args:
        pieces: The pieces, ``[predictions]``.
        vocabulary: Number of pieces there are: a random one may be any of them, special ones too, as published.
        mask: Id of ``[MASK]``.
        options: Shares of what they become.
        random: Source of the choices.

    Returns:
        As many ids.
    """
    draw = random.random(len(pieces))
    other = random.integers(vocabulary, size=len(pieces))
    kept = np.where(draw < options.mask_prob + options.random_prob, other, pieces)
    return np.where(draw < options.mask_prob, mask, kept)
