"""A small thing to learn: which of two words a text holds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from flax_albert import AlbertConfig, FlaxAlbertForSequenceClassification
from flax_albert.data.batches import Batch
from flax_albert.data.example_batches import ExampleBatches
from flax_albert.training.evaluator import Evaluation, Evaluator
from flax_albert.training.events import Event, Reporter
from flax_albert.training.objective import DeviceBatch, Objective, Terms


def model(dropout: float = 0.1) -> FlaxAlbertForSequenceClassification:
    """A tiny model with random weights."""
    config = AlbertConfig(
        vocab_size=20,
        embedding_size=8,
        hidden_size=16,
        num_attention_heads=2,
        intermediate_size=32,
        num_hidden_layers=2,
        num_labels=2,
        hidden_dropout_prob=dropout,
        classifier_dropout_prob=dropout,
    )
    return FlaxAlbertForSequenceClassification(config, seed=1)


def batches(size: int = 8, count: int = 40, seed: int | None = 0) -> ExampleBatches:
    """Texts of 3 to 12 pieces, which hold piece 5 or piece 6."""
    random = np.random.default_rng(3)
    rows: list[dict[str, np.ndarray]] = []
    for number in range(count):
        ids = random.integers(7, 20, random.integers(3, 13))
        ids[random.integers(len(ids))] = 5 + number % 2
        rows.append({"input_ids": ids, "attention_mask": np.ones_like(ids), "labels": np.array(number % 2, np.int32)})
    return ExampleBatches(rows, size, longest=16, seed=seed)


class Classifying(Objective):
    """Cross-entropy of the two classes."""

    def weights(self, batch: DeviceBatch) -> Terms:
        return {"classes": jnp.maximum(batch["valid"].sum(dtype=jnp.float32), 1.0)}

    def sums(self, outputs: Any, batch: DeviceBatch) -> Terms:
        losses = optax.softmax_cross_entropy_with_integer_labels(outputs.logits, batch["labels"])
        return {"classes": jnp.where(batch["valid"], losses, 0.0).sum()}


class Accuracy(Evaluator):
    """The share of texts that are classified right."""

    name = "dev"
    decisive = "accuracy"

    def __init__(self, objective: Objective, examples: ExampleBatches) -> None:
        self._objective, self._batches = objective, examples

    @property
    def batches(self) -> ExampleBatches:
        return self._batches

    def outputs(self, params: Any, batch: DeviceBatch) -> Mapping[str, Any]:
        return {"logits": self._objective.outputs(params, batch).logits}

    def evaluate(self, computed: Iterable[tuple[Batch, Mapping[str, np.ndarray]]]) -> Evaluation:
        right = [(out["logits"].argmax(-1) == batch["labels"])[batch["valid"]] for batch, out in computed]
        return Evaluation({"accuracy": float(np.concatenate(right).mean())})


class Kept(Reporter):
    """Keeps every event."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def tell(self, event: Event) -> None:
        self.events.append(event)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def finite(params: Any) -> bool:
    """Whether every parameter is finite."""
    return all(math.isfinite(float(jnp.abs(leaf).sum())) for leaf in jax.tree.leaves(params))
