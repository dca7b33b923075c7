"""Reads a folder that sentence-transformers wrote: which modules turn hidden states into a vector, and with what.

The files are untrusted: names in them choose among what is known here, and nothing is imported by them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from flax_albert.checkpoint.errors import CheckpointError
from flax_albert.checkpoint.load import find_weights, read_weights
from flax_albert.hub import Folder
from flax_albert.tasks.embedding.pooling import ACTIVATIONS, POOLING, Dense, Layer, LayerNorm, Normalize
from flax_albert.tasks.embedding.similarity import SIMILARITIES

MODULES = "modules.json"
_SETTINGS = "config_sentence_transformers.json"
_CONFIG = "config.json"
# The configuration of the first module. The second is what versions before 0.4 called it.
_TRANSFORMER = ("sentence_bert_config.json", "sentence_albert_config.json")
_OLDER_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_VECTOR = "sentence_embedding"


@dataclass(frozen=True)
class SentenceModules:
    """What makes a vector of hidden states; the defaults are those of sentence-transformers for a plain model."""

    pooling: tuple[str, ...] = ("mean",)
    """Names of :data:`~flax_albert.tasks.embedding.pooling.POOLING`; what several give is put side by side."""
    layers: tuple[Layer, ...] = ()
    """What follows the pooling."""
    include_prompt: bool = True
    """Whether the prompt's tokens are pooled with the text's."""
    max_length: int | None = None
    """Most tokens of a text, where the folder says so."""
    lower_case: bool = False
    """Whether texts are lower-cased, whatever the tokenizer does."""
    prompts: Mapping[str, str] = field(default_factory=dict)
    """What may be put before a text, by name."""
    default_prompt: str | None = None
    """Name of the prompt that is put before every text where no other is asked for."""
    similarity: str = "cosine"
    """Name of one of :data:`~flax_albert.tasks.embedding.similarity.SIMILARITIES`."""


def read_modules(folder: Folder) -> tuple[Folder, SentenceModules]:
    """Reads how a folder's model makes vectors.

    Args:
        folder: A folder of sentence-transformers, or that of a plain model.

    Returns:
        The folder of the model itself, which may lie inside, and what follows the model.

    Raises:
        OSError: A file is missing, unreadable or damaged.
        ValueError: A module is none that is known here, or not where it can be used.
    """
    if MODULES not in folder.names():
        return folder, SentenceModules()
    path = folder.fetch([MODULES]) / MODULES
    kinds = _kinds(path)
    if [kind for kind, _ in kinds[:2]] != ["Transformer", "Pooling"]:
        named = ", ".join(kind for kind, _ in kinds) or "nothing"
        raise ValueError(f"{path} names {named}; what is read here begins with Transformer, Pooling.")
    inner = folder.below(kinds[0][1])
    transformer = _first_object(inner, _TRANSFORMER)
    pooling = _object(folder.below(kinds[1][1]), _CONFIG)
    settings = _first_object(folder, (_SETTINGS,))
    layers = [_layer(kind, folder, below, path) for kind, below in kinds[2:] if kind != "Dropout"]
    prompts = settings.get("prompts") or {}
    default = settings.get("default_prompt_name")
    if not _are_texts(prompts) or default not in (None, *prompts):
        raise OSError(f"The {_SETTINGS} beside {path} has prompts that are no texts, or lacks its default prompt.")
    similarity = settings.get("similarity_fn_name") or "cosine"
    if similarity not in SIMILARITIES:
        raise ValueError(f"{path}: similarity_fn_name is {similarity!r}, and {', '.join(SIMILARITIES)} are known here.")
    return inner, SentenceModules(
        pooling=_pooling(pooling, path),
        layers=tuple(layers),
        include_prompt=pooling.get("include_prompt", True) is not False,
        max_length=_max_length(transformer, path),
        lower_case=transformer.get("do_lower_case") is True,
        prompts=prompts,
        default_prompt=default,
        similarity=similarity,
    )


def _kinds(path: Path) -> list[tuple[str, str]]:
    """The modules in their order: the name of each one's class, and the folder of its files."""
    try:
        modules = json.loads(path.read_text(encoding="utf-8"))
        found = [(str(module["type"]), str(module["path"])) for module in modules]
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        raise OSError(f"{path} is no list of modules ({type(error).__name__}: {error}): download it again.") from None
    known = ("Transformer", "Pooling", "Dense", "Normalize", "LayerNorm", "Dropout")
    for kind, _ in found:
        # Where in the package a class lies has changed with its versions; what it is called has not.
        if not kind.startswith("sentence_transformers.") or kind.rpartition(".")[2] not in known:
            raise ValueError(f"{path} needs the module {kind!r}; only {', '.join(known)} are known here.")
    return [(kind.rpartition(".")[2], below) for kind, below in found]


def _object(folder: Folder, name: str) -> dict[str, Any]:
    path = folder.fetch([name]) / name
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise OSError(folder.lacks(f"file {name}", name)) from None
    except (ValueError, RecursionError) as error:
        raise OSError(f"{path} is not valid JSON ({error}): copy or download it again.") from None
    if not isinstance(value, dict):
        raise OSError(f"{path} holds no JSON object but {type(value).__name__}: copy or download it again.")
    return value


def _first_object(folder: Folder, names: tuple[str, ...]) -> dict[str, Any]:
    present = folder.names()
    return next((_object(folder, name) for name in names if name in present), {})


def _are_texts(prompts: object) -> bool:
    return isinstance(prompts, dict) and all(isinstance(text, str) for text in prompts.values())


def _max_length(transformer: Mapping[str, Any], path: Path) -> int | None:
    length = transformer.get("max_seq_length")
    if length is not None and (isinstance(length, bool) or not isinstance(length, int) or length < 1):
        raise OSError(f"{path}: max_seq_length must be a whole number of at least 1, and is {length!r}.")
    return length


def _pooling(config: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    named = config.get("pooling_mode")
    if named is None:
        named = [mode for flag, mode in _OLDER_FLAGS.items() if config.get(flag)] or ["mean"]
    named = [named] if isinstance(named, str) else named
    if not isinstance(named, list) or not named or not all(isinstance(mode, str) and mode in POOLING for mode in named):
        raise ValueError(f"{path}: the pooling mode is {named!r}; {', '.join(POOLING)} are known here.")
    return tuple(named)


def _layer(kind: str, folder: Folder, below: str, path: Path) -> Layer:
    if kind == "Normalize":
        return Normalize()
    if kind == "Pooling" or kind == "Transformer":
        raise ValueError(f"{path} has a second {kind}; what is read here has one, at the beginning.")
    inside = folder.below(below)
    if kind == "LayerNorm":
        arrays = _arrays(inside, {"norm.weight": 1, "norm.bias": 1})
        return LayerNorm(arrays["norm.weight"], arrays["norm.bias"])
    config = _object(inside, _CONFIG)
    reads, writes = config.get("module_input_name") or _VECTOR, config.get("module_output_name") or _VECTOR
    if (reads, writes) != (_VECTOR, _VECTOR):
        raise ValueError(f"{path}: the Dense in {below!r} turns {reads} into {writes}; only {_VECTOR} is known here.")
    activation = str(config.get("activation_function", "torch.nn.modules.activation.Tanh"))
    name = activation.rpartition(".")[2]
    if not activation.startswith("torch.nn.") or name not in ACTIVATIONS:
        raise ValueError(
            f"{path}: the Dense in {below!r} has the activation {activation!r}; "
            f"of PyTorch's {', '.join(ACTIVATIONS)} are known here."
        )
    arrays = _arrays(inside, {"linear.weight": 2, **({"linear.bias": 1} if config.get("bias", True) else {})})
    kernel = arrays["linear.weight"].T
    return Dense(kernel, arrays.get("linear.bias", jnp.zeros(kernel.shape[1])), name)


def _arrays(folder: Folder, ranks: Mapping[str, int]) -> dict[str, Float[Array, "*shape"]]:
    """Arrays of a module's weights that fit each other, in float32."""
    path = find_weights(folder)
    arrays, _ = read_weights(path)
    for name, rank in ranks.items():
        if name not in arrays or arrays[name].ndim != rank or not np.isfinite(arrays[name]).all():
            raise CheckpointError(f"{path} does not hold {name} with {rank} axes, all of finite numbers.")
    if len({arrays[name].shape[0] for name in ranks}) > 1:
        raise CheckpointError(f"{path} holds a weight and a bias that do not fit each other.")
    return {name: jnp.asarray(arrays[name].astype(np.float32)) for name in ranks}
