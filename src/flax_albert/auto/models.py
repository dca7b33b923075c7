"""Picks the model class for a checkpoint: one auto class a head, as transformers 4.37 has them."""

from __future__ import annotations

from typing import Any, ClassVar, final

from flax_albert import models
from flax_albert.auto.config import AutoConfig
from flax_albert.auto.mapping import AutoMapping
from flax_albert.config import AlbertConfig
from flax_albert.hub import HubOptions, Source, open_folder
from flax_albert.pretrained import FlaxAlbertPreTrainedModel

ModelMapping = AutoMapping[type[AlbertConfig], type[FlaxAlbertPreTrainedModel]]

FLAX_MODEL_MAPPING: ModelMapping = AutoMapping({AlbertConfig: models.FlaxAlbertModel})
FLAX_MODEL_FOR_PRETRAINING_MAPPING: ModelMapping = AutoMapping({AlbertConfig: models.FlaxAlbertForPreTraining})
FLAX_MODEL_FOR_MASKED_LM_MAPPING: ModelMapping = AutoMapping({AlbertConfig: models.FlaxAlbertForMaskedLM})
FLAX_MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING: ModelMapping = AutoMapping(
    {AlbertConfig: models.FlaxAlbertForSequenceClassification}
)
FLAX_MODEL_FOR_MULTIPLE_CHOICE_MAPPING: ModelMapping = AutoMapping({AlbertConfig: models.FlaxAlbertForMultipleChoice})
FLAX_MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING: ModelMapping = AutoMapping(
    {AlbertConfig: models.FlaxAlbertForTokenClassification}
)
FLAX_MODEL_FOR_QUESTION_ANSWERING_MAPPING: ModelMapping = AutoMapping(
    {AlbertConfig: models.FlaxAlbertForQuestionAnswering}
)

# About code and adapters beside a checkpoint, neither of which is used here.
_IGNORED = ("trust_remote_code", "code_revision", "adapter_kwargs", "_from_auto", "_commit_hash")


class _AutoModel:
    """Abstract base of the auto classes: the class of a configuration is looked up in the mapping of the head."""

    _model_mapping: ClassVar[ModelMapping]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__
        raise OSError(f"{name} is not made but read: {name}.from_pretrained(directory) or {name}.from_config(config).")

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: Source, *model_args: Any, **kwargs: Any) -> Any:
        """Loads a model of the class that is for this checkpoint and this head.

        Args:
            pretrained_model_name_or_path: A directory, a bundled name, or a hub id.
            *model_args: Passed to the ``from_pretrained`` of that class.
            **kwargs: ``config``, a configuration or where to read one; otherwise keys of the configuration to change
                and what the ``from_pretrained`` of that class takes (``dtype``, ``from_pt``, ``_do_init``,
                ``ignore_mismatched_sizes``, ``output_loading_info``, ...), and the options of
                :class:`~flax_albert.hub.HubOptions`.
                ``trust_remote_code`` and ``code_revision`` are accepted: code of a checkpoint is never run.

        Returns:
            What the ``from_pretrained`` of that class returns.

        Raises:
            OSError: There is no such model, or a file is missing, unreadable or damaged.
            ValueError: The checkpoint is of another kind of model, or does not fit the class.
            TypeError: A keyword is neither a key of the configuration nor a setting of the class.
        """
        config = kwargs.pop("config", None)
        for option in _IGNORED:
            kwargs.pop(option, None)
        options, kwargs = HubOptions.split(kwargs)
        folder = open_folder(pretrained_model_name_or_path, options, or_weights=True)
        if not isinstance(config, AlbertConfig):
            where = folder if config is None else config
            config, kwargs = AutoConfig.from_pretrained(where, return_unused_kwargs=True, **kwargs)
        return cls._class_for(config).from_pretrained(folder, *model_args, config=config, **kwargs)

    @classmethod
    def from_config(cls, config: AlbertConfig, **kwargs: Any) -> Any:
        """Makes a model with freshly drawn parameters, of the class that is for this configuration and this head.

        Args:
            config: The configuration.
            **kwargs: Settings of the class: ``dtype``, ``seed``, ``input_shape``, ``_do_init``, ...

        Raises:
            ValueError: There is no class for such a configuration.
            TypeError: A setting is unknown.
        """
        for option in _IGNORED:
            kwargs.pop(option, None)
        return cls._class_for(config)(config, **kwargs)

    @classmethod
    def register(
        cls, config_class: type[AlbertConfig], model_class: type[FlaxAlbertPreTrainedModel], exist_ok: bool = False
    ) -> None:
        """Has this auto class choose a model class of your own for a configuration class of your own.

        Args:
            config_class: The configuration class.
            model_class: The model class; its ``config_class`` is that one.
            exist_ok: Whether it may take the place of another.

        Raises:
            ValueError: The model class is for another configuration class, or there is such an entry already.
        """
        if model_class.config_class != config_class:
            raise ValueError(
                f"{model_class.__name__} is for {model_class.config_class.__name__} and cannot be registered for "
                f"{config_class.__name__}; set its config_class."
            )
        cls._model_mapping.register(config_class, model_class, exist_ok=exist_ok)

    @classmethod
    def _class_for(cls, config: object) -> type[FlaxAlbertPreTrainedModel]:
        mapping: dict[type, type[FlaxAlbertPreTrainedModel]] = dict(cls._model_mapping)
        if type(config) not in mapping:
            raise ValueError(
                f"{cls.__name__} has no class for a {type(config).__name__}; it has one for "
                f"{', '.join(known.__name__ for known in mapping)}."
            )
        return mapping[type(config)]


@final
class FlaxAutoModel(_AutoModel):
    """The bare model: hidden states, and the pooled first token.

    Example:
        >>> from flax_albert import FlaxAutoModel
        >>> model = FlaxAutoModel.from_pretrained("albert-mini-en", add_pooling_layer=False)
        >>> type(model).__name__
        'FlaxAlbertModel'
    """

    _model_mapping: ClassVar[ModelMapping] = FLAX_MODEL_MAPPING


@final
class FlaxAutoModelForPreTraining(_AutoModel):
    """The model with the heads of pretraining.

    Example:
        >>> from flax_albert import AutoConfig, FlaxAutoModelForPreTraining
        >>> model = FlaxAutoModelForPreTraining.from_config(
        ...     AutoConfig.from_pretrained("albert-mini-en"), _do_init=False
        ... )
        >>> type(model).__name__
        'FlaxAlbertForPreTraining'
    """

    _model_mapping: ClassVar[ModelMapping] = FLAX_MODEL_FOR_PRETRAINING_MAPPING


@final
class FlaxAutoModelForMaskedLM(_AutoModel):
    """The model with the masked-LM head.

    Example:
        >>> from flax_albert import FlaxAutoModelForMaskedLM
        >>> model = FlaxAutoModelForMaskedLM.from_pretrained("albert-mini-en")
        >>> type(model).__name__
        'FlaxAlbertForMaskedLM'
    """

    _model_mapping: ClassVar[ModelMapping] = FLAX_MODEL_FOR_MASKED_LM_MAPPING


@final
class FlaxAutoModelForSequenceClassification(_AutoModel):
    """The model with a classifier, or with ``num_labels=1`` a regressor, of the whole text.

    Example:
        >>> from flax_albert import AutoConfig, FlaxAutoModelForSequenceClassification
        >>> config = AutoConfig.from_pretrained("albert-mini-en", num_labels=3)
        >>> model = FlaxAutoModelForSequenceClassification.from_config(config, _do_init=False)
        >>> type(model).__name__, model.config.num_labels
        ('FlaxAlbertForSequenceClassification', 3)
    """

    _model_mapping: ClassVar[ModelMapping] = FLAX_MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING


@final
class FlaxAutoModelForMultipleChoice(_AutoModel):
    """The model with one score for each of several choices.

    Example:
        >>> from flax_albert import AutoConfig, FlaxAutoModelForMultipleChoice
        >>> model = FlaxAutoModelForMultipleChoice.from_config(
        ...     AutoConfig.from_pretrained("albert-mini-en"), _do_init=False
        ... )
        >>> type(model).__name__
        'FlaxAlbertForMultipleChoice'
    """

    _model_mapping: ClassVar[ModelMapping] = FLAX_MODEL_FOR_MULTIPLE_CHOICE_MAPPING


@final
class FlaxAutoModelForTokenClassification(_AutoModel):
    """The model with a classifier of every token.

    Example:
        >>> from flax_albert import AutoConfig, FlaxAutoModelForTokenClassification
        >>> config = AutoConfig.from_pretrained("albert-mini-en", num_labels=5)
        >>> model = FlaxAutoModelForTokenClassification.from_config(config, _do_init=False)
        >>> model.params_shape_tree["classifier"]["kernel"].shape
        (256, 5)
    """

    _model_mapping: ClassVar[ModelMapping] = FLAX_MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING


@final
class FlaxAutoModelForQuestionAnswering(_AutoModel):
    """The model with start and end scores of an answer in the text.

    Example:
        >>> from flax_albert import AutoConfig, FlaxAutoModelForQuestionAnswering
        >>> config = AutoConfig.from_pretrained("albert-mini-en")
        >>> model = FlaxAutoModelForQuestionAnswering.from_config(config, _do_init=False)
        >>> sorted(model.params_shape_tree)
        ['albert', 'qa_outputs']
    """

    _model_mapping: ClassVar[ModelMapping] = FLAX_MODEL_FOR_QUESTION_ANSWERING_MAPPING
