"""The NNX view: the same numbers as the model it was made from, and the same as it learns."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

import flax_albert
from flax_albert.models import FlaxAlbertForSequenceClassification, FlaxAlbertModel
from flax_albert.nnx import from_nnx, to_nnx, to_params
from tests.sizes import tiny
from tests.tolerances import SMALL

IDS = np.random.default_rng(0).integers(5, 61, (4, 9)).astype(np.int32)
LABELS = jnp.asarray([0, 1, 1, 0])
KEY = jax.random.key(5, impl="rbg")
RATES = {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "classifier_dropout_prob": 0.2}


def cross_entropy(logits: jax.Array) -> jax.Array:
    return optax.softmax_cross_entropy_with_integer_labels(logits, LABELS).mean()


@pytest.mark.parametrize(
    "rates",
    [
        pytest.param(dict.fromkeys(RATES, 0.0), marks=pytest.mark.slow, id="no dropout"),
        pytest.param(RATES, id="dropout"),
    ],
)
def test_it_trains_to_the_numbers_of_linen_and_optax(rates: dict[str, float]) -> None:
    model = FlaxAlbertForSequenceClassification(tiny(num_hidden_layers=1, initializer_range=0.05, **rates))
    transform = optax.sgd(0.05)

    @jax.jit
    def linen_step(params: Any, state: Any, key: jax.Array) -> Any:
        loss = lambda params: cross_entropy(model(IDS, params=params, dropout_rng=key, train=True).logits)  # noqa: E731
        value, gradient = jax.value_and_grad(loss)(params)
        updates, state = transform.update(gradient, state, params)
        return optax.apply_updates(params, updates), state, value

    module = to_nnx(model, nnx.Rngs(dropout=KEY))
    module.train()
    optimizer = nnx.Optimizer(module, transform, wrt=nnx.Param)

    @nnx.jit
    def nnx_step(module: Any, optimizer: Any) -> Any:
        value, gradient = nnx.value_and_grad(lambda module: cross_entropy(module(IDS).logits))(module)
        optimizer.update(module, gradient)
        return value

    params, state = model.params, transform.init(model.params)
    for step in range(5):
        params, state, value = linen_step(params, state, jax.random.fold_in(KEY, step))
        np.testing.assert_allclose(nnx_step(module, optimizer), value, atol=SMALL)
    assert cross_entropy(model(IDS, params=params).logits) < cross_entropy(model(IDS).logits)
    for one, other in zip(jax.tree.leaves(params), jax.tree.leaves(to_params(module)), strict=True):
        np.testing.assert_allclose(other, one, atol=SMALL)


def test_a_view_and_its_model_are_independent_and_return() -> None:
    model = FlaxAlbertModel(tiny(num_hidden_layers=1, hidden_dropout_prob=0.3))
    module: Any = to_nnx(model, nnx.Rngs(0))
    np.testing.assert_array_equal(module(IDS).last_hidden_state, model(IDS).last_hidden_state)
    kernel = module.params["pooler"]["kernel"]
    kernel[...] = kernel[...] * 0
    assert np.abs(np.asarray(model.params["pooler"]["kernel"])).max() > 0
    back = from_nnx(module)
    assert type(back) is FlaxAlbertModel
    assert jax.tree.structure(back.params) == jax.tree.structure(model.params)
    np.testing.assert_array_equal(back(IDS).pooler_output, jnp.tanh(0 * model(IDS).pooler_output))
    copied = nnx.merge(*nnx.split(module))
    np.testing.assert_array_equal(copied(IDS)[0], module(IDS)[0])


def test_train_and_eval_switch_dropout() -> None:
    model = FlaxAlbertModel(tiny(num_hidden_layers=1, hidden_dropout_prob=0.3))
    module = to_nnx(model, nnx.Rngs(dropout=KEY))
    still = module(IDS).last_hidden_state
    module.train()
    first, second = module(IDS).last_hidden_state, module(IDS).last_hidden_state
    assert (first != second).any()
    assert (first != still).any()
    module.eval()
    np.testing.assert_array_equal(module(IDS).last_hidden_state, still)
    without = to_nnx(model)
    without.train()
    with pytest.raises(ValueError, match="dropout"):
        without(IDS)


def test_what_it_refuses_and_where_it_is_found() -> None:
    assert flax_albert.nnx.to_nnx is to_nnx
    with pytest.raises(ValueError, match="_do_init"):
        to_nnx(FlaxAlbertModel(tiny(num_hidden_layers=1), _do_init=False))
