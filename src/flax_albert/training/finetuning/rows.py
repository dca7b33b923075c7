"""What the kinds share whose examples are a row each, with one loss."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from flax_albert.data.batches import Batches
from flax_albert.pretrained import ParameterTree
from flax_albert.training.evaluator import Evaluation, Evaluator
from flax_albert.training.finetuning.kind import Computed, HeldOut
from flax_albert.training.objective import DeviceBatch, Objective, Terms

Example = TypeVar("Example")
Logits = Float[np.ndarray, "examples outputs"]


class RowObjective(Objective):
    """A mean over rows of a loss of each."""

    @abc.abstractmethod
    def losses(self, logits: Float[Array, "rows outputs"], batch: DeviceBatch) -> Float[Array, " rows"]:
        """The loss of each row; what it is where a row is not valid does not matter.

        Args:
            logits: What the module gave, in float32.
            batch: What it was given.
        """

    def weights(self, batch: DeviceBatch) -> Terms:
        """The number of rows."""
        return {"loss": jnp.maximum(batch["valid"].sum(dtype=jnp.float32), 1)}

    def sums(self, outputs: Any, batch: DeviceBatch) -> Terms:
        """The sum of the losses."""
        losses = self.losses(outputs.logits.astype(jnp.float32), batch)
        return {"loss": jnp.where(batch["valid"], losses, 0).sum()}


class RowEvaluator(Evaluator, Generic[Example]):
    """Held-out examples of a row each.

    Args:
        held_out: The examples.
        objective: What is learnt.
        decisive: The metric that says which checkpoint is the best.
    """

    def __init__(self, held_out: HeldOut[Example], objective: RowObjective, decisive: str) -> None:
        self.name = held_out.name
        self.decisive = decisive
        self.held_out = held_out
        self._objective = objective

    @property
    def batches(self) -> Batches:
        """The examples."""
        return self.held_out.batches

    def outputs(self, params: ParameterTree, batch: DeviceBatch) -> Mapping[str, Any]:
        """Logits and loss of every row."""
        logits = self._objective.outputs(params, batch).logits.astype(jnp.float32)
        return {"logits": logits, "loss": self._objective.losses(logits, batch)}

    def evaluate(self, computed: Computed) -> Evaluation:
        """Measures."""
        found = self.held_out.in_order(computed)
        evaluation = self.measured(found["logits"])
        return replace(evaluation, metrics={"loss": float(found["loss"].mean()), **evaluation.metrics})

    @property
    def labels(self) -> np.ndarray:
        """What is right, in the order of the examples."""
        return np.stack([row["labels"] for row in self.held_out.encoded.rows])

    @abc.abstractmethod
    def measured(self, logits: Logits) -> Evaluation:
        """The figures but for the loss.

        Args:
            logits: Of each example, in their order.
        """
