"""The configuration files of Google's ALBERT programs, and of those made from them, in the words of this library."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from typing import Any

from flax_albert.errors import listed

# Google's own name, then those of the Chinese releases.
_PATTERNS = ("albert_config.json", "albert*config*.json", "bert*config*.json")

# Google's activation of this name is the form with tanh, which the world has come to call otherwise.
_ACTIVATIONS = {"gelu": "gelu_new"}

# Switches of experiments, by the value that means the published model.
_NEUTRAL: dict[str, tuple[Any, str]] = {
    "net_structure_type": (0, "other orders of the layers"),
    "gap_size": (0, "other orders of the layers"),
    "num_memory_blocks": (0, "memory blocks"),
    "down_scale_factor": (1, "hidden states of another scale"),
    "ln_type": ("postln", "layer normalisation before instead of after each part of a layer"),
}


def find(names: Collection[str]) -> str | None:
    """Finds Google's configuration among the files of a folder.

    Args:
        names: The names of the files.

    Returns:
        Its name, or ``None`` where there is none.

    Raises:
        OSError: Several may be meant.

    Example:
        >>> from flax_albert.google_config import find
        >>> find(["albert_config.json", "30k-clean.model", "model.ckpt-best.index"])
        'albert_config.json'
    """
    for pattern in _PATTERNS:
        found = sorted(name for name in names if fnmatchcase(name, pattern))
        if len(found) == 1:
            return found[0]
        if found:
            raise OSError(f"There are several configuration files, {listed(found)}: copy the right one to config.json.")
    return None


def translated(values: Mapping[str, Any]) -> dict[str, Any]:
    """The contents of Google's configuration as those of a ``config.json``.

    Google's ``gelu`` becomes ``gelu_new``. Switches of experiments are kept where they are off.

    Args:
        values: The contents.

    Returns:
        Keys and values for ``AlbertConfig``.

    Raises:
        ValueError: A switch is on: the model computes something that ALBERT does not.

    Example:
        >>> from flax_albert.google_config import translated
        >>> translated({"hidden_act": "gelu", "vocab_size": 21128})
        {'hidden_act': 'gelu_new', 'vocab_size': 21128, 'model_type': 'albert'}
    """
    for key, (neutral, meaning) in _NEUTRAL.items():
        if values.get(key, neutral) != neutral:
            raise ValueError(
                f"{key} is {repr(values[key])[:80]}, which means {meaning}; only {neutral!r} is computed here."
            )
    activation = values.get("hidden_act", "gelu")  # Google's default
    if isinstance(activation, str):
        activation = _ACTIVATIONS.get(activation.lower(), activation.lower())
    return {**values, "hidden_act": activation, "model_type": "albert"}
