"""The mathematics of a layer against definitions written out in float64."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from flax_albert.model import ops
from tests.tolerances import SMALL

DTYPES = [jnp.float32, jnp.bfloat16, jnp.float16]


def test_gelu_is_the_erf_form_and_gelu_new_the_tanh_form() -> None:
    x = np.linspace(-6, 6, 101)
    erf = np.array([value * 0.5 * (1 + math.erf(value / math.sqrt(2))) for value in x])
    tanh = 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    assert np.abs(erf - tanh).max() > 1e-4, "the two forms must be told apart"
    for name, expected in {"gelu": erf, "gelu_new": tanh, "relu": np.maximum(x, 0)}.items():
        np.testing.assert_allclose(ops.ACTIVATIONS[name](jnp.asarray(x, jnp.float32)), expected, atol=1e-6)


def test_layer_norm_keeps_its_precision_far_from_zero() -> None:
    x = np.random.default_rng(0).normal(1000.0, 0.1, (4, 64))
    scale, bias = np.linspace(0.5, 2, 64), np.linspace(-1, 1, 64)
    x32 = x.astype(np.float32).astype(np.float64)
    expected = (x32 - x32.mean(-1, keepdims=True)) / np.sqrt(x32.var(-1, keepdims=True) + 1e-12) * scale + bias
    arrays = (jnp.asarray(value, jnp.float32) for value in (x, scale, bias))
    # 1000 +- 0.1 leaves float32 a thousand steps; the one-pass formula E[x^2] - E[x]^2 would leave nothing.
    np.testing.assert_allclose(ops.layer_norm(*arrays, epsilon=1e-12, dtype=jnp.float32), expected, atol=2e-3)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_fully_masked_row_attends_uniformly(dtype: jnp.dtype) -> None:
    query, key, value = (20 * jax.random.normal(jax.random.key(seed), (2, 5, 2, 4)).astype(dtype) for seed in range(3))
    mask = jnp.array([[1, 1, 1, 0, 0], [0, 0, 0, 0, 0]])
    attended, probabilities = ops.attention(query, key, value, ops.attention_bias(mask))
    assert attended.dtype == dtype
    np.testing.assert_array_equal(probabilities[0, ..., 3:], 0)
    np.testing.assert_allclose(probabilities[1].astype(jnp.float32), 0.2, atol=1e-3)
    assert jnp.isfinite(attended).all()


def test_attention_is_softmax_of_scaled_scores() -> None:
    query, key, value = (np.random.default_rng(seed).normal(size=(2, 5, 3, 4)) for seed in range(3))
    mask = np.array([[1, 1, 1, 1, 1], [0, 1, 1, 0, 1]])
    scores = np.einsum("bqhd,bkhd->bhqk", query, key) / 2
    weights = np.exp(scores) * mask[:, None, None, :]
    weights /= weights.sum(-1, keepdims=True)
    q, k, v = (jnp.asarray(x, jnp.float32) for x in (query, key, value))
    attended, probabilities = ops.attention(q, k, v, ops.attention_bias(jnp.asarray(mask)))
    np.testing.assert_allclose(probabilities, weights, atol=SMALL)
    np.testing.assert_allclose(attended, np.einsum("bhqk,bkhd->bqhd", weights, value), atol=SMALL)


def test_dropout_keeps_the_mean_and_repeats_by_key() -> None:
    x = jnp.ones((100, 1000))
    key = jax.random.key(0)
    dropped = ops.dropout(x, 0.25, key)
    np.testing.assert_allclose(np.unique(dropped), [0.0, 1 / 0.75], rtol=1e-6)
    assert abs(float((dropped == 0).mean()) - 0.25) < 0.01
    np.testing.assert_array_equal(dropped, ops.dropout(x, 0.25, key))
    assert (dropped != ops.dropout(x, 0.25, jax.random.key(1))).any()
    assert ops.dropout(x, 0.25, None) is x
    assert ops.dropout(x, 0.0, key) is x


def test_attention_dropout_shares_one_mask_over_sequences_and_heads() -> None:
    dropped = ops.dropout(jnp.ones((2, 3, 50, 50)), 0.5, jax.random.key(0), broadcast_leading=2) == 0
    np.testing.assert_array_equal(dropped, jnp.broadcast_to(dropped[0, 0], dropped.shape))
    assert 0.4 < dropped.mean() < 0.6
