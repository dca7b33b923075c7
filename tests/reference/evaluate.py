"""The same few lines over any library that has the FlaxAlbert classes: ours, or one of the oracles."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax.core import unfreeze
from flax.traverse_util import flatten_dict, unflatten_dict

from tests.reference.cases import Case, inputs, normal, parameter

Arrays = dict[str, np.ndarray]


class Evaluation:
    """One case on one library: the model, its weights and the arguments of its call.

    Args:
        library: The module that holds the classes.
        case: What to run.
        **module_options: Passed to the constructor, beside those of the case.
    """

    def __init__(self, library: ModuleType, case: Case, **module_options: Any) -> None:
        config = library.AlbertConfig(**case.config)
        model_class = getattr(library, f"FlaxAlbert{case.head}")
        options = {**case.module_options, **module_options}
        self.case = case
        self.model = model_class(config, dtype=jnp.dtype(case.dtype), _do_init=False, **options)
        shapes = leaves(self.model.params_shape_tree)
        weights = {path: parameter(path, leaf.shape, case.seed) for path, leaf in shapes.items()}
        self.params = unflatten_dict(weights, sep="/")
        self.arguments = {**inputs(case), "output_attentions": True, "output_hidden_states": True}

    def answer(self) -> Arrays:
        """All there is to compare: the output, and of a case that trains what training gives."""
        return self.output() | (self.training() if self.case.trains else {})

    def output(self) -> Arrays:
        """Every field of the model's answer, named ``output/...``."""
        return named("output", flatten(self.model(**self.arguments, params=self.params)))

    def training(self) -> Arrays:
        """The answer in training mode, ``train/...``, and the gradient of every parameter, ``gradient/...``.

        The loss is the sum of all answers, weighted by fixed random numbers.
        """

        def answer(params: dict) -> dict[str, jax.Array]:
            return flatten(self.model(**self.arguments, params=params, dropout_rng=jax.random.PRNGKey(0), train=True))

        def loss(params: dict, weights: dict[str, jax.Array]) -> tuple[Any, dict[str, jax.Array]]:
            train = answer(params)
            return sum(jnp.vdot(weights[name], x) for name, x in train.items()), train

        shapes = {name: x.shape for name, x in jax.eval_shape(answer, self.params).items()}
        weights = {name: normal(name, shape, self.case.seed).astype(np.float32) for name, shape in shapes.items()}
        gradient, train = jax.jit(jax.grad(loss, has_aux=True))(self.params, weights)
        return named("train", train) | named("gradient", leaves(gradient))


def leaves(tree: Any) -> dict[str, Any]:
    """The leaves of a parameter tree by path, ``pooler/kernel``; jax 0.4's library froze its trees."""
    return flatten_dict(unfreeze(tree), sep="/")


def named(part: str, arrays: dict[str, jax.Array]) -> Arrays:
    """Puts a part's name before the arrays' names."""
    return {f"{part}/{name}": np.asarray(x) for name, x in arrays.items()}


def flatten(outputs: dict[str, jax.Array | tuple[jax.Array, ...]]) -> dict[str, jax.Array]:
    """Names each array of an answer; those of a tuple field by their place in it."""
    flat = {}
    for name, value in outputs.items():
        flat |= {f"{name}/{i}": x for i, x in enumerate(value)} if isinstance(value, tuple) else {name: value}
    return flat


def worst(ours: Arrays, theirs: Arrays, part: str) -> float:
    """The largest difference between two answers to one case.

    Args:
        ours: The arrays of one side.
        theirs: Those of the other.
        part: ``output`` or ``train``, where a difference is absolute, or ``gradient``, where it is a share of the
            largest entry in the gradient of the same layer. (Of the layer, not the leaf: the gradient of the bias of
            the keys is zero but for rounding.)

    Returns:
        The difference; infinity where names or shapes differ or a number is not finite.
    """
    ours, theirs = ({name: x for name, x in side.items() if name.startswith(f"{part}/")} for side in (ours, theirs))
    if {name: x.shape for name, x in ours.items()} != {name: x.shape for name, x in theirs.items()} or not ours:
        return float("inf")
    difference = 0.0
    for name, x in ours.items():
        scale = 1.0
        if part == "gradient":
            layer = name.rpartition("/")[0]
            scale = max(float(np.abs(y).max()) for other, y in theirs.items() if other.rpartition("/")[0] == layer)
        distance = float(np.abs(x.astype(np.float64) - theirs[name].astype(np.float64)).max())
        if not np.isfinite(distance):
            return float("inf")
        difference = max(difference, distance / scale if distance else 0.0)
    return difference


def signature(function: Callable) -> list[list[str]]:
    """Names and defaults of a function's parameters, as text; a class, such as a dtype, is given by its name."""

    def default(value: object) -> str:
        return "" if value is inspect.Parameter.empty else getattr(value, "__name__", repr(value))

    parameters = inspect.signature(function).parameters.values()
    return [[str(p.replace(annotation=p.empty, default=p.empty)), default(p.default)] for p in parameters]
