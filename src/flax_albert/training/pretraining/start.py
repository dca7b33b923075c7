"""The model that a pretraining begins with."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from flax_albert.config import AlbertConfig
from flax_albert.data.pretraining import PretrainingOptions
from flax_albert.data.vocabulary import Vocabulary
from flax_albert.hub import Source
from flax_albert.models import FlaxAlbertForPreTraining
from flax_albert.training.finetuning.start import begin as load
from flax_albert.training.settings import TrainingSettings


def begin(
    vocabulary: Vocabulary,
    config: AlbertConfig | None,
    model: Source | None,
    settings: TrainingSettings,
    options: PretrainingOptions,
) -> tuple[FlaxAlbertForPreTraining, tuple[str, ...]]:
    """Makes a new model, or loads one.

    Args:
        vocabulary: The corpus's.
        config: Sizes of a new model.
        model: What to load instead.
        settings: Dtype, seed, and whether gradients are checkpointed.
        options: How long rows are, and over how many positions they spread.

    Returns:
        The model, and what a person should know about where its parameters come from.

    Raises:
        OSError: The model cannot be read.
        ValueError: Neither of the two is given, or both; or the model does not fit the vocabulary or the rows.
    """
    if (config is None) == (model is None):
        raise ValueError("Give either a configuration, for a new model, or a model to go on from.")
    how: dict[str, Any] = {
        "dtype": jnp.dtype(settings.dtype),
        "seed": settings.seed,
        "gradient_checkpointing": settings.gradient_checkpointing,
    }
    sizes = AlbertConfig.from_pretrained(model) if config is None and model is not None else config
    assert sizes is not None
    _check(sizes, vocabulary, options)
    if model is None:
        return FlaxAlbertForPreTraining(sizes, **how), ("All parameters are drawn at random.",)
    begun = load(model, FlaxAlbertForPreTraining, sizes, **how)
    assert isinstance(begun.model, FlaxAlbertForPreTraining)
    return begun.model, begun.notes


def sized_for(config: AlbertConfig, vocabulary: Vocabulary) -> AlbertConfig:
    """A configuration with a vocabulary's size and special tokens.

    Args:
        config: All other sizes.
        vocabulary: What the model is to read.

    Returns:
        A new one.
    """
    ids = {"pad_token_id": vocabulary.pad, "bos_token_id": vocabulary.cls, "eos_token_id": vocabulary.sep}
    return AlbertConfig.from_dict({**config.to_dict(), "vocab_size": vocabulary.size, **ids})


def _check(config: AlbertConfig, vocabulary: Vocabulary, options: PretrainingOptions) -> None:
    if config.vocab_size < vocabulary.size:
        raise ValueError(
            f"The corpus has a vocabulary of {vocabulary.size:,} pieces, and the model one of {config.vocab_size:,}; "
            "it has to have at least as many."
        )
    needed = options.positions or options.length
    if needed > config.max_position_embeddings:
        raise ValueError(
            f"Rows need {needed} positions, and the model has {config.max_position_embeddings}; "
            "take shorter rows, or a configuration with a larger max_position_embeddings."
        )
    if config.type_vocab_size < 2:
        raise ValueError("Pretraining has two segments; the configuration needs type_vocab_size=2.")
