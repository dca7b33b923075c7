"""Picks the configuration class that a checkpoint is for."""

from __future__ import annotations

import logging
from typing import Any

from flax_albert.auto.mapping import AutoMapping
from flax_albert.config import CONFIG_NAME, AlbertConfig
from flax_albert.hub import Source, called

CONFIG_MAPPING: AutoMapping[str, type[AlbertConfig]] = AutoMapping({AlbertConfig.model_type: AlbertConfig})
"""Configuration classes by ``model_type``."""

# What only an ALBERT has: how a file is known that was written before there was a model_type.
_OF_ALBERT = ("num_hidden_groups", "inner_group_num")

_logger = logging.getLogger("flax_albert.auto")


class AutoConfig:
    """Reads the configuration of a checkpoint as the class that its ``model_type`` names; here that is ALBERT's.

    It is read, never made: ``AutoConfig()`` is an error, as in transformers 4.37. Code that a checkpoint brings along
    is never run, whatever ``trust_remote_code`` says.
    """

    def __init__(self) -> None:
        raise OSError("AutoConfig is not made but read: AutoConfig.from_pretrained(directory).")

    @classmethod
    def for_model(cls, model_type: str, *args: Any, **kwargs: Any) -> AlbertConfig:
        """A configuration of a kind of model, by the name of that kind.

        Args:
            model_type: ``"albert"``, or what :meth:`register` added.
            *args: Passed to the configuration class.
            **kwargs: Passed to the configuration class.

        Raises:
            ValueError: There is no such kind here.

        Example:
            >>> from flax_albert import AutoConfig
            >>> AutoConfig.for_model("albert", hidden_size=128, num_attention_heads=2).hidden_size
            128
        """
        if model_type not in CONFIG_MAPPING:
            raise ValueError(f"There is no model type {model_type!r} here; there is {_offered()}.")
        return CONFIG_MAPPING[model_type](*args, **kwargs)

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: Source,
        *,
        return_unused_kwargs: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Reads a configuration.

        A file without ``model_type``, as old programs wrote them, counts as an ALBERT's where the path or name has
        "albert" in it (as in transformers 4.37), where it holds keys that only an ALBERT has, or where its
        ``architectures`` name an ALBERT.

        Args:
            pretrained_model_name_or_path: A directory with a ``config.json``, such a file, a bundled name, or a hub id.
            return_unused_kwargs: Whether to return a pair: the configuration, and those of ``kwargs`` that are not
                keys of it. Otherwise these are dropped.
            **kwargs: Keys of the configuration to change, and the options of :class:`~flax_albert.hub.HubOptions`.
                ``trust_remote_code`` and ``code_revision`` are accepted and change nothing.

        Returns:
            The configuration; with ``return_unused_kwargs=True`` a pair of it and the keywords left over.

        Raises:
            OSError: There is no such model, or its file is missing or unreadable.
            ValueError: The file describes another kind of model, or a value is impossible.

        Example:
            >>> from flax_albert import AutoConfig
            >>> config, unused = AutoConfig.from_pretrained(
            ...     "albert-mini-en", num_labels=3, colour="blue", return_unused_kwargs=True
            ... )
            >>> config.num_labels, unused
            (3, {'colour': 'blue'})
        """
        trusted = kwargs.pop("trust_remote_code", None)
        kwargs.pop("code_revision", None)
        values, options = AlbertConfig.get_config_dict(pretrained_model_name_or_path, **kwargs)
        name = called(pretrained_model_name_or_path)
        config_class = _config_class(values, name)
        if trusted and "auto_map" in values:
            _logger.warning(
                "%s brings code of its own, which is never run here: %s is used instead.",
                name,
                config_class.__name__,
            )
        try:
            config = config_class.from_dict(values)
            changes = {key: value for key, value in options.items() if hasattr(config, key)}
            if changes:
                config = config_class.from_dict(values, **changes)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}: {error}") from None
        config.name_or_path = name
        unused = {key: value for key, value in options.items() if key not in changes}
        return (config, unused) if return_unused_kwargs else config

    @staticmethod
    def register(model_type: str, config: type[AlbertConfig], exist_ok: bool = False) -> None:
        """Has :meth:`from_pretrained` choose a class of your own for a ``model_type`` of your own.

        Args:
            model_type: The name in the file.
            config: A subclass of :class:`~flax_albert.config.AlbertConfig` with this ``model_type``.
            exist_ok: Whether it may take the place of another.

        Raises:
            ValueError: The class has another ``model_type``, or there is such an entry already.
        """
        if config.model_type != model_type:
            raise ValueError(
                f"{config.__name__} has the model_type {config.model_type!r} and cannot be registered as "
                f"{model_type!r}; make the two the same."
            )
        CONFIG_MAPPING.register(model_type, config, exist_ok=exist_ok)


def _config_class(values: dict[str, Any], name: str) -> type[AlbertConfig]:
    model_type = values.get("model_type")
    if model_type is None:
        # The longest name first, so that a kind is not taken for one whose name its own name holds.
        for kind in sorted(CONFIG_MAPPING, key=len, reverse=True):
            if kind in name:
                return CONFIG_MAPPING[kind]
        if all(key in values for key in _OF_ALBERT) or _names_an_albert(values.get("architectures")):
            return AlbertConfig
        raise ValueError(
            f"The {CONFIG_NAME} of {name!r} has no model_type and does not look like an ALBERT's. If it is one, put "
            f'"model_type": "{AlbertConfig.model_type}" into it.'
        )
    if not isinstance(model_type, str) or model_type not in CONFIG_MAPPING:
        raise ValueError(
            f"The {CONFIG_NAME} of {name!r} says model_type {model_type!r}, and {_offered()} is offered here. "
            "Pass the checkpoint of an ALBERT."
        )
    return CONFIG_MAPPING[model_type]


def _names_an_albert(architectures: object) -> bool:
    names = architectures if isinstance(architectures, list) else []
    return any(isinstance(name, str) and name.removeprefix("Flax").startswith("Albert") for name in names)


def _offered() -> str:
    return ", ".join(repr(kind) for kind in CONFIG_MAPPING)
