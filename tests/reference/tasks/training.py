"""Short training runs for the models that tasks are compared with: outputs shall be sharp, scores need not be high."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

Arrays = Mapping[str, np.ndarray]
Loss = Callable[[Any, Arrays], jax.Array]
"""What the model gave and the batch to a number."""

INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def _cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """The mean over the places with a label of 0 or more."""
    losses = optax.softmax_cross_entropy_with_integer_labels(logits, jnp.maximum(labels, 0))
    given = labels >= 0
    return (losses * given).sum() / jnp.maximum(given.sum(), 1)


def classes(output: Any, batch: Arrays) -> jax.Array:
    """One class a row, or a token."""
    return _cross_entropy(output.logits, batch["labels"])


def several(output: Any, batch: Arrays) -> jax.Array:
    """Any number of classes a row."""
    return optax.sigmoid_binary_cross_entropy(output.logits, batch["labels"]).mean()


def number(output: Any, batch: Arrays) -> jax.Array:
    """A number a row."""
    return ((output.logits[:, 0] - batch["labels"]) ** 2).mean()


def span(output: Any, batch: Arrays) -> jax.Array:
    """Where an answer starts and ends."""
    starts = _cross_entropy(output.start_logits, batch["labels"][:, 0])
    return (starts + _cross_entropy(output.end_logits, batch["labels"][:, 1])) / 2


def order(output: Any, batch: Arrays) -> jax.Array:
    """Whether two segments are in order."""
    return _cross_entropy(output.sop_logits, batch["labels"])


def train(model: Any, rows: Arrays, loss: Loss, steps: int, size: int = 32, peak: float = 8e-4, seed: int = 0) -> float:
    """Trains a model's parameters in place, without dropout.

    Args:
        model: A model of flax_albert.
        rows: The model's inputs and ``labels``, each with a row an example.
        loss: What to make small.
        steps: Updates.
        size: Examples in a batch.
        peak: Largest learning rate; it rises for a tenth of the steps, then falls to zero.
        seed: Of the order of the examples.

    Returns:
        The mean loss of the last tenth of the steps.
    """
    schedule = optax.warmup_cosine_decay_schedule(0.0, peak, steps // 10, steps)
    rule = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule, weight_decay=0.01))

    def objective(params: Any, batch: Arrays) -> jax.Array:
        return loss(model(**{name: batch[name] for name in INPUTS}, params=params), batch)

    @jax.jit
    def step(params: Any, moments: Any, batch: Arrays) -> tuple[Any, Any, jax.Array]:
        value, gradient = jax.value_and_grad(objective)(params, batch)
        updates, moments = rule.update(gradient, moments, params)
        return optax.apply_updates(params, updates), moments, value

    params, generator = model.params, np.random.default_rng(seed)
    moments, losses, began = rule.init(params), [], time.monotonic()
    count = len(rows["labels"])
    order = np.concatenate([generator.permutation(count) for _ in range(-(-steps * size // count))])
    for at in range(steps):
        batch = {name: array[order[at * size : (at + 1) * size]] for name, array in rows.items()}
        params, moments, value = step(params, moments, batch)
        losses.append(value)
        if at % 50 == 0 or at == steps - 1:
            print(f"  step {at:4} loss {float(value):.3f}  {time.monotonic() - began:.0f} s", flush=True)
    model.params = params
    return float(np.mean(jax.device_get(losses[-max(1, steps // 10) :])))
