"""Masked words and the order of two segments (ALBERT paper, sections 3.1 and 4.6)."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int

from flax_albert.training.objective import DeviceBatch, Objective, Terms

MASKED_LM, SENTENCE_ORDER = "masked_lm", "sentence_order"


def cross_entropy(logits: Float[Array, "*shape classes"], labels: Int[Array, "*shape"]) -> Float[Array, "*shape"]:
    """The cross-entropy, in float32 whatever the logits are in.

    Args:
        logits: Scores of the classes.
        labels: The right classes.

    Returns:
        One loss a label.
    """
    return optax.softmax_cross_entropy_with_integer_labels(logits.astype(jnp.float32), labels)


@final
class PretrainingObjective(Objective):
    """The mean over predicted pieces, plus the mean over rows, as in Google's program.

    The masked-LM head is evaluated at the masked positions only.
    """

    def weights(self, batch: DeviceBatch) -> Terms:
        """Predicted pieces, and rows."""
        return {
            # As Google's program has it: nothing is divided by zero where nothing is masked.
            MASKED_LM: batch["masked_weights"].sum() + 1e-5,
            SENTENCE_ORDER: jnp.maximum(batch["valid"].sum(dtype=jnp.float32), 1.0),
        }

    def sums(self, outputs: Any, batch: DeviceBatch) -> Terms:
        """Cross-entropy of the pieces, and of the order."""
        words = cross_entropy(outputs.prediction_logits, batch["masked_labels"])
        order = cross_entropy(outputs.sop_logits, batch["sentence_order"])
        return {
            MASKED_LM: (words * batch["masked_weights"]).sum(),
            SENTENCE_ORDER: jnp.where(batch["valid"], order, 0.0).sum(),
        }
