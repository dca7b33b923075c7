"""Which values a configuration may have: checked before anything is built or allocated by them."""

from __future__ import annotations

from typing import Any

ACTIVATIONS = ("gelu", "gelu_new", "gelu_pytorch_tanh", "quick_gelu", "relu", "silu", "swish", "tanh")
POSITION_EMBEDDING_TYPES = ("absolute", "relative_key", "relative_key_query")
PROBLEM_TYPES = ("regression", "single_label_classification", "multi_label_classification")

# Beyond these a file is damaged or hostile: believing it would take all memory before any weight is read.
_LARGEST = {
    "vocab_size": 2**26,
    "embedding_size": 2**20,
    "hidden_size": 2**20,
    "num_hidden_layers": 1000,
    "num_hidden_groups": 1000,
    "num_attention_heads": 2**20,
    "intermediate_size": 2**24,
    "inner_group_num": 100,
    "max_position_embeddings": 2**24,
    "type_vocab_size": 2**16,
}
_MOST_LABELS = 10**7
_MOST_LAYERS = 1000  # with parameters of their own
_MOST_PARAMETERS = 2**32


def check(config: Any) -> None:
    """Checks every known key.

    Args:
        config: An :class:`~flax_albert.config.AlbertConfig`.

    Raises:
        ValueError: A value is impossible; the message names the key.
        TypeError: A value has the wrong type; the message names the key.
    """
    for key, limit in _LARGEST.items():
        _check_integer(key, getattr(config, key), at_least=1, at_most=limit)
    for key in ("pad_token_id", "bos_token_id", "eos_token_id"):
        if getattr(config, key) is not None:
            _check_integer(key, getattr(config, key))
    for key in ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout_prob"):
        value = getattr(config, key)
        if value is None and key == "classifier_dropout_prob":
            continue
        _check_number(key, value)
        if not 0 <= value < 1:
            raise ValueError(f"AlbertConfig: {key} must be in [0, 1), got {value}.")
    for key in ("initializer_range", "layer_norm_eps"):
        _check_number(key, getattr(config, key))
        if not getattr(config, key) > 0:
            raise ValueError(f"AlbertConfig: {key} must be positive, got {getattr(config, key)}.")
    for key in ("return_dict", "output_hidden_states", "output_attentions", "tie_word_embeddings"):
        if not isinstance(getattr(config, key), bool):
            raise TypeError(f"AlbertConfig: {key} must be true or false, got {getattr(config, key)!r}.")
    for key, allowed in (
        ("hidden_act", ACTIVATIONS),
        ("position_embedding_type", POSITION_EMBEDDING_TYPES),
        ("problem_type", (None, *PROBLEM_TYPES)),
    ):
        if getattr(config, key) not in allowed:
            names = ", ".join(str(name) for name in allowed)
            raise ValueError(f"AlbertConfig: {key} must be one of {names}; got {getattr(config, key)!r}.")
    _check_labels(config)
    if config.inner_group_num * config.num_hidden_groups > _MOST_LAYERS:
        raise ValueError(
            f"AlbertConfig: num_hidden_groups ({config.num_hidden_groups}) times inner_group_num "
            f"({config.inner_group_num}) must be at most {_MOST_LAYERS}."
        )
    tables = config.vocab_size + config.max_position_embeddings + config.type_vocab_size + config.hidden_size
    layer = config.hidden_size * (4 * config.hidden_size + 2 * config.intermediate_size)
    parameters = tables * config.embedding_size + config.num_hidden_groups * config.inner_group_num * layer
    if parameters > _MOST_PARAMETERS:
        raise ValueError(
            f"AlbertConfig: vocab_size ({config.vocab_size}), hidden_size ({config.hidden_size}) and the other sizes "
            f"make about {parameters:.1e} parameters; at most {_MOST_PARAMETERS:.1e} are believed."
        )
    if config.hidden_size % config.num_attention_heads:
        raise ValueError(
            f"AlbertConfig: hidden_size ({config.hidden_size}) must be a multiple of num_attention_heads "
            f"({config.num_attention_heads})."
        )
    if config.num_hidden_groups > config.num_hidden_layers:
        raise ValueError(
            f"AlbertConfig: num_hidden_groups ({config.num_hidden_groups}) must not exceed num_hidden_layers "
            f"({config.num_hidden_layers}): a group without a layer would never be used."
        )


def check_number_of_labels(value: object) -> None:
    """Checks how many labels there are to be, before so many names are made up.

    Args:
        value: What was given.

    Raises:
        ValueError: There are fewer than none, or too many to believe.
        TypeError: It is no integer.
    """
    _check_integer("num_labels", value, at_least=0, at_most=_MOST_LABELS)


def _check_labels(config: Any) -> None:
    for key, keys, values in (("id2label", int, str), ("label2id", str, int)):
        labels = getattr(config, key)
        if not isinstance(labels, dict):
            raise TypeError(f"AlbertConfig: {key} must be a dictionary, not {type(labels).__name__}.")
        for label, value in labels.items():
            if not (isinstance(label, keys) and isinstance(value, values)):
                raise TypeError(
                    f"AlbertConfig: {key} must map {keys.__name__} to {values.__name__}, got {label!r}: {value!r}."
                )
    architectures = config.architectures
    if architectures is not None and not (
        isinstance(architectures, list) and all(isinstance(name, str) for name in architectures)
    ):
        raise TypeError(f"AlbertConfig: architectures must be a list of names, got {architectures!r}.")


def _check_integer(key: str, value: object, at_least: int | None = None, at_most: int | None = None) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"AlbertConfig: {key} must be an integer, got {value!r}.")
    if at_least is not None and value < at_least:
        raise ValueError(f"AlbertConfig: {key} must be at least {at_least}, got {value}.")
    if at_most is not None and value > at_most:
        raise ValueError(f"AlbertConfig: {key} must be at most {at_most}, got {value}.")


def _check_number(key: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"AlbertConfig: {key} must be a number, got {value!r}.")
