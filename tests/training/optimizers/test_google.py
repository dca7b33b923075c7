"""AdamW and LAMB against Google's rules in float64."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax.traverse_util import flatten_dict

from flax_albert.model.parameters import Leaf, backbone_rows, expand, nested, prediction_rows, under
from flax_albert.training.optimizers import optimizer
from flax_albert.training.settings import OptimizerSettings
from tests.sizes import tiny
from tests.tolerances import SMALL
from tests.training.optimizers.reference import Google

CONFIG = tiny(num_hidden_groups=2)
LEAVES = expand(
    [*under("albert", backbone_rows(add_pooling_layer=True)), *under("predictions", prediction_rows(CONFIG))], CONFIG
)
STEPS = 40


def name(leaf: Leaf) -> str:
    assert leaf.tensorflow_name is not None
    return leaf.tensorflow_name


def by_name(tree: Any) -> dict[str, np.ndarray]:
    flat: dict[Any, Any] = flatten_dict(tree)
    return {name(leaf): np.asarray(flat[leaf.path]) for leaf in LEAVES}


def drawn(seed: int, size: float) -> Any:
    random = np.random.default_rng(seed)
    return nested({leaf.path: jnp.asarray(size * random.normal(size=leaf.shape), jnp.float32) for leaf in LEAVES})


def first_params() -> Any:
    """Random ones, but for a kernel of zeros, whose norm gives no trust ratio."""
    params = drawn(0, 0.3)
    params["albert"]["pooler"]["kernel"] *= 0
    return params


def gradients(step: int) -> Any:
    """Some are clipped, some are not; now and then a parameter has none."""
    tree = drawn(step + 1, (0.001, 0.02, 3.0)[step % 3])
    if step % 7 < 2:
        tree["predictions"]["dense"]["kernel"] *= 0
    return tree


@pytest.mark.parametrize("lamb", [False, True], ids=["adamw", "lamb"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"clip": None, "warmup": 0, "weight_decay": 0.3},
        {"clip": 0.5, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3, "weight_decay": 0.0},
    ],
    ids=["as published", "no clipping or warm-up", "other numbers"],
)
def test_many_updates_are_those_of_the_published_code(lamb: bool, changes: dict[str, Any]) -> None:
    chosen: dict[str, Any] = {"warmup": 10, **changes}
    settings = OptimizerSettings("lamb" if lamb else "adamw", learning_rate=5e-3, **chosen)
    reference = Google(lamb, 5e-3, STEPS, **chosen)
    ours = optimizer(settings, STEPS, LEAVES)
    params = first_params()
    expected = {name: array.astype(np.float64) for name, array in by_name(params).items()}
    state, update = ours.init(params), jax.jit(ours.update)
    for step in range(STEPS + 5):  # behind the last step, the rate stays at zero
        grads = gradients(step)
        updates, state = update(grads, state, params)
        params = optax.apply_updates(params, updates)
        expected = reference.apply(expected, {name: g.astype(np.float64) for name, g in by_name(grads).items()})
        for key, array in by_name(params).items():
            np.testing.assert_allclose(array, expected[key], rtol=0, atol=SMALL, err_msg=f"{key} after {step}")
    moved = {key: np.abs(array - by_name(first_params())[key]).max() for key, array in expected.items()}
    assert min(moved.values()) > 30 * SMALL  # what agrees is no standstill


def test_frozen_parameters_have_no_say_in_anything() -> None:
    settings = OptimizerSettings(
        "lamb", learning_rate=5e-3, warmup=10, frozen=("albert/embeddings/*", "albert/*/attention/*")
    )
    ours, reference = optimizer(settings, STEPS, LEAVES), Google(True, 5e-3, STEPS, 10)
    params = first_params()
    params["albert"]["embeddings"]["LayerNorm"]["bias"] *= -0.0
    before = by_name(params)
    frozen = {key for key in before if "/embeddings/" in key or "/attention_1/" in key or key.endswith("/LayerNorm/x")}
    frozen |= {name(leaf) for leaf in LEAVES if leaf.path[0] == "albert" and "attention" in leaf.path}
    expected = {key: array.astype(np.float64) for key, array in before.items()}
    state, update = ours.init(params), jax.jit(ours.update)
    for step in range(20):
        grads = gradients(step)
        updates, state = update(grads, state, params)
        params = jax.tree.map(lambda leaf, update: leaf + jnp.float32(0.5) * update, params, updates)
        params = jax.tree.map(lambda leaf, update: leaf + jnp.float32(0.5) * update, params, updates)
        trained = {key: g.astype(np.float64) for key, g in by_name(grads).items() if key not in frozen}
        expected = reference.apply(expected, trained)
    for key, array in by_name(params).items():
        if key in frozen:
            assert array.tobytes() == before[key].tobytes()
        else:
            np.testing.assert_allclose(array, expected[key], rtol=0, atol=SMALL, err_msg=key)
    arrays = sum(leaf.ndim > 0 for leaf in jax.tree.leaves(state))
    assert arrays == 2 * (len(LEAVES) - len(frozen))


def groups_of(tree: Any) -> dict[Any, Any]:
    return flatten_dict(tree["albert"]["encoder"]["albert_layer_groups"])


def test_groups_have_a_trust_ratio_each() -> None:
    """A group's update does not depend on how large another group's parameters are."""
    settings = OptimizerSettings("lamb", learning_rate=1e-2, clip=None)
    ours, params = optimizer(settings, STEPS, LEAVES), first_params()
    larger = jax.tree.map(jnp.copy, params)
    groups = larger["albert"]["encoder"]["albert_layer_groups"]
    groups["1"] = jax.tree.map(lambda leaf: 10 * leaf, groups["1"])
    one, other = (groups_of(ours.update(gradients(0), ours.init(tree), tree)[0]) for tree in (params, larger))
    for path, update in one.items():
        if path[0] == "0":
            np.testing.assert_array_equal(update, other[path])
        elif path[-1] == "kernel":
            assert np.linalg.norm(other[path]) == pytest.approx(10 * np.linalg.norm(update), rel=1e-4)
