"""The module with optax: the loss falls, parameters may be donated, and one executable serves every step."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from flax_albert.models import FlaxAlbertForSequenceClassification
from tests.sizes import tiny

IDS = jnp.asarray(np.random.default_rng(0).integers(5, 61, (4, 9)), jnp.int32)
LABELS = jnp.asarray([0, 1, 1, 0])


def test_the_module_learns_under_optax_with_donated_parameters() -> None:
    model = FlaxAlbertForSequenceClassification(
        tiny(num_hidden_layers=1, initializer_range=0.05, hidden_dropout_prob=0.1)
    )
    module: Any = model.module
    transform = optax.sgd(0.1, momentum=0.9)

    def loss(params: Any, key: jax.Array) -> jax.Array:
        logits = module.apply({"params": params}, IDS, deterministic=False, rngs={"dropout": key}).logits
        return optax.softmax_cross_entropy_with_integer_labels(logits, LABELS).mean()

    def step(params: Any, state: Any, key: jax.Array) -> Any:
        value, gradient = jax.value_and_grad(loss)(params, key)
        updates, state = transform.update(gradient, state, params)
        return optax.apply_updates(params, updates), state, value

    compiled: Any = jax.jit(step, donate_argnums=(0, 1))
    given = params = jax.tree.map(jnp.copy, model.params)
    state, losses = transform.init(params), []
    for number in range(12):
        params, state, value = compiled(params, state, jax.random.key(number, impl="rbg"))
        losses.append(float(value))
    assert np.mean(losses[-3:]) < 0.7 * np.mean(losses[:3])
    assert compiled._cache_size() == 1
    assert all(leaf.is_deleted() for leaf in jax.tree.leaves(given)), "their memory went to the new ones"
    assert not any(leaf.is_deleted() for leaf in jax.tree.leaves(model.params))
    before = model(IDS).logits
    model.params = params
    assert (model(IDS).logits.argmax(-1) == LABELS).all()
    assert (model(IDS).logits != before).any()
