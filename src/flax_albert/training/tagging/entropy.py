"""What is learnt about tags."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

from flax_albert.training.objective import DeviceBatch, Objective, Terms


@final
class TagEntropy(Objective):
    """Cross-entropy of the tags, a mean over the tokens that have one to learn."""

    def losses(self, logits: Float[Array, "rows seq labels"], batch: DeviceBatch) -> Float[Array, " rows"]:
        """The sum over the tokens of each row.

        Args:
            logits: What the module gave.
            batch: What it was given.
        """
        losses = optax.softmax_cross_entropy_with_integer_labels(logits.astype(jnp.float32), batch["labels"])
        return jnp.where(batch["labelled"], losses, 0).sum(-1)

    def weights(self, batch: DeviceBatch) -> Terms:
        """The number of tokens that have a tag to learn."""
        return {"loss": jnp.maximum(batch["labelled"].sum(dtype=jnp.float32), 1)}

    def sums(self, outputs: Any, batch: DeviceBatch) -> Terms:
        """The sum of the losses."""
        return {"loss": self.losses(outputs.logits, batch).sum()}
