"""Where a model comes from and goes to: loading, saving and sending to the hub."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from flax.traverse_util import flatten_dict
from jax.typing import DTypeLike

from flax_albert.checkpoint.candidates import superseded
from flax_albert.checkpoint.load import load
from flax_albert.checkpoint.save import save
from flax_albert.config import AlbertConfig
from flax_albert.hub import HubOptions, Pushable, Source, open_folder
from flax_albert.pretrained.computing import ComputingModel, ParameterTree, module_settings, own_config

_logger = logging.getLogger("flax_albert")


class FlaxAlbertPreTrainedModel(ComputingModel, Pushable):
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
            for name in ("seed", "input_shape", *module_settings(cls.module_class))
            if name in kwargs
        }
        folder = open_folder(pretrained_model_name_or_path, options, or_weights=True)
        if config is None:
            config = cls.config_class.from_pretrained(folder)
        elif isinstance(config, str | os.PathLike):
            config = cls.config_class.from_pretrained(config, **dataclasses.asdict(options))
        config = own_config(config, cls.__name__)
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


def _host_memory() -> contextlib.AbstractContextManager[Any]:
    """Where arrays go that no device is named for: to the host, if jax was given its CPU."""
    try:
        return jax.default_device(jax.local_devices(backend="cpu")[0])
    except RuntimeError:
        return contextlib.nullcontext()
