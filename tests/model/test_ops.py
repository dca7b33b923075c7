"""The mathematics of a layer against definitions written out in float64."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from flax_albert.model import ops


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
