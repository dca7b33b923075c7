"""Gradient checkpointing changes memory and nothing else."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from flax_albert.models import FlaxAlbertModel
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from tests.sizes import tiny
from tests.tolerances import GRADIENT, SMALL

IDS = np.random.default_rng(0).integers(5, 61, (2, 9)).astype(np.int32)


def loss_and_gradient(model: FlaxAlbertPreTrainedModel, ids: np.ndarray = IDS) -> Any:
    """A compiled function of parameters, under dropout."""

    def loss(params: Any) -> jax.Array:
        outputs = model(ids, params=params, train=True, dropout_rng=jax.random.key(7, impl="rbg"))
        return jnp.exp(outputs.last_hidden_state).mean()  # a layer norm's sums and squares would not depend on them

    return jax.jit(jax.value_and_grad(loss))


@pytest.mark.parametrize(
    ("layer_loop", "sizes"),
    [("scan", {}), pytest.param("unroll", {"num_hidden_groups": 2, "inner_group_num": 2}, marks=pytest.mark.slow)],
)
def test_loss_gradient_and_dropout_masks_stay_the_same(layer_loop: str, sizes: dict[str, int]) -> None:
    config = tiny(hidden_dropout_prob=0.2, attention_probs_dropout_prob=0.2, num_hidden_layers=2, **sizes)
    plain = FlaxAlbertModel(config, layer_loop=layer_loop)
    checkpointed = FlaxAlbertModel(config, layer_loop=layer_loop, gradient_checkpointing=True)
    (loss, gradient), (other_loss, other_gradient) = (
        loss_and_gradient(model)(plain.params) for model in (plain, checkpointed)
    )
    np.testing.assert_allclose(other_loss, loss, atol=SMALL)
    assert loss > 1
    largest = max(float(jnp.abs(leaf).max()) for leaf in jax.tree.leaves(gradient))
    for one, other in zip(jax.tree.leaves(gradient), jax.tree.leaves(other_gradient), strict=True):
        np.testing.assert_allclose(other, one, atol=GRADIENT * largest)


def test_it_is_switched_on_and_off() -> None:
    model = FlaxAlbertModel(tiny(num_hidden_layers=1))
    before = model(IDS)
    assert not model.module.gradient_checkpointing
    model.enable_gradient_checkpointing()
    assert model.module.gradient_checkpointing
    model.config.hidden_dropout_prob = 0.1
    assert model.module.gradient_checkpointing
    for one, other in zip(before.to_tuple(), model(IDS).to_tuple(), strict=True):
        np.testing.assert_array_equal(one, other)
    model.disable_gradient_checkpointing()
    assert not model.module.gradient_checkpointing


def lowered(layer_loop: str, gradient_checkpointing: bool) -> Any:
    config = tiny(num_hidden_layers=6, max_position_embeddings=128)
    model = FlaxAlbertModel(config, layer_loop=layer_loop, gradient_checkpointing=gradient_checkpointing)
    ids = np.ones((4, 128), np.int32)
    return jax.jit(jax.grad(lambda params: model(ids, params=params).last_hidden_state.sum())).lower(model.params)


def test_the_backward_pass_holds_less_memory() -> None:
    with_it, without = (
        lowered("scan", checkpointing).compile().memory_analysis().temp_size_in_bytes for checkpointing in (True, False)
    )
    # Of a layer's dozen arrays one stays; what one layer needs while it is computed again stays too.
    assert with_it < 0.5 * without


def test_unrolled_layers_are_kept_apart_from_their_second_computation() -> None:
    # XLA's CPU compiler merges the two all the same, so memory shows nothing there.
    assert "optimization_barrier" in lowered("unroll", True).as_text()
    assert "optimization_barrier" not in lowered("unroll", False).as_text()
