"""One update, compiled once for every shape of batch."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from flax.traverse_util import flatten_dict, unflatten_dict
from jax.sharding import NamedSharding, PartitionSpec
from jaxtyping import Array, Bool, Float, Int

from flax_albert.pretrained import ParameterTree
from flax_albert.training.objective import DeviceBatch, Objective, Terms
from flax_albert.training.state import TrainState


class StepReport(NamedTuple):
    """What one update came to, still on its way from the devices.

    Attributes:
        loss: The loss, before the update.
        terms: Its terms.
        gradient_norm: Norm of the whole gradient, before clipping.
        tokens: Tokens of the batch that are no padding.
        diverged: Whether loss or gradient are not finite, now or earlier; then there was no update.
    """

    loss: Float[Array, ""]
    terms: Terms
    gradient_norm: Float[Array, ""]
    tokens: Int[Array, ""]
    diverged: Bool[Array, ""]


def train_step(
    objective: Objective,
    transformation: optax.GradientTransformation,
    accumulate: int = 1,
    seed: int = 0,
    rows: NamedSharding | None = None,
    trained: Collection[tuple[str, ...]] | None = None,
) -> Callable[[TrainState, DeviceBatch], tuple[TrainState, StepReport]]:
    """Builds the update, to be compiled by the caller.

    Args:
        objective: What is learnt.
        transformation: The optimizer; its updates are linear in the learning rate.
        accumulate: Parts that a batch is taken in; the update is that of the whole.
        seed: Of dropout.
        rows: How the rows of a batch are spread over devices.
        trained: Paths of the parameters that the optimizer changes, so that no other gradient is computed; ``None``
            means all.

    Returns:
        ``(state, batch) -> (state, report)``.
    """

    def loss_of(params: ParameterTree, *more: Any) -> tuple[Float[Array, ""], Terms]:
        return objective.loss(params if trained is None else _still(params, trained), *more)

    def gradient(state: TrainState, batch: DeviceBatch) -> tuple[Float[Array, ""], Terms, Any]:
        weights, params = objective.weights(batch), _whole(state.params, rows)
        key = jax.random.fold_in(jax.random.key(seed), state.step)
        value_and_grad = jax.value_and_grad(loss_of, has_aux=True)
        if accumulate == 1:
            (loss, terms), grads = value_and_grad(params, batch, weights, key)
            return loss, terms, grads

        def add(total: Any, numbered: tuple[Int[Array, ""], DeviceBatch]) -> tuple[Any, None]:
            number, part = numbered
            (loss, terms), grads = value_and_grad(params, part, weights, jax.random.fold_in(key, number))
            return jax.tree.map(jnp.add, total, (loss, terms, grads)), None

        zeros = jnp.float32(0), jax.tree.map(jnp.zeros_like, weights), jax.tree.map(jnp.zeros_like, params)
        parts = {name: _parts(array, accumulate, rows) for name, array in batch.items()}
        return jax.lax.scan(add, zeros, (jnp.arange(accumulate), parts))[0]

    def step(state: TrainState, batch: DeviceBatch) -> tuple[TrainState, StepReport]:
        loss, terms, grads = gradient(state, batch)
        norm = optax.tree.norm(grads)
        diverged = state.diverged | ~(jnp.isfinite(loss) & jnp.isfinite(norm))
        updates, optimizer = transformation.update(grads, state.optimizer, state.params)
        params = jax.tree.map(lambda leaf, update: leaf + state.rate_scale * update, state.params, updates)
        new = TrainState(state.step + 1, params, optimizer, state.rate_scale, diverged)
        kept = jax.tree.map(
            lambda old, new: jnp.where(diverged, old, new), state, new._replace(diverged=state.diverged)
        )
        tokens = batch["attention_mask"].sum(dtype=jnp.int32)
        return kept._replace(diverged=diverged), StepReport(loss, terms, norm, tokens, diverged)

    return step


def _still(params: ParameterTree, trained: Collection[tuple[str, ...]]) -> ParameterTree:
    """The same parameters, with a gradient of zero for those that are not trained."""
    flat: dict[Any, Any] = flatten_dict(params)
    return unflatten_dict(
        {path: leaf if path in trained else jax.lax.stop_gradient(leaf) for path, leaf in flat.items()}
    )


def _whole(params: ParameterTree, rows: NamedSharding | None) -> ParameterTree:
    """Puts parameters together that are cut, once a step: the layers share them, so each layer would do it again."""
    return (
        params if rows is None else jax.lax.with_sharding_constraint(params, NamedSharding(rows.mesh, PartitionSpec()))
    )


def _parts(array: Array, count: int, rows: NamedSharding | None) -> Array:
    """Cuts the rows into parts; each part takes rows of every device, so that none travel."""
    parts = array.reshape(array.shape[0] // count, count, *array.shape[1:]).swapaxes(0, 1)
    if rows is None:
        return parts
    return jax.lax.with_sharding_constraint(parts, NamedSharding(rows.mesh, PartitionSpec(None, *rows.spec)))
