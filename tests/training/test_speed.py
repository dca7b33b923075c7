"""Operations counted, and the machine's own measured."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import pytest

from flax_albert import AlbertConfig, FlaxAlbertForMaskedLM
from flax_albert.training.speed import forward_flops, machine_peak, training_flops
from tests.sizes import tiny


def compiled_flops(config: AlbertConfig, rows: int, length: int, masks: int) -> float:
    """What XLA would count in a forward pass, layers unrolled because it counts the body of a loop once."""
    model = FlaxAlbertForMaskedLM(config, layer_loop="unroll")
    ids, positions = jnp.ones((rows, length), jnp.int32), jnp.zeros((rows, masks), jnp.int32)

    def output(params: Any) -> Any:
        return model.module.apply({"params": params}, ids, masked_positions=positions)

    analysis: Any = jax.jit(output).lower(model.params).cost_analysis()
    return analysis["flops"]


def test_operations_are_those_that_the_compiler_counts() -> None:
    config = tiny(
        vocab_size=512, embedding_size=64, hidden_size=256, num_attention_heads=2, intermediate_size=512,
        num_hidden_layers=2, num_hidden_groups=1, inner_group_num=2, max_position_embeddings=64,
    )  # fmt: skip
    counted = compiled_flops(config, rows=4, length=64, masks=16)
    ours = 4 * 64 * forward_flops(config, 64, masks_per_token=16 / 64)
    assert ours == pytest.approx(counted, rel=0.05)  # it also counts what is no product
    assert ours < counted


def test_figures_of_the_released_sizes() -> None:
    base = AlbertConfig.released("albert-base-v2")
    assert forward_flops(base, 512) == pytest.approx(0.189e9, rel=0.01)
    head = forward_flops(base, 128, masks_per_token=0.15) - forward_flops(base, 128)
    assert head == pytest.approx(0.15 * 2 * (768 * 128 + 128 * 30000))
    assert training_flops(base, 128, 0.15) == 3 * forward_flops(base, 128, 0.15)


def test_the_peak_is_no_dream() -> None:
    one = machine_peak("float32", seconds=0.1, devices=jax.local_devices()[:1])
    assert 1e9 < one < 1e16
    # Simulated devices share one processor: eight have what one has, and not eight times that.
    assert machine_peak("float32", seconds=0.1) < 4 * one
    assert machine_peak(jnp.bfloat16, seconds=0.0, devices=jax.local_devices()[:1]) > 1e9
