"""What a guess that looks at nothing would come to."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

TOP = 5


def unigram(counts: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Always guesses the most frequent pieces of the training text.

    Args:
        counts: How often each piece occurs there, ``[vocabulary]``.
        labels: The pieces that are to be guessed.

    Returns:
        ``loss`` of the frequencies as probabilities, every piece counted once more than it occurs; ``accuracy`` of the
        most frequent piece; ``top5`` of the five most frequent.

    Example:
        >>> import numpy as np
        >>> from flax_albert.training.pretraining.baselines import unigram
        >>> unigram(np.array([0, 5, 2]), np.array([1, 1, 2, 1]))["accuracy"]
        0.75
    """
    best = np.argsort(-counts, kind="stable")[:TOP]
    shares = (counts + 1) / (counts + 1).sum()
    return {
        "loss": float(-np.log(shares[labels]).mean()),
        "accuracy": float((labels == best[0]).mean()),
        "top5": float(np.isin(labels, best).mean()),
    }


def majority(labels: np.ndarray) -> Mapping[str, float]:
    """Always guesses the more frequent of two classes, as frequent as it is among these very labels.

    Args:
        labels: 0 or 1.

    Returns:
        ``loss`` and ``accuracy``; no constant guess has better ones.
    """
    share = float(max(labels.mean(), 1 - labels.mean()))
    rest = 1 - share
    entropy = -sum(part * math.log(part) for part in (share, rest) if part)
    return {"loss": entropy, "accuracy": share}
