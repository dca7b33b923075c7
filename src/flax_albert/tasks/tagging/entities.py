"""From a probability of each label for each token to labelled stretches of tokens: words, entities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from flax_albert.tasks.tagging.tag_schemes import TagScheme

AcrossTokens = Literal["first", "average", "max"]
"""How the tokens of a word agree on its label."""


@dataclass(frozen=True)
class Stretches:
    """Stretches of tokens, one after the other, each with a label."""

    starts: Int[np.ndarray, " stretches"]
    """First token of each."""
    stops: Int[np.ndarray, " stretches"]
    """The token after its last."""
    labels: Int[np.ndarray, " stretches"]
    """Number of its label; of an entity, the number of its kind."""
    scores: Float[np.ndarray, " stretches"]
    """How sure the model is of it."""

    def __len__(self) -> int:
        return len(self.starts)


def label_tokens(probabilities: Float[np.ndarray, "tokens labels"]) -> Stretches:
    """Gives each token its most probable label.

    Args:
        probabilities: Of each label, for each token.

    Returns:
        A stretch for each token.
    """
    tokens = np.arange(len(probabilities))
    return Stretches(tokens, tokens + 1, probabilities.argmax(-1), probabilities.max(-1))


def label_words(
    probabilities: Float[np.ndarray, "tokens labels"], words: Int[np.ndarray, " tokens"], strategy: AcrossTokens
) -> Stretches:
    """Gives each word one label.

    Args:
        probabilities: Of each label, for each token.
        words: Number of the word that each token belongs to.
        strategy: ``"first"``: the label of its first token. ``"average"``: the most probable where the probabilities of
            its tokens are averaged. ``"max"``: the label of the token that is most certain of its own.

    Returns:
        A stretch for each word.

    Example:
        >>> import numpy as np
        >>> from flax_albert.tasks.tagging.entities import label_words
        >>> probabilities = np.array([[0.6, 0.4], [0.1, 0.9], [0.8, 0.2]], np.float32)
        >>> for strategy in ("first", "average", "max"):
        ...     print(label_words(probabilities, np.array([0, 0, 1]), strategy).labels)
        [0 0]
        [1 0]
        [1 0]
    """
    starts = _starts(words[1:] != words[:-1], len(words))
    stops = np.append(starts[1:], len(words)) if len(words) else starts
    if strategy == "first":
        chosen = probabilities[starts]
    elif strategy == "max":
        chosen = probabilities[_most_certain(probabilities.max(-1), starts, stops)]
    else:
        chosen = _averages(probabilities, starts, stops)
    return Stretches(starts, stops, chosen.argmax(-1), chosen.max(-1))


def join(stretches: Stretches, scheme: TagScheme) -> Stretches:
    """Puts neighbours of one kind together.

    Args:
        stretches: Tokens or words, each with its label.
        scheme: What the labels mean.

    Returns:
        The longer stretches: their labels are numbers of kinds, their scores averages.

    Example:
        >>> import numpy as np
        >>> from flax_albert.tasks.tagging.entities import join, label_tokens
        >>> from flax_albert.tasks.tagging.tag_schemes import TagScheme
        >>> scheme = TagScheme.of(["O", "B-PER", "I-PER"])
        >>> tokens = label_tokens(np.eye(3, dtype=np.float32)[[1, 2, 1, 0]])
        >>> people = join(tokens, scheme)
        >>> [scheme.names[kind] for kind in people.labels], people.starts, people.stops
        (['PER', 'PER', 'O'], array([0, 2, 3]), array([2, 3, 4]))
    """
    kinds, labels = scheme.kinds[stretches.labels], stretches.labels
    apart = (kinds[1:] != kinds[:-1]) | scheme.begins[labels[1:]] | scheme.ends[labels[:-1]]
    starts = _starts(apart, len(labels))
    stops = np.append(starts[1:], len(labels)) if len(labels) else starts
    scores = _averages(stretches.scores, starts, stops)
    return Stretches(stretches.starts[starts], stretches.stops[stops - 1], kinds[starts], scores)


def _starts(apart: np.ndarray, length: int) -> Int[np.ndarray, " stretches"]:
    """The first of each stretch, where ``apart`` says of each but the first whether it is apart from the one before."""
    return np.flatnonzero(np.append(True, apart)) if length else np.zeros(0, np.int64)


def _averages(
    values: Float[np.ndarray, "*shape"], starts: Int[np.ndarray, " stretches"], stops: Int[np.ndarray, " stretches"]
) -> Float[np.ndarray, "*averaged"]:
    if not len(starts):
        return values[:0]
    counts = (stops - starts).reshape(-1, *[1] * (values.ndim - 1))
    # In float64, because a stretch may be as long as a book.
    return (np.add.reduceat(values.astype(np.float64), starts) / counts).astype(values.dtype)


def _most_certain(
    certainty: Float[np.ndarray, " tokens"], starts: Int[np.ndarray, " words"], stops: Int[np.ndarray, " words"]
) -> Int[np.ndarray, " words"]:
    """The first token of each word that is as certain as any of its tokens."""
    if not len(starts):
        return starts
    word_of = np.repeat(np.arange(len(starts)), stops - starts)
    peaks = np.flatnonzero(certainty == np.maximum.reduceat(certainty, starts)[word_of])
    return peaks[np.unique(word_of[peaks], return_index=True)[1]]
