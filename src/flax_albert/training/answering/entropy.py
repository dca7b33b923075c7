"""What is learnt about answers."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int

from flax_albert.training.objective import DeviceBatch, Objective, Terms

_NOT_THERE = -1e9


@final
class AnswerEntropy(Objective):
    """Cross-entropy of the first and of the last token of the answer, and the mean of both, as Google's program has it.

    Padding has no part in it, so that it does not matter how much there is.
    """

    def losses(self, outputs: Any, batch: DeviceBatch) -> Float[Array, " rows"]:
        """The loss of each row.

        Args:
            outputs: What the module gave.
            batch: What it was given.
        """
        start = self._entropy(outputs.start_logits, batch["start_positions"], batch)
        return (start + self._entropy(outputs.end_logits, batch["end_positions"], batch)) / 2

    def _entropy(
        self, logits: Float[Array, "rows seq"], positions: Int[Array, " rows"], batch: DeviceBatch
    ) -> Float[Array, " rows"]:
        there = jnp.where(batch["attention_mask"] > 0, logits.astype(jnp.float32), _NOT_THERE)
        return optax.softmax_cross_entropy_with_integer_labels(there, positions)

    def weights(self, batch: DeviceBatch) -> Terms:
        """The number of rows."""
        return {"loss": jnp.maximum(batch["valid"].sum(dtype=jnp.float32), 1)}

    def sums(self, outputs: Any, batch: DeviceBatch) -> Terms:
        """The sum of the losses."""
        return {"loss": jnp.where(batch["valid"], self.losses(outputs, batch), 0).sum()}
