"""What the configuration says, and where it confuses one released model with another.

The released English models differ in two ways that shapes do not show. Version 1 computes with ``gelu`` and trains with
dropout 0.1 (``xxlarge`` with none); version 2 computes with ``gelu_new`` and trains without dropout. A converted
checkpoint often carries the settings of the other version: Google's own files say ``gelu`` for both, and Google's
program computes ``gelu_new`` for both, so that ``gelu_new`` is no mistake in a version 1. Google's Chinese models
compute with ``relu``. A wrong activation shifts every answer a little, in the masked-LM head too, which always uses the
same one; a wrong dropout shows in training only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flax_albert import google_config
from flax_albert.config import CONFIG_NAME, RELEASED_SIZES, AlbertConfig
from flax_albert.doctor.report import ConfigurationFacts, Finding, Level
from flax_albert.doctor.sizes import CHINESE_VOCABULARY, SIZES, matching, named_after, sizes_of
from flax_albert.hub import Folder

MISSING = "config-missing"
"""The code of the finding that there is no configuration at all."""

_ABOUT = "configuration"
_DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob")
_SPECIAL_IDS = ("pad_token_id", "bos_token_id", "eos_token_id")
_GELUS = {"gelu": "gelu", "gelu_new": "gelu_new", "gelu_pytorch_tanh": "gelu_new"}  # the last two are one function
_UNSHOWN = ("num_hidden_layers", "num_attention_heads")
_WIDTHS = ("embedding_size", "hidden_size", "intermediate_size")


def read(folder: Folder, has_weights: bool) -> tuple[AlbertConfig | None, list[Finding]]:
    """Reads the configuration as loading would.

    Args:
        folder: Where the checkpoint lies.
        has_weights: Whether there are weights, which cannot be used without a configuration.

    Returns:
        The configuration, or None; and what stands against it.
    """
    try:
        if file_name(folder) is None:
            message = f"There is no {CONFIG_NAME}, without which no model can be loaded."
            return None, [Finding(Level.PROBLEM if has_weights else Level.NOTE, _ABOUT, MISSING, message)]
        values, _ = AlbertConfig.get_config_dict(folder)
        config = AlbertConfig.from_pretrained(folder)
        config.name_or_path = str(values.get("_name_or_path", ""))  # what it was trained from, if that is told
    except (OSError, ValueError) as error:
        return None, [Finding(Level.PROBLEM, _ABOUT, "config-unusable", str(error))]
    return config, list(_of_the_file(values))


def file_name(folder: Folder) -> str | None:
    """The name of the configuration: ``config.json``, or the one that Google's checkpoints have, or None.

    Args:
        folder: Where the checkpoint lies.

    Raises:
        OSError: Several may be meant.
    """
    names = folder.names()
    return CONFIG_NAME if CONFIG_NAME in names else google_config.find(names)


def facts(config: AlbertConfig, name: str) -> ConfigurationFacts:
    """What a configuration says.

    Args:
        config: The configuration.
        name: What the checkpoint is called.
    """
    released = matching(sizes_of(config))
    return ConfigurationFacts(
        sizes=sizes_of(config),
        released=released,
        settings=tuple(model for model in released if _has_activation(config, model) and _has_dropout(config, model)),
        named=named_after(name, config.name_or_path),
        activation=config.hidden_act,
        dropout={key: getattr(config, key) for key in (*_DROPOUTS, "classifier_dropout_prob")},
        tie_word_embeddings=config.tie_word_embeddings,
        num_labels=config.num_labels,
        architectures=tuple(config.architectures or ()),
        special_ids={key: getattr(config, key) for key in _SPECIAL_IDS},
    )


def confusions(config: AlbertConfig, name: str) -> Iterator[Finding]:
    """Where a configuration is not that of the released model it seems to be.

    Args:
        config: The configuration.
        name: What the checkpoint is called.

    Yields:
        Findings; for a configuration as it was released, none.
    """
    named = named_after(name, config.name_or_path)
    released = matching(sizes_of(config))
    if named is not None and named in matching(sizes_of(config), _WIDTHS):
        yield from _unlike(config, named)
    elif named is not None:
        widths = ", ".join(f"{key} {getattr(config, key)}" for key in _WIDTHS)
        yield _warning("sizes-unlike-name", f"This is named after {named}, which has other sizes than {widths}.")
    elif released:
        yield from _mixed(config, released)
    else:
        yield from _unshown(config)
    for key in _SPECIAL_IDS:
        index = getattr(config, key)
        if index is not None and not 0 <= index < config.vocab_size:
            yield _warning(
                "special-id-outside",
                f"{key} is {index}, and the vocabulary has the ids 0 to {config.vocab_size - 1}. Correct one of them.",
            )
    if config.vocab_size == CHINESE_VOCABULARY and matching(sizes_of(config), _WIDTHS) and config.hidden_act != "relu":
        yield _warning(
            "activation-chinese",
            f"The vocabulary of {CHINESE_VOCABULARY} pieces and the sizes are those of Google's Chinese models, which "
            f"compute with relu, but hidden_act is {config.hidden_act!r}. If this is one, set hidden_act to 'relu'.",
        )


def _unlike(config: AlbertConfig, named: str) -> Iterator[Finding]:
    model = AlbertConfig.released(named)
    for key in SIZES:
        if getattr(config, key) != getattr(model, key) and key in _UNSHOWN:
            yield _warning(
                "sizes-unlike-name",
                f"This is named after {named}, whose {key} is {getattr(model, key)}, but the configuration says "
                f"{getattr(config, key)}; the weights cannot show which is right.",
            )
    if _computes_as_google(config, named):
        yield _as_google(named)
    elif not _has_activation(config, named):
        yield _warning(
            "activation-unlike-release",
            f"This is named after {named}, which computes with {model.hidden_act}, but hidden_act is "
            f"{config.hidden_act!r}. Set hidden_act to {model.hidden_act!r} unless the weights were trained otherwise.",
        )
    for key in _DROPOUTS:
        if getattr(config, key) != getattr(model, key):
            yield _warning(
                "dropout-unlike-release",
                f"This is named after {named}, which trains with {key} {getattr(model, key)}, but the configuration "
                f"says {getattr(config, key)}. It matters in training only; set it to {getattr(model, key)} unless "
                "that was meant.",
            )


def _mixed(config: AlbertConfig, released: tuple[str, ...]) -> Iterator[Finding]:
    """Without a name, a version is recognised by activation and dropout, which must tell the same one."""
    settings = {name: RELEASED_SIZES[name] for name in released}
    by_activation = {name for name in released if _has_activation(config, name)}
    by_dropout = {name for name in released if _has_dropout(config, name)}
    known = " or ".join(f"{settings[name]['hidden_act']!r} ({name})" for name in released)
    if not by_activation:
        yield _warning(
            "activation-unlike-release",
            f"The sizes are those of {' and '.join(released)}, but hidden_act is {config.hidden_act!r}. "
            f"If this is one of them, set it to {known}.",
        )
    if not by_dropout:
        rates = ", ".join(f"{key} {getattr(config, key)}" for key in _DROPOUTS)
        yield _warning(
            "dropout-unlike-release",
            f"The sizes are those of {' and '.join(released)}, but neither was trained with {rates}. It matters in "
            "training only.",
        )
    if by_activation and by_dropout and not by_activation & by_dropout:
        activation, dropout = min(by_activation), min(by_dropout)
        if _computes_as_google(config, dropout):
            yield _as_google(dropout)
            return
        yield _warning(
            "versions-mixed",
            f"hidden_act {config.hidden_act!r} is that of {activation}, and the dropout that of {dropout}: one of them "
            f"is wrong. If this is {dropout}, set hidden_act to {settings[dropout]['hidden_act']!r}; if it is "
            f"{activation}, set the dropout rates to {settings[activation][_DROPOUTS[0]]}.",
        )


def _computes_as_google(config: AlbertConfig, released: str) -> bool:
    """Whether this is a version 1 with the activation of Google's program instead of transformers'."""
    return RELEASED_SIZES[released]["hidden_act"] == "gelu" and _GELUS.get(config.hidden_act) == "gelu_new"


def _as_google(released: str) -> Finding:
    return Finding(
        Level.NOTE,
        _ABOUT,
        "activation-as-google",
        f"This looks like {released}, which computes with gelu in transformers; hidden_act is 'gelu_new' here, which "
        "is what Google's own program computed. Keep it if the weights come from there.",
    )


def _has_activation(config: AlbertConfig, released: str) -> bool:
    return _GELUS.get(config.hidden_act) == RELEASED_SIZES[released]["hidden_act"]


def _has_dropout(config: AlbertConfig, released: str) -> bool:
    return all(getattr(config, key) == RELEASED_SIZES[released][key] for key in _DROPOUTS)


def _unshown(config: AlbertConfig) -> Iterator[Finding]:
    """All sizes of a released model but those that weights cannot show."""
    for name in matching(sizes_of(config), tuple(key for key in SIZES if key not in _UNSHOWN))[:1]:
        model = AlbertConfig.released(name)
        for key in _UNSHOWN:
            if getattr(config, key) != getattr(model, key):
                yield _warning(
                    "sizes-unlike-release",
                    f"All sizes that weights show are those of {name}, but {key} is {getattr(config, key)} where "
                    f"{name} has {getattr(model, key)}. Shapes cannot tell which is right.",
                )


def _of_the_file(values: dict[str, Any]) -> Iterator[Finding]:
    if "model_type" not in values:
        yield Finding(
            Level.NOTE,
            _ABOUT,
            "model-type-missing",
            f'The configuration has no model_type; other programs may want "model_type": "{AlbertConfig.model_type}".',
        )
    if "auto_map" in values:
        yield Finding(
            Level.NOTE,
            _ABOUT,
            "brings-code",
            "The configuration refers to code of its own (auto_map), which is never run here.",
        )
    if values.get("position_embedding_type", "absolute") != "absolute":
        yield Finding(
            Level.PROBLEM,
            _ABOUT,
            "relative-positions",
            f"position_embedding_type is {values['position_embedding_type']!r}, and only 'absolute' is computed here.",
        )


def _warning(code: str, message: str) -> Finding:
    return Finding(Level.WARNING, _ABOUT, code, message)
