"""optax's optimizers by name."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib
import pytest

from flax_albert.model.parameters import POOLER, SENTENCE_ORDER, Leaf, expand, nested
from flax_albert.training.optimizers import optimizer
from flax_albert.training.optimizers.library import makers
from flax_albert.training.settings import OptimizerSettings
from tests.sizes import tiny

LEAVES = expand([*POOLER, *SENTENCE_ORDER], tiny(hidden_size=6, num_attention_heads=2))
DECAYS = nested({leaf.path: leaf.decays for leaf in LEAVES})
NAMES = [f"optax.{name}" for name in makers(optax)] + [f"optax.contrib.{name}" for name in makers(optax.contrib)]
STEPS = 3
# What cannot be used, and the reason that is given.
REFUSED = {
    "optax.fromage": "do not grow with the learning rate",
    "optax.contrib.cocob": "do not grow with the learning rate",
    "optax.contrib.madgrad": "do not grow with the learning rate",
    "optax.contrib.schedule_free": "base_optimizer",
    "optax.contrib.schedule_free_adamw": "not the parameters",
    "optax.contrib.schedule_free_sgd": "not the parameters",
    "optax.contrib.dpsgd": "every example apart",
    "optax.contrib.momo": "'value'",
    "optax.contrib.momo_adam": "'value'",
    "optax.contrib.sophia": "obj_fn",
    "optax.lbfgs": "value_fn",
    "optax.optimistic_adam": "optimistic_adam_v2",
    "optax.rprop": "function",
    "optax.sm3": "function",
}


def drawn(seed: int) -> Any:
    random = np.random.default_rng(seed)
    return nested({leaf.path: jnp.asarray(random.normal(size=leaf.shape), jnp.float32) for leaf in LEAVES})


def trajectory(transformation: optax.GradientTransformation) -> list[Any]:
    """Updates for random gradients, the parameters standing still."""
    params, updates = drawn(0), []
    state = transformation.init(params)
    for step in range(STEPS):
        update, state = transformation.update(drawn(step + 1), state, params)
        updates.append(update)
    return updates


def built(name: str, rate: float = 0.1, leaves: list[Leaf] = LEAVES, **settings: Any) -> optax.GradientTransformation:
    given: dict[str, Any] = {"schedule": "constant", "clip": None, **settings}
    return optimizer(OptimizerSettings(name, learning_rate=rate, **given), STEPS, leaves)


def assert_equal(found: Any, expected: Any, rtol: float = 0.0) -> None:
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-7 if rtol else 0), found, expected)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in REFUSED] + ["adamw", "lamb"])
def test_updates_are_linear_in_the_rate(name: str) -> None:
    """What the loop relies on when it lowers the rate of a run."""
    options: Any = {"key": 1} if name == "optax.noisy_sgd" else {}
    whole, half = (trajectory(built(name, rate, options=options)) for rate in (0.1, 0.05))
    assert_equal(jax.tree.map(lambda update: 2 * update, half), whole, rtol=1e-5)
    assert sum(float(jnp.abs(leaf).max()) for leaf in jax.tree.leaves(whole)) > 0


@pytest.mark.parametrize(("name", "says"), REFUSED.items())
def test_what_the_loop_cannot_serve_is_refused(name: str, says: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} cannot be used here.*{says}") as raised:
        built(name)
    assert "\n" not in str(raised.value)


def test_every_one_is_either_used_or_refused() -> None:
    assert {"optax.adamw", "optax.lamb", "optax.lion", "optax.adafactor", "optax.sgd", "optax.contrib.muon"} <= {*NAMES}
    assert REFUSED.keys() <= {*NAMES}


def test_they_are_what_optax_has() -> None:
    expected = optax.chain(
        optax.clip_by_global_norm(0.5), optax.adamw(0.1, b2=0.98, eps=1e-8, weight_decay=0.2, mask=DECAYS)
    )
    found = built("optax.adamw", clip=0.5, weight_decay=0.2, options={"b2": 0.98})
    assert_equal(trajectory(found), trajectory(expected))
    expected = optax.lion(0.1, weight_decay=0.01, mask=DECAYS)  # with its own b2, not that of adamw
    assert_equal(trajectory(built("optax.lion")), trajectory(expected))
    expected = optax.sgd(0.1, momentum=0.9, nesterov=True)  # which knows no weight decay
    assert_equal(trajectory(built("optax.sgd", options={"momentum": 0.9, "nesterov": True})), trajectory(expected))
    expected = optax.adafactor(0.1, weight_decay_mask=DECAYS, min_dim_size_to_factor=2)
    assert_equal(trajectory(built("optax.adafactor", options={"min_dim_size_to_factor": 2})), trajectory(expected))


def test_a_schedule_reaches_them() -> None:
    falling = trajectory(built("optax.sgd", schedule="linear"))
    for step, update in enumerate(falling):
        assert_equal(update, jax.tree.map(lambda g, s=step: -0.1 * (1 - s / STEPS) * g, drawn(step + 1)), rtol=1e-6)


def test_muon_takes_kernels_and_adam_the_rest() -> None:
    found = trajectory(built("optax.contrib.muon", weight_decay=0.0))
    adam = trajectory(optax.nadam(0.1))  # as Muon has Nesterov's momentum
    for step, update in enumerate(found):
        assert_equal(update["pooler"]["bias"], adam[step]["pooler"]["bias"], rtol=1e-5)
        singular = np.linalg.svd(update["pooler"]["kernel"], compute_uv=False)
        # Orthogonal but for what five Newton-Schulz steps leave, of the size of Adam's: 0.2 in the root mean square.
        assert singular.min() / singular.max() > 0.4
        assert np.sqrt(np.mean(np.square(update["pooler"]["kernel"]))) == pytest.approx(0.1 * 0.2, rel=0.35)


def test_any_of_them_leaves_frozen_parameters_alone() -> None:
    for name in ("optax.contrib.muon", "optax.adafactor", "optax.adamw"):
        transformation = built(name, frozen=("pooler/*",))
        params = drawn(0)
        state = transformation.init(params)
        assert len(jax.tree.leaves(state)) < len(jax.tree.leaves(built(name).init(params)))
        updates, _ = transformation.update(drawn(1), state, params)
        after: Any = optax.apply_updates(params, updates)
        assert_equal(after["pooler"], params["pooler"])
        assert not np.array_equal(after["classifier"]["kernel"], params["classifier"]["kernel"])


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("adam", {}, "There is no optimizer 'adam': it is adamw, lamb, or one of optax's"),
        ("optax.adamv", {}, "There is no optimizer 'optax.adamv'"),
        ("optax.contrib.__builtins__", {}, "There is no optimizer"),
        ("optax.scale_by_learning_rate", {}, "There is no optimizer"),
        ("jax.nn.relu", {}, "There is no optimizer"),
        (
            "optax.sgd",
            {"options": {"momentun": 0.9}},
            "optax.sgd has no option 'momentun'; it has 'momentum', 'nesterov'",
        ),
        ("optax.sgd", {"options": {"learning_rate": 0.9}}, "has no option 'learning_rate'"),
        ("optax.adamw", {"options": {"mu_dtype": "float99"}}, "optax.adamw cannot be used here, with options"),
        ("optax.adamw", {"beta2": 0.5}, "beta2 is a setting of adamw and lamb; the options of optax.adamw say"),
        ("adamw", {"options": {"nesterov": True}}, "adamw takes no options; optax.adamw does"),
        ("lamb", {"beta1": 1.0}, "beta1 must be from 0 on and less than 1, got 1.0"),
        ("lamb", {"clip": 0.0}, "clip must be a number greater than 0, got 0.0"),
        ("adamw", {"epsilon": 0.0}, "epsilon must be a number greater than 0"),
        ("adamw", {"weight_decay": -0.1}, "weight_decay must be a number from 0 on, got -0.1"),
        (
            "adamw",
            {"frozen": ("pooler",)},
            "No parameter is named like 'pooler', which is to be frozen; one is 'pooler/ke",
        ),
        ("adamw", {"frozen": ("*",)}, "Every parameter is frozen"),
    ],
)
def test_wrong_settings_get_a_sentence(name: str, settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        built(name, **settings)
