"""What a model computes: a configuration, a linen module, parameters, and a compiled call."""

from __future__ import annotations

import copy
from collections.abc import Mapping
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

from flax_albert.config import AlbertConfig
from flax_albert.model.attention import implementation
from flax_albert.model.casting import cast, computable
from flax_albert.model.compiled import applied, initialised
from flax_albert.model.inputs import Ids, checked_inputs
from flax_albert.model.leaves import leaves_of
from flax_albert.model.ops import DropoutKey
from flax_albert.model.parameters import Leaf, nested

ParameterTree = Mapping[str, Any]


class ComputingModel:
    """Abstract: a model as long as no file is involved. :class:`FlaxAlbertPreTrainedModel` documents it."""

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
        config = own_config(config, name)
        config.validate()
        unknown = kwargs.keys() - module_settings(self.module_class)
        if unknown:
            raise TypeError(
                f"{name} does not know the setting {sorted(unknown)[0]!r}; it knows "
                f"{', '.join(sorted(module_settings(self.module_class)))}."
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
    def _from_config(cls, config: AlbertConfig, **kwargs: Any) -> Self:
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
        module = self.module
        if "attn_implementation" in module_settings(self.module_class):
            module = module.clone(attn_implementation="xla")
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
        return leaves_of(self.module, self.config, self._init_shape(self.input_shape))

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


def module_settings(module_class: type[nn.Module]) -> set[str]:
    """Names of what a class lets its user choose about the module."""
    return set(module_class.__dataclass_fields__) - {"config", "dtype", "parent", "name"}


def own_config(config: Any, name: str) -> AlbertConfig:
    """The configuration as this library's: transformers' own object, which has the same keys, is converted."""
    if isinstance(config, AlbertConfig):
        return config
    if getattr(config, "model_type", None) == AlbertConfig.model_type and hasattr(config, "to_dict"):
        return AlbertConfig.from_dict(config.to_dict())
    raise TypeError(f"{name}: config must be an AlbertConfig, not {type(config).__name__}.")
