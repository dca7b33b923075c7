"""Attention against its definition, its choice of implementation, and cuDNN's as far as it goes without a GPU."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from flax_albert.model.attention import attention
from tests.tolerances import SMALL

DTYPES = [jnp.float32, jnp.bfloat16, jnp.float16]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_fully_masked_row_attends_uniformly(dtype: jnp.dtype) -> None:
    query, key, value = (20 * jax.random.normal(jax.random.key(seed), (2, 5, 2, 4)).astype(dtype) for seed in range(3))
    mask = jnp.array([[1, 1, 1, 0, 0], [0, 0, 0, 0, 0]])
    attended, probabilities = attention(query, key, value, mask)
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
    attended, probabilities = attention(q, k, v, jnp.asarray(mask))
    np.testing.assert_allclose(probabilities, weights, atol=SMALL)
    np.testing.assert_allclose(attended, np.einsum("bhqk,bkhd->bqhd", weights, value), atol=SMALL)
