"""Which released model a checkpoint is, by its sizes and by its name; and a configuration for weights without one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flax_albert.config import RELEASED_SIZES, AlbertConfig
from flax_albert.doctor.weights import Census

# What weights show of a model's sizes. The number of layers and of attention heads is not among it.
SHOWN = (
    "vocab_size",
    "embedding_size",
    "hidden_size",
    "intermediate_size",
    "max_position_embeddings",
    "type_vocab_size",
    "num_hidden_groups",
    "inner_group_num",
)
SIZES = (*SHOWN, "num_hidden_layers", "num_attention_heads")

# Architectures by what the weights hold, the first that fits.
_ARCHITECTURES = (
    (("predictions", "sop_classifier"), "AlbertForPreTraining"),
    (("predictions",), "AlbertForMaskedLM"),
    (("qa_outputs",), "AlbertForQuestionAnswering"),
)
_USUAL_HEAD_SIZE = 64

CHINESE_VOCABULARY = 21128
"""Size of the vocabulary of Google's Chinese models, which compute with ``relu``."""


def matching(sizes: Mapping[str, int], keys: tuple[str, ...] = SIZES) -> tuple[str, ...]:
    """The released models of these sizes.

    Args:
        sizes: Sizes by key of the configuration.
        keys: The keys to compare.

    Returns:
        Their names; v1 and v2 of a size are one as far as sizes go.

    Example:
        >>> from flax_albert.config import AlbertConfig
        >>> from flax_albert.doctor.sizes import matching
        >>> matching(vars(AlbertConfig.released("albert-large-v1")))
        ('albert-large-v1', 'albert-large-v2')
    """
    released = {name: AlbertConfig.released(name) for name in RELEASED_SIZES}
    return tuple(
        name for name, config in released.items() if all(sizes.get(key) == getattr(config, key) for key in keys)
    )


def named_after(*names: str) -> str | None:
    """The released model that one of these names or paths ends in, or None.

    Args:
        *names: Names, the most telling first.

    Example:
        >>> from flax_albert.doctor.sizes import named_after
        >>> named_after("/models/albert-base-v2/"), named_after("my-albert")
        ('albert-base-v2', None)
    """
    for name in names:
        last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
        if last in RELEASED_SIZES:
            return last
    return None


def sizes_of(config: AlbertConfig) -> dict[str, int]:
    """The keys that shape a model."""
    return {key: getattr(config, key) for key in SIZES}


def suggest(census: Census, decoder: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A configuration for weights that have none.

    Args:
        census: What the weights hold.
        decoder: How the masked-LM head relates to the word embeddings; see ``WeightsFacts``.

    Returns:
        Contents for a ``config.json``; and the keys among them that weights cannot show, which are those of the
        released model of these sizes, or else only the usual ones.
    """
    shown = census.sizes()
    values: dict[str, Any] = {key: shown[key] for key in SHOWN if key in shown}
    released = matching(values, tuple(key for key in SHOWN if key in shown and key != "vocab_size"))
    if released:
        model = AlbertConfig.released(released[-1])
        heads, layers = model.num_attention_heads, model.num_hidden_layers
    else:
        hidden = values.get("hidden_size", 0)
        heads = hidden // _USUAL_HEAD_SIZE if hidden % _USUAL_HEAD_SIZE == 0 and hidden else 1
        layers = max(12, values.get("num_hidden_groups", 1))
    activation = "relu" if values.get("vocab_size") == CHINESE_VOCABULARY else "gelu_new"
    guessed: dict[str, Any] = {"num_attention_heads": heads, "num_hidden_layers": layers, "hidden_act": activation}
    values |= guessed
    if census.has("classifier") or census.has("qa_outputs"):
        values["num_labels"] = shown["num_labels"]
    if decoder == "own":
        values["tie_word_embeddings"] = False
    values["architectures"] = [_architecture(census)]
    values["model_type"] = AlbertConfig.model_type
    return values, tuple(guessed)


def _architecture(census: Census) -> str:
    for heads, name in _ARCHITECTURES:
        if all(census.has(head) for head in heads):
            return name
    if not census.has("classifier"):
        return "AlbertModel"
    return "AlbertForSequenceClassification" if census.has("albert", "pooler") else "AlbertForTokenClassification"
