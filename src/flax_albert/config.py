"""The configuration of an ALBERT: every key of transformers 4.37's ``AlbertConfig``, and the released sizes as data."""

from __future__ import annotations

import contextlib
import copy
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from flax_albert import google_config
from flax_albert.config_checks import ACTIVATIONS as ACTIVATIONS
from flax_albert.config_checks import check, check_number_of_labels
from flax_albert.config_defaults import GENERIC_DEFAULTS
from flax_albert.hub import Folder, HubOptions, Pushable, Source, open_folder

CONFIG_NAME = "config.json"
_LARGEST_FILE = 2**26  # bytes; ten million labels fit

_base = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
_large = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096}
_xlarge = {"hidden_size": 2048, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 8192}
_xxlarge = {"hidden_size": 4096, "num_hidden_layers": 12, "num_attention_heads": 64, "intermediate_size": 16384}
_v1 = {"hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}
_v1_xxlarge = {"hidden_act": "gelu", "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
_v2 = {"hidden_act": "gelu_new", "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}

# The eight English models of the ALBERT paper's authors, as their published configuration files give them
# (vocabulary 30,000, embeddings of 128 and 512 positions are the defaults below).
RELEASED_SIZES: dict[str, dict[str, Any]] = {
    "albert-base-v1": _base | _v1,
    "albert-large-v1": _large | _v1,
    "albert-xlarge-v1": _xlarge | _v1,
    "albert-xxlarge-v1": _xxlarge | _v1_xxlarge,
    "albert-base-v2": _base | _v2,
    "albert-large-v2": _large | _v2,
    "albert-xlarge-v2": _xlarge | _v2,
    "albert-xxlarge-v2": _xxlarge | _v2,
}


class AlbertConfig(Pushable):
    """Sizes and settings of an ALBERT model. The defaults are those of ``albert-xxlarge-v2``.

    Keys this class does not know are kept as attributes and written back by :meth:`save_pretrained`.

    Args:
        vocab_size: Rows of the word-embedding matrix.
        embedding_size: Width E of the factorised embeddings.
        hidden_size: Width H of the encoder; a multiple of ``num_attention_heads``.
        num_hidden_layers: Steps L of the encoder.
        num_hidden_groups: Sets of shared parameters; step ``i`` uses set ``int(i / (L / num_hidden_groups))``.
        num_attention_heads: Attention heads A.
        intermediate_size: Width I of the feed-forward layer.
        inner_group_num: Layers that run one after the other in every step.
        hidden_act: Activation of the feed-forward layer and of the masked-LM head, one of :data:`ACTIVATIONS`.
        hidden_dropout_prob: Dropout after the embeddings and after each projection onto the residual stream.
        attention_probs_dropout_prob: Dropout on the attention probabilities.
        max_position_embeddings: Rows of the position-embedding matrix: the longest sequence.
        type_vocab_size: Rows of the segment-embedding matrix.
        initializer_range: Standard deviation of the normal initialisation.
        layer_norm_eps: Epsilon of every layer normalisation.
        classifier_dropout_prob: Dropout before a classifier; ``None`` means ``hidden_dropout_prob``.
        position_embedding_type: ``"absolute"``; the relative kinds are kept in the file, but not computed here.
        pad_token_id: Id of ``<pad>``.
        bos_token_id: Id of ``[CLS]``.
        eos_token_id: Id of ``[SEP]``.
        num_labels: Classes of a classifier; gives ``LABEL_0`` ... as names unless ``id2label`` names them.
        id2label: Class names by index.
        label2id: Class indices by name; by default the inverse of ``id2label``.
        **kwargs: The generic keys (``tie_word_embeddings``, ``output_attentions``, ``output_hidden_states``,
            ``return_dict``, ``architectures``, ``problem_type``, ...) and any others.

    Raises:
        ValueError: A value is impossible; the message names the key.
        TypeError: A value has the wrong type; the message names the key.

    Example:
        >>> from flax_albert import AlbertConfig
        >>> config = AlbertConfig.released("albert-base-v2", num_labels=3)
        >>> config.hidden_size, config.num_labels, config.id2label[2]
        (768, 3, 'LABEL_2')
    """

    model_type: ClassVar[str] = "albert"

    return_dict: bool
    output_hidden_states: bool
    output_attentions: bool
    tie_word_embeddings: bool
    architectures: list[str] | None
    finetuning_task: str | None
    problem_type: str | None
    torch_dtype: str | None
    tokenizer_class: str | None
    task_specific_params: dict[str, Any] | None
    transformers_version: str | None

    if TYPE_CHECKING:  # keys this class does not know are attributes too

        def __getattr__(self, key: str) -> Any: ...

    def __init__(
        self,
        vocab_size: int = 30000,
        embedding_size: int = 128,
        hidden_size: int = 4096,
        num_hidden_layers: int = 12,
        num_hidden_groups: int = 1,
        num_attention_heads: int = 64,
        intermediate_size: int = 16384,
        inner_group_num: int = 1,
        hidden_act: str = "gelu_new",
        hidden_dropout_prob: float = 0,
        attention_probs_dropout_prob: float = 0,
        max_position_embeddings: int = 512,
        type_vocab_size: int = 2,
        initializer_range: float = 0.02,
        layer_norm_eps: float = 1e-12,
        classifier_dropout_prob: float | None = 0.1,
        position_embedding_type: str = "absolute",
        pad_token_id: int | None = 0,
        bos_token_id: int | None = 2,
        eos_token_id: int | None = 3,
        *,
        num_labels: int | None = None,
        id2label: Mapping[Any, str] | None = None,
        label2id: Mapping[str, int] | None = None,
        **kwargs: Any,
    ) -> None:
        self.vocab_size = vocab_size
        self.embedding_size = embedding_size
        self.hidden_size = hidden_size
        self.num_hidden_layers = num_hidden_layers
        self.num_hidden_groups = num_hidden_groups
        self.num_attention_heads = num_attention_heads
        self.intermediate_size = intermediate_size
        self.inner_group_num = inner_group_num
        self.hidden_act = hidden_act
        self.hidden_dropout_prob = hidden_dropout_prob
        self.attention_probs_dropout_prob = attention_probs_dropout_prob
        self.max_position_embeddings = max_position_embeddings
        self.type_vocab_size = type_vocab_size
        self.initializer_range = initializer_range
        self.layer_norm_eps = layer_norm_eps
        self.classifier_dropout_prob = classifier_dropout_prob
        self.position_embedding_type = position_embedding_type
        self.pad_token_id = pad_token_id
        self.bos_token_id = bos_token_id
        self.eos_token_id = eos_token_id
        self.name_or_path = str(kwargs.pop("name_or_path", kwargs.pop("_name_or_path", "")))
        kwargs.pop("model_type", None)
        kwargs.pop("num_labels", None)
        for key, default in GENERIC_DEFAULTS.items():
            setattr(self, key, kwargs.pop(key, copy.copy(default)))
        self._set_labels(num_labels, id2label, label2id)
        self.update(kwargs)

    def _set_labels(
        self, num_labels: int | None, id2label: Mapping[Any, str] | None, label2id: Mapping[str, int] | None
    ) -> None:
        for key, value in (("id2label", id2label), ("label2id", label2id)):
            if value is not None and not isinstance(value, dict):
                raise TypeError(f"AlbertConfig: {key} must be a dictionary, not {type(value).__name__}.")
        if id2label is None:
            self.num_labels = 2 if num_labels is None else num_labels
            if label2id is not None:
                self.label2id = dict(label2id)
            return
        try:
            self.id2label = {int(index): name for index, name in id2label.items()}
        except (TypeError, ValueError):
            raise ValueError(f"AlbertConfig: the keys of id2label must be integers, got {list(id2label)}.") from None
        if num_labels is not None and num_labels != len(self.id2label):
            raise ValueError(
                f"AlbertConfig: num_labels={num_labels} contradicts id2label, which names {len(self.id2label)} classes."
            )
        names = self.id2label.items()
        self.label2id = dict(label2id) if label2id is not None else {str(name): index for index, name in names}

    def update(self, values: Mapping[str, Any]) -> None:
        """Sets keys, known ones and others, and checks the result.

        Raises:
            ValueError: A value is impossible, or a key would hide a method of this class.
            TypeError: A value has the wrong type.
        """
        for key, value in values.items():
            if key.startswith("__") or (hasattr(type(self), key) and key != "num_labels"):
                raise ValueError(f"AlbertConfig: {key!r} cannot be a key; it names something else in this class.")
            setattr(self, key, value)
        self.validate()

    def update_from_string(self, update_str: str) -> None:
        """Sets known keys from text, as a command line gives it, and checks the result.

        Args:
            update_str: Such as ``"hidden_size=312,layer_norm_eps=1e-6,tie_word_embeddings=false,hidden_act=relu"``.

        Raises:
            ValueError: A key is unknown, a value cannot be read or is impossible, or a key holds no number, boolean or
                text.

        Example:
            >>> from flax_albert import AlbertConfig
            >>> config = AlbertConfig.released("albert-base-v2")
            >>> config.update_from_string("num_hidden_layers=6,hidden_dropout_prob=0.1")
            >>> config.num_hidden_layers, config.hidden_dropout_prob
            (6, 0.1)
        """
        values = {}
        for item in update_str.split(","):
            key, separator, text = item.partition("=")
            if not separator or not hasattr(self, key):
                raise ValueError(f"AlbertConfig: {item!r} sets no key; write KEY=VALUE with a key that it has.")
            values[key] = _read_as(getattr(self, key), key, text)
        self.update(values)

    @property
    def num_labels(self) -> int:
        """Number of classes: the length of ``id2label``. Setting another number renames the classes ``LABEL_0`` ..."""
        return len(self.id2label)

    @num_labels.setter
    def num_labels(self, value: int) -> None:
        check_number_of_labels(value)
        if len(getattr(self, "id2label", ())) != value or not hasattr(self, "id2label"):
            self.id2label = {index: f"LABEL_{index}" for index in range(value)}
            self.label2id = {name: index for index, name in self.id2label.items()}

    @property
    def use_return_dict(self) -> bool:
        """Whether calls return output objects (``True``) or plain tuples."""
        return self.return_dict

    def validate(self) -> None:
        """Checks every known key.

        Raises:
            ValueError: A value is impossible; the message names the key.
            TypeError: A value has the wrong type; the message names the key.
        """
        check(self)

    def layers_of_group(self) -> tuple[int, ...]:
        """How many consecutive steps of the encoder each parameter group serves.

        Returns:
            One count a group; they sum to ``num_hidden_layers``.

        Example:
            >>> from flax_albert import AlbertConfig
            >>> AlbertConfig(num_hidden_layers=5, num_hidden_groups=3).layers_of_group()
            (2, 2, 1)
        """
        counts = [0] * self.num_hidden_groups
        for layer in range(self.num_hidden_layers):
            counts[int(layer / (self.num_hidden_layers / self.num_hidden_groups))] += 1
        return tuple(counts)

    @classmethod
    def released(cls, name: str, **overrides: Any) -> AlbertConfig:
        """The configuration of a released English model, by name.

        Args:
            name: One of :data:`RELEASED_SIZES`: ``albert-{base,large,xlarge,xxlarge}-{v1,v2}``.
            **overrides: Keys to change.

        Raises:
            ValueError: There is no such size; the message lists those there are.
        """
        if name not in RELEASED_SIZES:
            raise ValueError(f"There is no released size {name!r}; there are {', '.join(RELEASED_SIZES)}.")
        return cls(**(RELEASED_SIZES[name] | overrides))

    @classmethod
    def from_dict(cls, values: dict[str, Any], **overrides: Any) -> AlbertConfig:
        """Builds a configuration from the contents of a ``config.json``.

        Raises:
            ValueError: ``model_type`` names another kind of model, or a value is impossible.
        """
        for key in ("self", "cls"):
            if key in values:
                raise ValueError(f"AlbertConfig: {key!r} cannot be a key.")
        model_type = values.get("model_type", cls.model_type)
        if model_type != cls.model_type:
            raise ValueError(f"model_type is {model_type!r}; this library computes {cls.model_type!r} models only.")
        merged = {**values, **overrides}
        if "num_labels" in overrides and "id2label" not in overrides:
            if len(values.get("id2label") or ()) != overrides["num_labels"]:
                merged.pop("id2label", None)
                merged.pop("label2id", None)
        elif "id2label" in overrides:
            if "num_labels" not in overrides:
                merged.pop("num_labels", None)
            if "label2id" not in overrides:
                merged.pop("label2id", None)
        elif "id2label" in values:
            merged.pop("num_labels", None)
        return cls(**merged)

    @classmethod
    def from_json_file(cls, json_file: str | os.PathLike[str], **overrides: Any) -> AlbertConfig:
        """Reads one configuration file.

        One of Google's, known by another name than ``config.json`` and by lacking a ``model_type``, is translated: its
        ``gelu`` means ``gelu_new``.

        Raises:
            OSError: The file is missing, unreadable or not JSON.
            ValueError: It describes another kind of model, or a value is impossible; the message names file and key.
        """
        values = cls._read(Path(json_file))
        try:
            return cls.from_dict(values, **overrides)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{json_file}: {error}") from None

    @staticmethod
    def _read(path: Path) -> dict[str, Any]:
        try:
            if not path.exists():
                raise OSError(f"There is no configuration file {path}.")
            if not path.is_file() or path.stat().st_size > _LARGEST_FILE:
                raise OSError(f"The configuration {path} is not a file, or far too large for one.")
            values = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise OSError(f"The configuration file {path} is not valid JSON: {error}.") from None
        except PermissionError:
            raise OSError(f"The configuration file {path} may not be read; check its permissions.") from None
        if not isinstance(values, dict):
            raise OSError(f"The configuration file {path} must hold a JSON object, not {type(values).__name__}.")
        if path.name == CONFIG_NAME or "model_type" in values:
            return values
        try:
            return google_config.translated(values)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: Source, *, return_unused_kwargs: bool = False, **kwargs: Any
    ) -> Any:
        """Reads the configuration of a model.

        Args:
            pretrained_model_name_or_path: A directory with a ``config.json``, or without one with Google's
                ``albert_config.json``; such a file; a bundled name; or a hub id.
            return_unused_kwargs: Whether to return those of ``kwargs`` that are no keys of the configuration, instead
                of making keys of them.
            **kwargs: Keys to change, and the options of :class:`~flax_albert.hub.HubOptions`: ``revision``,
                ``subfolder``, ``token``, ``cache_dir``, ``force_download``, ``local_files_only``.

        Returns:
            The configuration; with ``return_unused_kwargs=True`` the pair of it and a dictionary.

        Raises:
            OSError: There is no such model, it cannot be had, or its file is unreadable.
            ValueError: The file describes another kind of model, or a value is impossible.

        Example:
            >>> from flax_albert import AlbertConfig
            >>> AlbertConfig.from_pretrained("albert-mini-en", num_labels=3).num_labels
            3
        """
        options, overrides = HubOptions.split(kwargs)
        file, name = cls._find(pretrained_model_name_or_path, options)
        unused: dict[str, Any] = {}
        if return_unused_kwargs:
            keys = cls.from_json_file(file).__dict__.keys() | {"num_labels"}
            unused = {key: overrides.pop(key) for key in list(overrides) if key not in keys}
        config = cls.from_json_file(file, **overrides)
        config.name_or_path = name
        return (config, unused) if return_unused_kwargs else config

    @classmethod
    def get_config_dict(
        cls, pretrained_model_name_or_path: Source, **kwargs: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The contents of a model's ``config.json``, and the keywords that are not about finding it.

        Args:
            pretrained_model_name_or_path: As for :meth:`from_pretrained`.
            **kwargs: The options of :class:`~flax_albert.hub.HubOptions`, and others.

        Returns:
            The contents, and the others.

        Raises:
            OSError: There is no such model, it cannot be had, or its file is unreadable.
        """
        options, others = HubOptions.split(kwargs)
        return cls._read(cls._find(pretrained_model_name_or_path, options)[0]), others

    @staticmethod
    def _find(source: Source, options: HubOptions) -> tuple[Path, str]:
        """The file, here or downloaded, and what the model is called."""
        if not isinstance(source, Folder) and Path(source).is_file():
            return Path(source), str(source)
        folder = open_folder(source, options)
        names = folder.names()
        name = CONFIG_NAME if CONFIG_NAME in names else google_config.find(names) or CONFIG_NAME
        return folder.fetch([name]) / name, folder.name

    def to_dict(self) -> dict[str, Any]:
        """Every key and value, ``model_type`` included."""
        values = copy.deepcopy(self.__dict__)
        values["_name_or_path"] = values.pop("name_or_path")
        values["model_type"] = self.model_type
        return values

    def to_diff_dict(self) -> dict[str, Any]:
        """What a ``config.json`` holds: every key but generic ones and label names left at their defaults."""
        values = self.to_dict()
        for key, default in GENERIC_DEFAULTS.items():
            if values[key] == default:
                del values[key]
        if values["id2label"] == {0: "LABEL_0", 1: "LABEL_1"} and values["label2id"] == {"LABEL_0": 0, "LABEL_1": 1}:
            del values["id2label"], values["label2id"]
        if not values["_name_or_path"]:
            del values["_name_or_path"]
        return values

    def to_json_string(self, use_diff: bool = True) -> str:
        """The text of a ``config.json``, keys sorted."""
        return json.dumps(self.to_diff_dict() if use_diff else self.to_dict(), indent=2, sort_keys=True) + "\n"

    def to_json_file(self, json_file_path: str | os.PathLike[str], use_diff: bool = True) -> None:
        """Writes one file, which appears whole or not at all.

        Raises:
            OSError: It cannot be written.
        """
        path = Path(json_file_path)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            temporary.write_text(self.to_json_string(use_diff), encoding="utf-8")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def save_pretrained(self, save_directory: str | os.PathLike[str], push_to_hub: bool = False, **kwargs: Any) -> None:
        """Writes ``config.json`` into a directory, which is made if need be. The file appears whole or not at all.

        Args:
            save_directory: The directory.
            push_to_hub: Whether to send the file to the hub as well.
            **kwargs: Arguments of :meth:`push_to_hub`; ``repo_id`` is by default the directory's name.

        Raises:
            OSError: The directory cannot be made or written, or the file not be sent.
        """
        directory = Path(save_directory)
        with self._pushing(directory, push_to_hub, kwargs):
            directory.mkdir(parents=True, exist_ok=True)
            self.to_json_file(directory / CONFIG_NAME)

    def _compared(self) -> dict[str, Any]:
        """What makes two configurations equal: everything but the place they were read from."""
        return {key: value for key, value in self.__dict__.items() if key != "name_or_path"}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AlbertConfig) and self._compared() == other._compared()

    def __hash__(self) -> int:
        # By value, as __eq__: modules of equal configuration share their compiled calls.
        settings = tuple(item for item in self._compared().items() if isinstance(item[1], int | float | str))
        return hash((settings, self.num_labels))

    def __repr__(self) -> str:
        return f"AlbertConfig {self.to_json_string()}"


def _read_as(old: object, key: str, text: str) -> bool | float | str:
    """A value out of text, of the kind of the one it takes the place of."""
    if isinstance(old, str):
        return text
    if isinstance(old, bool):
        if text.lower() in ("true", "1", "y", "yes"):
            return True
        if text.lower() in ("false", "0", "n", "no"):
            return False
    elif isinstance(old, int | float):
        for number in (int, float):  # a rate of 0 may become 0.1
            with contextlib.suppress(ValueError):
                return number(text)
    raise ValueError(f"AlbertConfig: {key} is {old!r} and cannot become {text!r}.")
