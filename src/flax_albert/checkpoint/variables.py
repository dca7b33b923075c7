"""Where TensorFlow checkpoints hold more than a model's parameters, or less."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np

# What training keeps beside the parameters: the last part of a variable's name, or all of it.
_TRAINING_STATE = re.compile(
    r"(.*/)?(adam_[mv]|lamb_[mv]|Adam(_1)?|AdamWeightDecayOptimizer(_1)?|LAMBOptimizer(_1)?|Momentum|"
    r"ExponentialMovingAverage|global_step|beta[12]_power|loss_scale|good_steps)"
)

# Heads of Google's programs that no class here computes, by the scope of their variables.
_OTHER_HEADS = {
    "end_logits/": "This is the SQuAD 2.0 head of Google's program, which scores the end of an answer by two layers "
    "over hidden states and start, and answerability by two more: the one layer of FlaxAlbertForQuestionAnswering "
    "cannot hold it. Train a head of its own.",
}

# Models that are spelt like an ALBERT and compute something else, by a variable that only they have.
_OTHER_MODELS = {
    "bert/embeddings/word_embeddings_2": "it is an early Chinese ALBERT that projects its word embeddings before the "
    "positions are added, and not after, as ALBERT does; use the release in Google's layout (its name says google)",
    "bert/encoder/layer_0/attention/self/query/kernel": "it is a BERT, which shares no parameters between its layers",
}


def is_training_state(name: str) -> bool:
    """Whether a variable is the state of an optimizer or a counter of training.

    Args:
        name: Its name in the checkpoint.

    Example:
        >>> from flax_albert.checkpoint.variables import is_training_state
        >>> is_training_state("bert/pooler/dense/kernel/adam_m"), is_training_state("bert/pooler/dense/kernel")
        (True, False)
    """
    return _TRAINING_STATE.fullmatch(name.removesuffix(":0")) is not None


def explanation(unexpected: Iterable[str]) -> str:
    """Says of variables that no parameter was found for why that is so, where it is known.

    Args:
        unexpected: Their names.

    Returns:
        A sentence, or nothing.
    """
    names = [name.removeprefix("module/") for name in unexpected]
    return " ".join(text for scope, text in _OTHER_HEADS.items() if any(name.startswith(scope) for name in names))


def other_model(names: Iterable[str]) -> str | None:
    """Says what a checkpoint is where it is known to be of another model.

    Args:
        names: The names of its variables.

    Returns:
        Part of a sentence, or ``None``.
    """
    present = {name.removeprefix("module/") for name in names}
    return next((text for name, text in _OTHER_MODELS.items() if name in present), None)


def with_projection(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Adds the projection of the embeddings where it goes without saying.

    Google's programs have none where the embeddings are as wide as the hidden states; the models here always project,
    so they get the identity.

    Args:
        arrays: The variables of a checkpoint.

    Returns:
        The same, or with two more.
    """
    for prefix in ("bert/", "module/bert/"):
        kernel = f"{prefix}encoder/embedding_hidden_mapping_in/kernel"
        words = arrays.get(f"{prefix}embeddings/word_embeddings")
        query = arrays.get(f"{prefix}encoder/transformer/group_0/inner_group_0/attention_1/self/query/kernel")
        if words is None or query is None or kernel in arrays:
            continue
        if words.ndim == query.ndim == 2 and words.shape[1] == query.shape[0] == query.shape[1]:
            width = len(query)
            identity = {kernel: np.eye(width, dtype=words.dtype), f"{kernel[:-6]}bias": np.zeros(width, words.dtype)}
            return {**arrays, **identity}
    return dict(arrays)
