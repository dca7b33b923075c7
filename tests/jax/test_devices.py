"""Eight devices compute what one does, however batch and parameters are spread over them."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from flax_albert.models import FlaxAlbertForMaskedLM
from tests.sizes import tiny
from tests.tolerances import GRADIENT, SMALL

IDS = np.random.default_rng(0).integers(5, 61, (8, 6)).astype(np.int32)
MASK = (np.arange(6) < np.array([6, 5, 4, 3, 2, 1, 0, 6])[:, None]).astype(np.int32)


@pytest.fixture(scope="module")
def model() -> FlaxAlbertForMaskedLM:
    return FlaxAlbertForMaskedLM(tiny(num_hidden_layers=2))


@pytest.fixture(scope="module")
def expected(model: FlaxAlbertForMaskedLM) -> Any:
    return model(IDS, MASK).logits


def mesh(**axes: int) -> Mesh:
    return jax.make_mesh(tuple(axes.values()), tuple(axes), axis_types=(AxisType.Auto,) * len(axes))


def gradient(model: FlaxAlbertForMaskedLM) -> Any:
    return jax.grad(lambda params, ids, mask: jax.nn.logsumexp(model(ids, mask, params=params).logits).sum())


def assert_gradients_close(ours: Any, theirs: Any) -> None:
    largest = max(float(jnp.abs(leaf).max()) for leaf in jax.tree.leaves(theirs))
    for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(one, other, atol=GRADIENT * largest)


def test_a_batch_is_sharded(model: FlaxAlbertForMaskedLM, expected: Any) -> None:
    rows = NamedSharding(mesh(data=8), P("data"))
    logits = model(*jax.device_put((IDS, MASK), rows)).logits
    assert logits.sharding.is_equivalent_to(rows, logits.ndim)
    np.testing.assert_allclose(logits, expected, atol=SMALL)


def test_parameters_are_sharded_too(model: FlaxAlbertForMaskedLM, expected: Any) -> None:
    devices = mesh(data=4, model=2)

    def spread(leaf: Any) -> Any:
        columns = leaf.ndim > 1 and leaf.shape[-1] % 2 == 0
        return jax.device_put(leaf, NamedSharding(devices, P(None, "model") if columns else P()))

    params = jax.tree.map(spread, model.params)
    ids, mask = jax.device_put((IDS, MASK), NamedSharding(devices, P("data")))
    ffn = params["albert"]["encoder"]["albert_layer_groups"]["0"]["albert_layers"]["0"]["ffn"]["kernel"]
    assert {shard.data.shape for shard in ffn.addressable_shards} == {(24, 20)}
    np.testing.assert_allclose(model(ids, mask, params=params).logits, expected, atol=SMALL)
    compiled = jax.jit(gradient(model))
    assert_gradients_close(compiled(params, ids, mask), compiled(model.params, IDS, MASK))


def test_shard_map_sums_the_gradients_of_its_shards(model: FlaxAlbertForMaskedLM, expected: Any) -> None:
    devices = mesh(data=8)

    def forward(params: Any, ids: Any, mask: Any) -> Any:
        return model(ids, mask, params=params).logits

    specs = (P(), P("data"), P("data"))
    mapped = jax.jit(jax.shard_map(forward, mesh=devices, in_specs=specs, out_specs=P("data")))
    np.testing.assert_allclose(mapped(model.params, IDS, MASK), expected, atol=SMALL)

    def of_shard(params: Any, ids: Any, mask: Any) -> Any:
        loss = lambda params: jax.nn.logsumexp(forward(params, ids, mask), axis=-1).sum()  # noqa: E731
        return jax.grad(lambda params: jax.lax.psum(loss(params), "data"))(params)

    summed = jax.jit(jax.shard_map(of_shard, mesh=devices, in_specs=specs, out_specs=P()))
    whole = jax.jit(jax.grad(lambda params: jax.nn.logsumexp(forward(params, IDS, MASK), axis=-1).sum()))
    assert_gradients_close(summed(model.params, IDS, MASK), whole(model.params))


def test_pmap_gives_each_device_a_row(model: FlaxAlbertForMaskedLM, expected: Any) -> None:
    mapped = jax.pmap(lambda params, ids, mask: model(ids, mask, params=params).logits, in_axes=(None, 0, 0))
    np.testing.assert_allclose(mapped(model.params, IDS[:, None], MASK[:, None])[:, 0], expected, atol=SMALL)
