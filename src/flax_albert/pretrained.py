"""The base of the documented classes: a configuration, a linen module, parameters, and a compiled call."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from flax.core import FrozenDict, freeze, unfreeze
from flax.errors import InvalidRngError
from flax.traverse_util import flatten_dict, unflatten_dict
from jax.typing import DTypeLike
from jaxtyping import Array

from flax_albert.checkpoint.candidates import superseded
from flax_albert.checkpoint.load import load
from flax_albert.checkpoint.save import save
from flax_albert.config import AlbertConfig
from flax_albert.hub import HubOptions, Pushable, Source, open_folder
from flax_albert.model.attention import implementation
from flax_albert.model.casting import cast, computable
from flax_albert.model.compiled import applied, initialised
from flax_albert.model.inputs import Ids, checked_inputs
from flax_albert.model.ops import DropoutKey
from flax_albert.model.parameters import Leaf, expand, nested

ParameterTree = Mapping[str, Any]

_logger = logging.getLogger("flax_albert")


class FlaxAlbertPreTrainedModel(Pushable):
    """Abstract base of the models: building, initialising, calling, loading and saving.

    Calls are compiled once for every shape and set of flags, and the executables are shared by all models of equal
    configuration. Inside a ``jit``, ``grad``, ``vmap`` or ``pmap`` of the caller's a call is traced through;
    ``jax.disable_jit()`` is respected.

    Args:
        config: Sizes and settings.
        input_shape: Shape of the inputs that initialisation runs on; parameters do not depend on it.
        seed: Seed of the initial parameters.
        dtype: Dtype of the computation (``float32``, ``float16``, ``bfloat16``); parameters stay as they are.
        _do_init: ``False`` leaves out the parameters: pass them with every call.
        **kwargs: Settings of the module: ``layer_loop`` (``"auto"``, ``"scan"``, ``"unroll"``),
            ``attn_implementation`` (``"auto"``, ``"xla"``, ``"cudnn"``), ``gradient_checkpointing``, and for
            :class:`~flax_albert.models.FlaxAlbertModel` ``add_pooling_layer``.

    Raises:
        TypeError: ``config`` is no :class:`AlbertConfig`, or a setting is unknown.
        ValueError: The configuration does not fit the class.
    """

    config_class: ClassVar[type[AlbertConfig]] = AlbertConfig
    base_model_prefix: ClassVar[str] = "albert"
    framework: ClassVar[str] = "flax"
    main_input_name: ClassVar[str] = "input_ids"
    module_class: ClassVar[type[nn.Module]]

    def __init__(
        self,
        config: AlbertConfig,
        input_shape: tuple[int, ...] = (1, 1),
        seed: int = 0,
        dtype: DTypeLike = jnp.float32,
        _do_init: bool = True,
        **kwargs: Any,
    ) -> None:
        name = type(self).__name__
        self._check_concrete()
        config = _own(config, name)
        config.validate()
        unknown = kwargs.keys() - _module_settings(self.module_class)
        if unknown:
            raise TypeError(
                f"{name} does not know the setting {sorted(unknown)[0]!r}; it knows "
                f"{', '.join(sorted(_module_settings(self.module_class)))}."
            )
        self.config = config
        self.dtype = computable(dtype)
        if "attn_implementation" in kwargs:
            kwargs["attn_implementation"] = implementation(kwargs["attn_implementation"])
        self._module = self.module_class(config=copy.deepcopy(config), dtype=self.dtype, **kwargs)
        self.seed = seed
        self.key = jax.random.PRNGKey(seed)
        self.input_shape = tuple(input_shape)
        self._params = unfreeze(self.init_weights(self.key, self.input_shape)) if _do_init else None

    @classmethod
    def _from_config(cls, config: AlbertConfig, **kwargs: Any) -> FlaxAlbertPreTrainedModel:
        return cls(config, **kwargs)

    @property
    def module(self) -> nn.Module:
        """The linen module, usable alone with ``init`` and ``apply``."""
        # Its configuration is a copy: as a static argument of compiled calls it must never change under them.
        if self._module.config != self.config:
            self._module = self._module.clone(config=copy.deepcopy(self.config))
        return self._module

    @property
    def _input_rank(self) -> int:
        return getattr(self.module_class, "input_rank", 2)

    @classmethod
    def _check_concrete(cls) -> None:
        if not hasattr(cls, "module_class"):
            raise TypeError(f"{cls.__name__} is abstract; use one of its subclasses.")

    def init_weights(
        self, rng: DropoutKey, input_shape: tuple[int, ...], params: ParameterTree | None = None
    ) -> FrozenDict[str, Any]:
        """Draws initial parameters; the model's own stay as they are.

        Args:
            rng: Random key.
            input_shape: ``(batch, seq)``, or ``(batch, num_choices, seq)`` for multiple choice.
            params: Parameters to complete: what they hold is kept, what they lack is drawn.

        Returns:
            A parameter tree, frozen, as transformers 4.37 gives it; ``flax.core.unfreeze`` makes a dictionary of it.
        """
        # Parameters do not depend on the attention, and this one runs on every platform.
        module = self.module.clone(attn_implementation="xla")
        drawn = initialised(module, self._init_shape(input_shape), jax.random.split(rng)[0])
        return freeze(drawn if params is None else unflatten_dict({**flatten_dict(drawn), **flatten_dict(params)}))

    @classmethod
    def can_generate(cls) -> bool:
        """Whether the model writes text of its own: no ALBERT does."""
        return False

    def enable_gradient_checkpointing(self) -> None:
        """Has the backward pass compute each layer again instead of keeping it: less memory, a third more time.

        Example:
            >>> from flax_albert import FlaxAlbertModel
            >>> model = FlaxAlbertModel.from_pretrained("albert-mini-en")
            >>> model.enable_gradient_checkpointing()
            >>> model.module.gradient_checkpointing
            True
        """
        self._module = self.module.clone(gradient_checkpointing=True)

    def disable_gradient_checkpointing(self) -> None:
        """Has the backward pass keep every layer in memory again."""
        self._module = self.module.clone(gradient_checkpointing=False)

    def _init_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        missing = self._input_rank - len(input_shape)
        return (1,) * missing + tuple(input_shape)

    @property
    def _leaves(self) -> list[Leaf]:
        return expand(self.module.table_rows, self.config)

    @property
    def params_shape_tree(self) -> dict[str, Any]:
        """The parameter tree with a ``jax.ShapeDtypeStruct`` for every array."""
        return nested({leaf.path: jax.ShapeDtypeStruct(leaf.shape, jnp.float32) for leaf in self._leaves})

    @property
    def required_params(self) -> set[tuple[str, ...]]:
        """Paths of every parameter that a call needs."""
        return {leaf.path for leaf in self._leaves}

    @property
    def params(self) -> dict[str, Any]:
        """The parameter tree. Setting it checks that nothing a call needs is missing.

        Raises:
            ValueError: The model was made with ``_do_init=False`` and holds none; on setting, one is missing.
        """
        if self._params is None:
            raise ValueError(
                f"This {type(self).__name__} was made with _do_init=False and holds no parameters; "
                "pass params=... to the call, or make some with init_weights."
            )
        return self._params

    @params.setter
    def params(self, params: ParameterTree) -> None:
        if self._params is None:
            raise ValueError(
                f"This {type(self).__name__} was made with _do_init=False and is to hold no parameters; "
                "keep them outside of it, and pass params=... to the call."
            )
        flat = flatten_dict(params)
        missing = self.required_params - flat.keys()
        if missing:
            names = ", ".join(sorted("/".join(path) for path in missing))
            raise ValueError(f"{type(self).__name__}: the parameters lack {names}.")
        self._params = unflatten_dict(flat)

    def holding(self, params: ParameterTree | None) -> Self:
        """The same model with other parameters.

        Args:
            params: Its parameters; ``None`` makes it one that is to be given them with every call.

        Returns:
            Another model; this one stays as it is.
        """
        other = copy.copy(self)
        other.config, other._params = copy.deepcopy(self.config), None
        if params is not None:
            other._params = {}
            other.params = params
        return other

    def __call__(
        self,
        input_ids: Ids,
        attention_mask: Ids | None = None,
        token_type_ids: Ids | None = None,
        position_ids: Ids | None = None,
        params: ParameterTree | None = None,
        dropout_rng: DropoutKey | None = None,
        train: bool = False,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
        return_dict: bool | None = None,
    ) -> Any:
        """Runs the model.

        Args:
            input_ids: Vocabulary indices, ``[batch, seq]``; for multiple choice ``[batch, num_choices, seq]``, like
                every input here.
            attention_mask: 1 for tokens, 0 for padding; by default all 1.
            token_type_ids: Segment of each token, 0 or 1; by default all 0.
            position_ids: Position of each token; by default 0, 1, 2, ...
            params: Parameters to use instead of the model's own.
            dropout_rng: Random key for dropout; needed with ``train=True`` where a dropout rate is above 0.
            train: Whether dropout applies.
            output_attentions: Whether to return attention probabilities; by default as the configuration says.
            output_hidden_states: Whether to return every step's hidden states; by default as the configuration says.
            return_dict: ``False`` returns a plain tuple; by default as the configuration says.

        Returns:
            The class's documented output, or a tuple of its present fields.

        Raises:
            ValueError: Shapes disagree, a sequence is longer than the model's positions, an index is outside the
                vocabulary, or a needed ``dropout_rng`` is missing.
        """
        output = self._run(
            {
                "input_ids": input_ids,
                "attention_mask": attention_mask,
                "token_type_ids": token_type_ids,
                "position_ids": position_ids,
            },
            params,
            dropout_rng,
            train,
            self.config.output_attentions if output_attentions is None else output_attentions,
            self.config.output_hidden_states if output_hidden_states is None else output_hidden_states,
        )
        return_dict = self.config.return_dict if return_dict is None else return_dict
        return output if return_dict else output.to_tuple()

    def _run(
        self,
        inputs: dict[str, Any],
        params: ParameterTree | None,
        dropout_rng: DropoutKey | None = None,
        train: bool = False,
        output_attentions: bool = False,
        output_hidden_states: bool = False,
        **head_inputs: np.ndarray | Array,
    ) -> Any:
        try:
            return applied(
                self.module,
                self.params if params is None else unfreeze(params) if isinstance(params, FrozenDict) else params,
                {**checked_inputs(type(self).__name__, self.config, self._input_rank, **inputs), **head_inputs},
                dropout_rng,
                train,
                output_attentions,
                output_hidden_states,
            )
        except InvalidRngError:
            raise ValueError(
                f"{type(self).__name__}: train=True and a dropout rate above 0 need dropout_rng=jax.random.key(...)."
            ) from None

    def to_bf16(self, params: ParameterTree, mask: Any = None) -> dict[str, Any]:
        """Casts floating-point parameters to ``bfloat16``; the model's own stay as they are.

        Args:
            params: A parameter tree.
            mask: A tree like it of booleans; only parameters where it is true are cast.

        Returns:
            A new tree.
        """
        return cast(params, jnp.bfloat16, mask)

    def to_fp16(self, params: ParameterTree, mask: Any = None) -> dict[str, Any]:
        """Casts floating-point parameters to ``float16``; see :meth:`to_bf16`."""
        return cast(params, jnp.float16, mask)

    def to_fp32(self, params: ParameterTree, mask: Any = None) -> dict[str, Any]:
        """Casts floating-point parameters to ``float32``; see :meth:`to_bf16`."""
        return cast(params, jnp.float32, mask)

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: Source,
        dtype: DTypeLike = jnp.float32,
        *,
        config: AlbertConfig | str | os.PathLike[str] | None = None,
        from_pt: bool = False,
        ignore_mismatched_sizes: bool = False,
        output_loading_info: bool = False,
        _do_init: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Loads a model.

        Args:
            pretrained_model_name_or_path: A directory, the name of a bundled model, or a hub id. From the hub only
                ``config.json`` and the weights are downloaded, safetensors preferred, all of one commit. Or a file of
                weights, such as ``pytorch_model.bin`` or ``model.ckpt-best.index``, with its configuration beside it.
            dtype: Dtype of the computation; parameters keep the file's.
            config: A configuration, or where to read one, instead of the directory's own.
            from_pt: Read the PyTorch weights even where Flax ones are present.
            ignore_mismatched_sizes: Draw afresh the parameters whose shapes differ, instead of raising.
            output_loading_info: Also return the report of missing, unexpected and mismatched keys.
            _do_init: ``False`` returns ``(model, params)``, the model holding no parameters; those that the file lacks
                are left out, and ``model.init_weights(model.key, model.input_shape, params)`` draws them.
            **kwargs: Keys of the configuration to change, and settings of the class (``seed``, ``input_shape``,
                ``layer_loop``, ``attn_implementation``, ``gradient_checkpointing``, ``add_pooling_layer``); and the
                options of :class:`~flax_albert.hub.HubOptions`, of which a directory needs ``subfolder`` only:
                ``revision``, ``subfolder``, ``token``, ``cache_dir``, ``force_download``, ``local_files_only``.

        Returns:
            The model; ``(model, params)`` with ``_do_init=False``; with ``output_loading_info=True`` a pair of that
            and the :class:`~flax_albert.checkpoint.convert.LoadReport`.

        Raises:
            OSError: There is no such model, it cannot be had, or a file is missing, unreadable or damaged.
            ValueError: The configuration is impossible or for another kind of model, or shapes differ.
            TypeError: A keyword is neither a key of the configuration nor a setting of the class.

        Example:
            >>> from flax_albert import FlaxAlbertForMaskedLM
            >>> model = FlaxAlbertForMaskedLM.from_pretrained("albert-mini-en")
            >>> model.config.model_type
            'albert'
        """
        cls._check_concrete()
        options, kwargs = HubOptions.split(kwargs)
        kwargs.pop("adapter_kwargs", None)  # transformers' auto classes pass it, for PyTorch's models
        settings = {
            name: kwargs.pop(name)
            for name in ("seed", "input_shape", *_module_settings(cls.module_class))
            if name in kwargs
        }
        folder = open_folder(pretrained_model_name_or_path, options, or_weights=True)
        if config is None:
            config = cls.config_class.from_pretrained(folder)
        elif isinstance(config, str | os.PathLike):
            config = cls.config_class.from_pretrained(config, **dataclasses.asdict(options))
        config = _own(config, cls.__name__)
        unknown = [name for name in kwargs if not hasattr(config, name)]
        if unknown:
            raise TypeError(
                f"{cls.__name__}.from_pretrained: {unknown[0]!r} is neither a key of the configuration nor a setting."
            )
        if kwargs:
            config = cls.config_class.from_dict(config.to_dict(), **kwargs)
        config.name_or_path = folder.name
        model = cls(config, dtype=dtype, _do_init=False, **settings)
        # Who keeps the parameters also decides where they go, and what becomes of those that the files lack.
        with contextlib.nullcontext() if _do_init else _host_memory():
            params, report = load(
                folder,
                model._leaves,
                (lambda: model.init_weights(model.key, model.input_shape)) if _do_init else None,
                from_pt=from_pt,
                ignore_mismatched_sizes=ignore_mismatched_sizes,
                model_name=cls.__name__,
            )
        if _do_init:
            model._params = params
        loaded = model if _do_init else (model, params)
        return (loaded, report) if output_loading_info else loaded

    def save_pretrained(
        self,
        save_directory: str | os.PathLike[str],
        params: ParameterTree | None = None,
        push_to_hub: bool = False,
        max_shard_size: int | str = "10GB",
        token: str | bool | None = None,
        safe_serialization: bool = True,
        **kwargs: Any,
    ) -> None:
        """Writes ``config.json`` and the weights.

        An interruption leaves the earlier checkpoint, the new one, or an error on loading; never a mixture of both.

        Args:
            save_directory: The directory, made if need be.
            params: Parameters to write instead of the model's own; with a warning, a part of them is enough.
            push_to_hub: Whether to send the files to the hub as well.
            max_shard_size: Largest size of a weights file, in bytes or as ``"200MB"``; more are written beyond it.
            token: An access token for the hub; by default the stored one or ``HF_TOKEN``.
            safe_serialization: ``True`` writes safetensors in PyTorch's names and layout, which PyTorch's transformers
                load; ``False`` writes ``flax_model.msgpack``, which they load with ``from_flax=True``.
            **kwargs: Further arguments of :meth:`push_to_hub`; ``repo_id`` is by default the directory's name.

        Raises:
            OSError: The directory cannot be made or written, or the files not be sent.
            ValueError: The parameters are not this model's, or not finite.
        """
        params = self.params if params is None else params
        present = flatten_dict(params).keys()
        leaves = [leaf for leaf in self._leaves if leaf.path in present] or self._leaves
        if len(leaves) < len(self._leaves):
            lacking = ", ".join(sorted("/".join(path) for path in self.required_params - present))
            _logger.warning(
                "What is saved in %s lacks parameters of %s: %s.", save_directory, type(self).__name__, lacking
            )
        config = self.config_class.from_dict(self.config.to_dict())
        config.architectures = [type(self).__name__.removeprefix("Flax")]
        with self._pushing(save_directory, push_to_hub, {**kwargs, "token": token}):
            save(
                save_directory,
                params,
                leaves,
                config,
                format="safetensors" if safe_serialization else "msgpack",
                max_shard_size=max_shard_size,
            )

    def _superseded(self, there: Sequence[str], written: Sequence[str]) -> list[str]:
        return superseded(there, written)


def _module_settings(module_class: type[nn.Module]) -> set[str]:
    return set(module_class.__dataclass_fields__) - {"config", "dtype", "parent", "name"}


def _own(config: Any, name: str) -> AlbertConfig:
    """The configuration as this library's: transformers' own object, which has the same keys, is converted."""
    if isinstance(config, AlbertConfig):
        return config
    if getattr(config, "model_type", None) == AlbertConfig.model_type and hasattr(config, "to_dict"):
        return AlbertConfig.from_dict(config.to_dict())
    raise TypeError(f"{name}: config must be an AlbertConfig, not {type(config).__name__}.")


def _host_memory() -> contextlib.AbstractContextManager[Any]:
    """Where arrays go that no device is named for: to the host, if jax was given its CPU."""
    try:
        return jax.default_device(jax.local_devices(backend="cpu")[0])
    except RuntimeError:
        return contextlib.nullcontext()
