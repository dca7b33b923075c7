"""Half precision against float32."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from flax_albert.models import (
    FlaxAlbertForMaskedLM,
)
from tests.sizes import tiny

IDS = np.random.default_rng(0).integers(5, 61, (2, 9)).astype(np.int32)


@pytest.fixture(scope="module")
def masked_lm() -> FlaxAlbertForMaskedLM:
    return FlaxAlbertForMaskedLM(tiny())


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
def test_half_precision_computes_in_it_and_stays_close(masked_lm: FlaxAlbertForMaskedLM, dtype: Any) -> None:
    half = FlaxAlbertForMaskedLM(tiny(), dtype=dtype)
    logits = half(IDS, attention_mask=[[1] * 9, [0] * 9]).logits
    assert logits.dtype == dtype
    assert all(leaf.dtype == jnp.float32 for leaf in jax.tree.leaves(half.params))
    exact = masked_lm(IDS, attention_mask=[[1] * 9, [0] * 9]).logits
    spread = float(jnp.std(exact))
    assert float(jnp.sqrt(jnp.square(logits.astype(jnp.float32) - exact).mean())) < 0.03 * spread
