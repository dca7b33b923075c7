"""Parameters of the documented classes: drawn, set, cast, left out."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax.core import FrozenDict, freeze

from flax_albert.models import (
    FlaxAlbertForMaskedLM,
    FlaxAlbertModel,
)
from tests.sizes import tiny

IDS = np.random.default_rng(0).integers(5, 61, (2, 9)).astype(np.int32)


@pytest.fixture(scope="module")
def masked_lm() -> FlaxAlbertForMaskedLM:
    return FlaxAlbertForMaskedLM(tiny())


def test_parameters_are_cast_where_the_mask_says(masked_lm: FlaxAlbertForMaskedLM) -> None:
    mask = jax.tree.map_with_path(lambda path, _: path[-1].key != "scale", masked_lm.params)
    cast = masked_lm.to_bf16(masked_lm.params, mask)
    for path, leaf in jax.tree.leaves_with_path(cast):
        assert leaf.dtype == (jnp.float32 if path[-1].key == "scale" else jnp.bfloat16)
    assert {leaf.dtype for leaf in jax.tree.leaves(masked_lm.to_fp16(cast))} == {jnp.dtype(jnp.float16)}
    assert {leaf.dtype for leaf in jax.tree.leaves(masked_lm.to_fp32(cast))} == {jnp.dtype(jnp.float32)}
    np.testing.assert_allclose(masked_lm(IDS, params=cast).logits, masked_lm(IDS).logits, atol=0.5)


def test_cast_parameters_are_frozen_if_they_were(masked_lm: FlaxAlbertForMaskedLM) -> None:
    assert type(masked_lm.to_bf16(masked_lm.params)) is dict
    frozen = freeze(masked_lm.params)
    cast = masked_lm.to_bf16(frozen, freeze(jax.tree.map(lambda _: True, masked_lm.params)))
    assert jax.tree.structure(cast) == jax.tree.structure(frozen)


def test_seeds_draw_parameters_and_do_init_false_draws_none() -> None:
    one, same, other = (FlaxAlbertModel(tiny(num_hidden_layers=1), seed=seed) for seed in (0, 0, 1))
    kernel = lambda model: model.params["pooler"]["kernel"]  # noqa: E731
    np.testing.assert_array_equal(kernel(one), kernel(same))
    assert (kernel(one) != kernel(other)).any()
    empty = FlaxAlbertModel(tiny(num_hidden_layers=1), _do_init=False)
    with pytest.raises(ValueError, match="_do_init"):
        empty(IDS)
    with pytest.raises(ValueError, match="_do_init"):
        empty.params = one.params
    np.testing.assert_array_equal(empty(IDS, params=one.params)[0], one(IDS)[0])
    np.testing.assert_array_equal(kernel(one), empty.init_weights(jax.random.PRNGKey(0), (1, 1))["pooler"]["kernel"])
    completed: Any = empty.init_weights(jax.random.PRNGKey(0), (1, 1), {"pooler": {"kernel": jnp.ones((24, 24))}})
    assert completed["pooler"]["kernel"].min() == 1
    assert len(jax.tree.leaves(completed)) == len(jax.tree.leaves(one.params))


def test_setting_parameters_checks_that_none_is_missing(masked_lm: FlaxAlbertForMaskedLM) -> None:
    model = FlaxAlbertForMaskedLM(tiny(), seed=5)
    model.params = masked_lm.params
    np.testing.assert_array_equal(model(IDS).logits, masked_lm(IDS).logits)
    lacking = {**masked_lm.params, "predictions": {}}
    with pytest.raises(ValueError, match="predictions/bias"):
        model.params = lacking
    assert model.required_params == {leaf.path for leaf in model._leaves}
    assert jax.tree.map(jnp.shape, model.params) == jax.tree.map(lambda leaf: leaf.shape, model.params_shape_tree)


def test_a_mask_of_another_tree_is_refused(masked_lm: FlaxAlbertForMaskedLM) -> None:
    with pytest.raises(ValueError, match="only one of the two has albert/"):
        masked_lm.to_bf16(masked_lm.params, {"predictions": {"bias": True}})


def test_drawn_parameters_are_frozen_and_work_as_they_are(masked_lm: FlaxAlbertForMaskedLM) -> None:
    drawn = masked_lm.init_weights(masked_lm.key, (1, 1))
    assert isinstance(drawn, FrozenDict)
    assert isinstance(masked_lm.params, dict)
    np.testing.assert_array_equal(masked_lm(IDS, params=drawn).logits, masked_lm(IDS).logits)
