"""What the encoder means: padding changes nothing, groups share, scan equals unroll, dropout follows its key."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax.traverse_util import flatten_dict

from flax_albert.model.encoder import FlaxAlbertModule
from tests.sizes import tiny
from tests.tolerances import GRADIENT, SMALL

IDS = np.random.default_rng(0).integers(5, 61, (2, 9)).astype(np.int32)


FLAGS = ("deterministic", "output_attentions", "output_hidden_states")


@functools.cache
def applied(module: Any) -> Any:
    """The module's compiled ``apply``."""
    return jax.jit(module.apply, static_argnames=FLAGS)


def built(**overrides: Any) -> tuple[Any, Any]:
    module: Any = FlaxAlbertModule(tiny(**overrides), layer_loop="scan")
    return module, jax.jit(module.init)(jax.random.key(0), jnp.asarray(IDS))


@pytest.mark.parametrize("act", ["gelu", "gelu_new", "relu"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_changes_nothing(act: str, side: str) -> None:
    module, variables = built(hidden_act=act)
    alone = applied(module)(variables, jnp.asarray(IDS))
    width = ((0, 0), (4, 0) if side == "left" else (0, 4))
    padded = module.apply(
        variables,
        jnp.pad(IDS, width, constant_values=1),
        jnp.pad(jnp.ones_like(IDS), width),
        None,
        jnp.pad(jnp.broadcast_to(jnp.arange(9), IDS.shape), width),
    )
    kept = slice(4, None) if side == "left" else slice(0, 9)
    np.testing.assert_allclose(padded.last_hidden_state[:, kept], alone.last_hidden_state, atol=SMALL)


def test_missing_inputs_mean_no_padding_one_segment_and_counted_positions() -> None:
    module, variables = built()
    spelled = (jnp.ones_like(IDS), jnp.zeros_like(IDS), jnp.broadcast_to(jnp.arange(9), IDS.shape))
    np.testing.assert_array_equal(
        applied(module)(variables, jnp.asarray(IDS)).last_hidden_state,
        applied(module)(variables, jnp.asarray(IDS), *spelled).last_hidden_state,
    )


def assert_gradients_close(ours: Any, theirs: Any) -> None:
    """Compares as a share of the largest entry in a module's gradient: a key bias's own is zero but for rounding."""
    mine: dict[Any, Any] = flatten_dict(ours)
    others: dict[Any, Any] = flatten_dict(theirs)
    assert mine.keys() == others.keys()
    for path, gradient in mine.items():
        scale = max(float(jnp.abs(leaf).max()) for other, leaf in others.items() if other[:-1] == path[:-1])
        assert scale > 0
        np.testing.assert_allclose(gradient, others[path], rtol=0, atol=GRADIENT * scale, err_msg="/".join(path))


def test_a_group_s_layers_share_one_gradient() -> None:
    """The gradient of a shared layer is the sum of the gradients of its uses, had each its own copy."""
    shared, variables = built(num_hidden_layers=3, num_hidden_groups=1)
    apart: Any = FlaxAlbertModule(tiny(num_hidden_layers=3, num_hidden_groups=3))
    groups = variables["params"]["encoder"]["albert_layer_groups"]
    copies = {str(index): groups["0"] for index in range(3)}
    encoder = {**variables["params"]["encoder"], "albert_layer_groups": copies}
    unshared = {"params": {**variables["params"], "encoder": encoder}}

    def gradient(module: Any, variables: Any) -> Any:
        weights = jax.random.normal(jax.random.key(1), (*IDS.shape, module.config.hidden_size))
        loss = lambda v: (module.apply(v, jnp.asarray(IDS)).last_hidden_state * weights).sum()  # noqa: E731
        return jax.jit(jax.grad(loss))(variables)["params"]["encoder"]["albert_layer_groups"]

    one, three = gradient(shared, variables)["0"], gradient(apart, unshared)
    total = jax.tree.map(lambda *leaves: sum(leaves), *three.values())
    assert_gradients_close(one, total)


def test_a_half_precision_gradient_is_accumulated_in_float32() -> None:
    config = tiny(num_hidden_layers=8)
    module: Any = FlaxAlbertModule(config, dtype=jnp.bfloat16, layer_loop="scan")
    variables = jax.jit(module.init)(jax.random.key(0), jnp.asarray(IDS))
    loss = lambda v: module.apply(v, jnp.asarray(IDS)).last_hidden_state.astype(jnp.float32).sum()  # noqa: E731
    jaxpr = jax.make_jaxpr(jax.grad(loss))(variables)
    kernel = (config.hidden_size, config.intermediate_size)
    scans = [equation for equation in jaxpr.eqns if equation.primitive.name == "scan"]
    results: list[Any] = [output.aval for scan in scans for output in scan.outvars]
    carried = [result.dtype for result in results if result.shape == kernel]
    assert carried == [jnp.float32], "the transposed scan carries one sum a kernel, in float32"


def test_dropout_follows_its_key_and_rate_zero_is_evaluation() -> None:
    module, variables = built(hidden_dropout_prob=0.2, attention_probs_dropout_prob=0.2)

    def train(seed: int) -> jax.Array:
        rngs = {"dropout": jax.random.key(seed)}
        return applied(module)(variables, jnp.asarray(IDS), deterministic=False, rngs=rngs).last_hidden_state

    evaluated = applied(module)(variables, jnp.asarray(IDS)).last_hidden_state
    np.testing.assert_array_equal(train(1), train(1))
    assert jnp.abs(train(1) - train(2)).max() > 0.01
    assert jnp.abs(train(1) - evaluated).max() > 0.01

    plain, variables = built()
    trained = applied(plain)(variables, jnp.asarray(IDS), deterministic=False).last_hidden_state
    np.testing.assert_array_equal(trained, applied(plain)(variables, jnp.asarray(IDS)).last_hidden_state)


def test_every_layer_drops_other_attention() -> None:
    module, variables = built(num_hidden_layers=2, attention_probs_dropout_prob=0.3)
    rngs = {"dropout": jax.random.key(0)}
    states = applied(module)(variables, jnp.asarray(IDS), deterministic=False, output_attentions=True, rngs=rngs)
    zero = [np.asarray(weights == 0) for weights in states.attentions]
    assert zero[0].any()
    assert (zero[0] != zero[1]).any()


def test_relative_positions_are_refused_and_not_computed_wrongly() -> None:
    module = FlaxAlbertModule(tiny(position_embedding_type="relative_key"))
    with pytest.raises(ValueError, match="relative_key"):
        module.init(jax.random.key(0), jnp.asarray(IDS))
