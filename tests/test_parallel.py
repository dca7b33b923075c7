"""What lies where, and that it changes no number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import linen as nn
from jax.sharding import PartitionSpec

from flax_albert import AlbertConfig, FlaxAlbertForMaskedLM
from flax_albert.model.leaves import leaves_of
from flax_albert.model.parameters import Leaf
from flax_albert.parallel import bytes_per_device, device_mesh, partition_specs, row_sharding, shardings
from flax_albert.training.objective import DeviceBatch, Objective, Terms
from flax_albert.training.optimizers import optimizer
from flax_albert.training.settings import OptimizerSettings
from flax_albert.training.state import TrainState, first_state
from flax_albert.training.step import train_step
from tests.sizes import tiny
from tests.tolerances import SMALL

# Large enough for the larger kernels to be cut, and with weights that keep the size of what they are applied to.
CONFIG = tiny(
    vocab_size=256,
    embedding_size=64,
    hidden_size=128,
    num_attention_heads=4,
    intermediate_size=256,
    num_hidden_layers=2,
    initializer_range=0.1,
)
LAYER = ("albert", "encoder", "albert_layer_groups", "0", "albert_layers", "0")


class MaskedWords(Objective):
    """Cross-entropy of the masked positions."""

    def weights(self, batch: DeviceBatch) -> Terms:
        return {"masked": jnp.float32(batch["labels"].size)}

    def sums(self, outputs: Any, batch: DeviceBatch) -> Terms:
        logits = outputs.logits.astype(jnp.float32)
        return {"masked": optax.softmax_cross_entropy_with_integer_labels(logits, batch["labels"]).sum()}


@pytest.fixture(scope="module")
def model() -> FlaxAlbertForMaskedLM:
    return FlaxAlbertForMaskedLM(CONFIG, seed=0)


@pytest.fixture(scope="module")
def leaves(model: FlaxAlbertForMaskedLM) -> list[Leaf]:
    return leaves_of(model.module, CONFIG, (1, 1))


def batch(seed: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    ids = random.integers(5, CONFIG.vocab_size, (16, 12))
    positions = np.sort(random.integers(0, 12, (16, 3)))
    return {
        "input_ids": ids,
        "attention_mask": np.ones_like(ids),
        "masked_positions": positions,
        "labels": np.take_along_axis(ids, positions, axis=1),
        "valid": np.ones(16, bool),
    }


def trained(model: FlaxAlbertForMaskedLM, leaves: list[Leaf], devices: int, sharding: str) -> TrainState:
    mesh = device_mesh(jax.devices()[:devices])
    # Where gradients are rounding errors, a small epsilon would make updates of them.
    transformation = optimizer(OptimizerSettings("lamb", learning_rate=1e-2, epsilon=1e-2), 10, leaves)
    shapes = jax.eval_shape(lambda: first_state(model.params, transformation))
    places = shardings(shapes, leaves, mesh, sharding)
    rows = row_sharding(mesh)
    state = jax.jit(lambda tree: first_state(tree, transformation), out_shardings=places)(model.params)
    step = train_step(MaskedWords(model.module), transformation, accumulate=2, seed=0, rows=rows)
    compiled = jax.jit(step, donate_argnums=0, out_shardings=(places, None))
    for number in range(3):
        state, _ = compiled(state, jax.device_put(batch(number), rows))
    return state


@pytest.fixture(scope="module")
def states(model: FlaxAlbertForMaskedLM, leaves: list[Leaf]) -> dict[str, TrainState]:
    return {
        "alone": trained(model, leaves, 1, "replicated"),
        "replicated": trained(model, leaves, 8, "replicated"),
        "sharded": trained(model, leaves, 8, "sharded"),
    }


@pytest.mark.slow
def test_eight_devices_compute_what_one_does(model: FlaxAlbertForMaskedLM, states: dict[str, TrainState]) -> None:
    one = states["alone"].params
    moved = jax.tree.map(lambda a, b: float(jnp.abs(a - b).max()), one, dict(model.params))
    assert np.median(jax.tree.leaves(moved)) > 100 * SMALL  # what agrees is no standstill
    for sharding in ("replicated", "sharded"):
        for found, expected in zip(jax.tree.leaves(states[sharding].params), jax.tree.leaves(one), strict=True):
            np.testing.assert_allclose(found, expected, rtol=0, atol=SMALL)


@pytest.mark.slow
def test_a_share_of_the_state_takes_a_share_of_the_memory(
    model: FlaxAlbertForMaskedLM, states: dict[str, TrainState]
) -> None:
    whole, share = (bytes_per_device(states[sharding]) for sharding in ("replicated", "sharded"))
    floats = 3 * sum(leaf.size for leaf in jax.tree.leaves(model.params))  # parameters and two moments
    others = 4 + 4 + 4 + 1  # step, the optimizer's count, rate_scale, diverged
    assert set(whole.values()) == {4 * floats + others}
    cut = 3 * (256 * 64 + 4 * 128 * 128 + 2 * 128 * 256)  # words, attention, feed-forward
    assert set(share.values()) == {4 * (floats - cut + cut // 8) + others}
    assert len(share) == len(whole) == 8


def test_every_parameter_is_cut_along_the_axis_that_the_rules_prefer(leaves: list[Leaf]) -> None:
    specs = partition_specs(leaves, device_mesh(), "sharded")
    assert specs.keys() == {leaf.path for leaf in leaves}
    cut = {path: spec for path, spec in specs.items() if spec != PartitionSpec()}
    assert cut == {
        ("albert", "embeddings", "word_embeddings", "embedding"): PartitionSpec("data", None),
        **{(*LAYER, "attention", name, "kernel"): PartitionSpec("data", None) for name in ("query", "key", "value")},
        (*LAYER, "attention", "dense", "kernel"): PartitionSpec(None, "data"),
        (*LAYER, "ffn", "kernel"): PartitionSpec(None, "data"),
        (*LAYER, "ffn_output", "kernel"): PartitionSpec("data", None),
    }
    assert set(partition_specs(leaves, device_mesh(), "replicated").values()) == {PartitionSpec()}


def test_what_an_optimizer_remembers_lies_where_its_parameter_does(leaves: list[Leaf]) -> None:
    path = (*LAYER, "ffn", "kernel")
    params: Any = {leaf.path: jax.ShapeDtypeStruct(leaf.shape, jnp.float32) for leaf in leaves}
    tree: Any = {}
    for where, shape in params.items():
        node = tree
        for key in where[:-1]:
            node = node.setdefault(key, {})
        node[where[-1]] = shape
    for name in ("adamw", "optax.contrib.muon", "optax.lion"):
        transformation = optimizer(OptimizerSettings(name), 10, leaves)
        state = jax.eval_shape(transformation.init, tree)
        found = jax.tree_util.tree_leaves_with_path(shardings(state, leaves, device_mesh(), "sharded"))
        ends = [
            place.spec for keys, place in found if tuple(str(getattr(key, "key", "")) for key in keys)[-8:] == path[-8:]
        ]
        assert ends
        assert set(ends) == {PartitionSpec(None, "data")}
    # Adafactor keeps a row and a column of a matrix, which are no matrix.
    factored = optimizer(OptimizerSettings("optax.adafactor"), 10, leaves)
    state = jax.eval_shape(factored.init, tree)
    for shape, place in zip(
        jax.tree.leaves(state), jax.tree.leaves(shardings(state, leaves, device_mesh(), "sharded")), strict=True
    ):
        assert len(place.spec) <= len(shape.shape)


def test_what_no_number_of_devices_divides_stays_whole() -> None:
    config = AlbertConfig(vocab_size=30001, embedding_size=127, hidden_size=129, num_attention_heads=3)
    model = FlaxAlbertForMaskedLM(config, _do_init=False)
    specs = partition_specs(leaves_of(model.module, config, (1, 1)), device_mesh(), "sharded")
    cut = {path for path, spec in specs.items() if spec != PartitionSpec()}
    assert cut == {  # the intermediate size is 16384, and there are 512 positions
        (*LAYER, "ffn", "kernel"),
        (*LAYER, "ffn", "bias"),
        (*LAYER, "ffn_output", "kernel"),
        ("albert", "embeddings", "position_embeddings", "embedding"),
    }


def test_a_module_of_ones_own_is_cut_too() -> None:
    class Own(nn.Module):
        @nn.compact
        def __call__(self, input_ids: Any, attention_mask: Any, token_type_ids: Any, position_ids: Any) -> Any:
            return nn.Dense(512, name="head")(jnp.ones((1, 100)))

    specs = partition_specs(leaves_of(Own(), CONFIG, (1, 1)), device_mesh(), "sharded")
    assert specs == {("head", "kernel"): PartitionSpec(None, "data"), ("head", "bias"): PartitionSpec()}


def test_an_axis_without_a_rule_is_no_axis_that_is_overlooked(leaves: list[Leaf]) -> None:
    strange = [*leaves, replace(leaves[0], path=("strange",), axes=("colour", "embedding"))]
    for sharding in ("sharded", "replicated"):
        with pytest.raises(ValueError, match="no rule for cutting parameters along the axis 'colour'"):
            partition_specs(strange, device_mesh(), sharding)
    with pytest.raises(ValueError, match="sharding must be replicated or sharded, got 'fsdp'"):
        partition_specs(leaves, device_mesh(), "fsdp")
