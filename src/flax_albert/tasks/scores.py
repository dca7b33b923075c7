"""Scores out of the model's logits, on the host and in float32."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from flax_albert.tasks.errors import UnfitError


def softmax(logits: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Probabilities over the last axis.

    Args:
        logits: Logits.

    Returns:
        Probabilities, in the same dtype.

    Example:
        >>> import numpy as np
        >>> from flax_albert.tasks.scores import softmax
        >>> softmax(np.zeros(4, np.float32)).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    odds = np.exp(logits - logits.max(-1, keepdims=True))
    return odds / odds.sum(-1, keepdims=True)


def finite(scores: Float[np.ndarray, "*shape"], called: str = "scores") -> Float[np.ndarray, "*shape"]:
    """What a model computed of an input, seen to be numbers.

    Args:
        scores: Logits or scores.
        called: What they are, for the message.

    Returns:
        They.

    Raises:
        UnfitError: One is infinite or not a number.
    """
    if not np.isfinite(scores).all():
        raise UnfitError(f"gives {called} that are not finite; compute in float32 (dtype=jnp.float32).")
    return scores
