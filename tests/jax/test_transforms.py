"""JAX's transforms over a model: jit, grad, vmap, disable_jit, and what is compiled when."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from flax_albert.models import FlaxAlbertForMaskedLM, FlaxAlbertModel
from tests.sizes import tiny
from tests.tolerances import SMALL

IDS = np.random.default_rng(0).integers(5, 61, (2, 9)).astype(np.int32)


COMPILATIONS: list[str] = []


def count_compilation(event: str, duration_secs: float, **details: str | int) -> None:
    if event.endswith("backend_compile_duration"):
        COMPILATIONS.append(event)


jax.monitoring.register_event_duration_secs_listener(count_compilation)


@pytest.fixture(scope="module")
def masked_lm() -> FlaxAlbertForMaskedLM:
    return FlaxAlbertForMaskedLM(tiny())


def test_a_second_call_does_not_compile_again(masked_lm: FlaxAlbertForMaskedLM) -> None:
    masked_lm(IDS)
    other, on_device = FlaxAlbertForMaskedLM(tiny(), seed=1), jnp.asarray(IDS)
    before = len(COMPILATIONS)
    masked_lm(IDS + 0, attention_mask=np.ones_like(IDS))
    masked_lm(on_device, token_type_ids=[[0] * 9] * 2)
    masked_lm(IDS.tolist(), position_ids=np.tile(np.arange(9), (2, 1)), return_dict=False)
    masked_lm(IDS.astype(np.int64), attention_mask=np.ones(IDS.shape, bool))
    other(IDS)
    assert len(COMPILATIONS) == before
    masked_lm(IDS[:1])
    assert len(COMPILATIONS) == before + 1


def test_jit_vmap_and_disable_jit_see_the_same_model(masked_lm: FlaxAlbertForMaskedLM) -> None:
    expected = masked_lm(IDS).logits
    np.testing.assert_allclose(jax.jit(lambda ids: masked_lm(ids).logits)(IDS), expected, atol=SMALL)
    mapped = jax.vmap(lambda row: masked_lm(row[None]).logits[0])(jnp.asarray(IDS))
    np.testing.assert_allclose(mapped, expected, atol=SMALL)
    with jax.disable_jit():
        np.testing.assert_allclose(masked_lm(IDS).logits, expected, atol=SMALL)


def test_the_gradient_is_the_slope_and_comes_with_the_value(masked_lm: FlaxAlbertForMaskedLM) -> None:
    def loss(params: Any) -> jax.Array:
        return jax.nn.logsumexp(masked_lm(IDS, params=params).logits).sum()

    value, gradient = jax.value_and_grad(loss)(masked_lm.params)
    np.testing.assert_allclose(value, loss(masked_lm.params), rtol=1e-6)
    step = 1e-3
    moved = jax.tree.map(lambda leaf, slope: leaf - step * slope, masked_lm.params, gradient)
    expected_change = -step * sum(float(jnp.square(leaf).sum()) for leaf in jax.tree.leaves(gradient))
    np.testing.assert_allclose(loss(moved) - value, expected_change, rtol=0.1)


def test_vmap_over_an_ensemble_of_parameters(masked_lm: FlaxAlbertForMaskedLM) -> None:
    members = [masked_lm.params, FlaxAlbertForMaskedLM(tiny(), seed=1).params]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *members)
    answers = jax.vmap(lambda params: masked_lm(IDS, params=params).logits)(stacked)
    for answer, params in zip(answers, members, strict=True):
        np.testing.assert_allclose(answer, masked_lm(IDS, params=params).logits, atol=SMALL)


def test_a_gradient_for_every_example(masked_lm: FlaxAlbertForMaskedLM) -> None:
    def loss(bias: jax.Array, row: jax.Array) -> jax.Array:
        params = {**masked_lm.params, "predictions": {**masked_lm.params["predictions"], "bias": bias}}
        return jax.nn.log_softmax(masked_lm(row[None], params=params).logits)[..., 7].sum()

    bias = masked_lm.params["predictions"]["bias"]
    each = jax.vmap(jax.grad(loss), in_axes=(None, 0))(bias, jnp.asarray(IDS))
    assert each.shape == (2, 61)
    np.testing.assert_allclose(each[1], jax.grad(loss)(bias, jnp.asarray(IDS[1])), atol=SMALL)
    assert jnp.abs(each[0] - each[1]).max() > 0.01


def test_dropout_follows_its_key_through_jit() -> None:
    model = FlaxAlbertModel(tiny(num_hidden_layers=1, hidden_dropout_prob=0.3))

    def train(key: jax.Array) -> jax.Array:
        return model(IDS, dropout_rng=key, train=True).last_hidden_state

    keys = [jax.random.key(seed, impl="rbg") for seed in (1, 1, 2)]
    first, same, other = map(train, keys)
    np.testing.assert_array_equal(first, same)
    np.testing.assert_allclose(jax.jit(train)(keys[0]), first, atol=SMALL)
    assert jnp.abs(first - other).max() > 0.01


def test_ids_outside_the_vocabulary_give_nan_where_they_cannot_be_looked_at(masked_lm: FlaxAlbertForMaskedLM) -> None:
    logits = jax.jit(lambda ids: masked_lm(ids).logits)(jnp.asarray(IDS).at[0, 0].set(61))
    assert jnp.isnan(logits[0]).all()
    assert jnp.isfinite(logits[1]).all()
