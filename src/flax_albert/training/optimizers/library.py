"""optax's own optimizers, by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import jax
import jax.numpy as jnp
import optax
import optax.contrib

from flax_albert.errors import listed
from flax_albert.training.optimizers.schedules import Schedule
from flax_albert.training.settings import OptimizerSettings

# What makes the loop wrong for an optimizer that optax would gladly build.
_NOT_LINEAR = "its updates do not grow with the learning rate, which a rollback lowers"
_OTHER_PARAMETERS = "what it trains are not the parameters that the model is to have in the end"
_UNFIT = {
    "optax.fromage": _NOT_LINEAR,
    "optax.contrib.cocob": _NOT_LINEAR,
    "optax.contrib.madgrad": _NOT_LINEAR,
    "optax.contrib.schedule_free_adamw": _OTHER_PARAMETERS,
    "optax.contrib.schedule_free_sgd": _OTHER_PARAMETERS,
    "optax.contrib.dpsgd": "it takes the gradient of every example apart",
}
# Arguments that take a tree: which parameters weight decay, and LARS' trust ratio, apply to.
_MASKS = ("mask", "weight_decay_mask", "trust_ratio_mask")
_OWN_ARGUMENTS = ("learning_rate", "adam_learning_rate", "muon_weight_dimension_numbers", *_MASKS)
_GOOGLES = ("beta1", "beta2", "epsilon")


def from_optax(settings: OptimizerSettings, rate: Schedule, decays: Any) -> optax.GradientTransformation:
    """An optimizer of optax's, as optax has it.

    It gets the learning rate, and, where it can leave biases and layer norms alone, the weight decay of the settings.
    Everything else is optax's default or one of ``settings.options``. Muon is given the kernels, Adam the rest, both
    with updates of Adam's size (``consistent_rms=0.2``), so that one learning rate suits them.

    Args:
        settings: ``optax.NAME`` or ``optax.contrib.NAME``, and options.
        rate: Learning rate by the number of the update.
        decays: A tree of booleans: which parameters weight decay applies to.

    Returns:
        The optimizer.

    Raises:
        ValueError: There is no such optimizer or option, or it cannot be used here.
    """
    name, options = settings.name, settings.options
    found = named(name)
    if name in _UNFIT:
        raise ValueError(f"{name} cannot be used here: {_UNFIT[name]}.")
    _check_settings(settings)
    known = inspect.signature(found).parameters
    unknown = [option for option in options if option not in known or option in _OWN_ARGUMENTS]
    if unknown:
        rest = [argument for argument in known if argument not in _OWN_ARGUMENTS]
        raise ValueError(f"{name} has no option {listed(unknown)}; it has {listed(rest, most=30)}.")

    given: dict[str, Any] = {mask: decays for mask in _MASKS if mask in known}
    if given and "weight_decay" in known:
        given["weight_decay"] = settings.weight_decay
    if name == "optax.contrib.muon":
        given |= {"consistent_rms": 0.2, "muon_weight_dimension_numbers": _kernels}
    try:
        built = found(learning_rate=rate, **{**given, **options})
        _try(built, decays)
    except Exception as error:  # whatever optax, or jax in its hands, thinks of the options
        message = str(error).strip().splitlines() or [type(error).__name__]
        raise ValueError(f"{name} cannot be used here, with options {dict(options)}: {message[0]}") from error
    return optax.GradientTransformation(built.init, built.update)


def named(name: str) -> Callable[..., optax.GradientTransformation]:
    """The function of optax's that makes an optimizer.

    Args:
        name: ``optax.NAME`` or ``optax.contrib.NAME``.

    Returns:
        The function; it has an argument ``learning_rate``.

    Raises:
        ValueError: There is none.
    """
    module, _, last = name.rpartition(".")
    found = makers({"optax": optax, "optax.contrib": optax.contrib}[module]) if module in _MODULES else {}
    if last not in found:
        raise ValueError(
            f"There is no optimizer {name!r}: it is adamw, lamb, or one of optax's, such as optax.adamw, optax.lion, "
            "optax.adafactor or optax.contrib.muon."
        )
    return found[last]


_MODULES = ("optax", "optax.contrib")


def makers(module: Any) -> Mapping[str, Callable[..., optax.GradientTransformation]]:
    """The functions of a module of optax's that make an optimizer, by name."""
    functions = {name: value for name, value in vars(module).items() if inspect.isfunction(value)}
    return {
        name: function
        for name, function in functions.items()
        if not name.startswith(("_", "scale_by_")) and "learning_rate" in inspect.signature(function).parameters
    }


def _check_settings(settings: OptimizerSettings) -> None:
    """Refuses what would have no effect."""
    defaults = {field.name: field.default for field in fields(OptimizerSettings)}
    for name in _GOOGLES:
        if getattr(settings, name) != defaults[name]:
            raise ValueError(f"{name} is a setting of adamw and lamb; the options of {settings.name} say what it has.")


def _kernels(params: Any) -> Any:
    """Muon's part of the parameters, as it wants to be told."""
    matrix = optax.contrib.MuonDimensionNumbers()
    return jax.tree_util.tree_map_with_path(
        lambda path, leaf: matrix if path[-1].key == "kernel" and leaf.ndim == 2 else None, params
    )


def _try(built: optax.GradientTransformation, like: Any) -> None:
    """Makes an update of nothing in particular, without computing it: what an optimizer cannot do shows."""
    params = jax.tree.map(lambda _: jax.ShapeDtypeStruct((2, 2), jnp.float32), like)
    jax.eval_shape(lambda params: built.update(params, built.init(params), params), params)
