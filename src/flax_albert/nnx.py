"""The models as modules of flax's NNX interface, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import jax
from flax import nnx

from flax_albert.model.inputs import Ids
from flax_albert.pretrained import FlaxAlbertPreTrainedModel


@final
class AlbertNNX(nnx.Module):
    """A model whose parameters are ``nnx.Param``; :func:`to_nnx` makes it.

    Attributes:
        params: The parameter tree, with an ``nnx.Param`` for every array.
        rngs: Where the keys for dropout come from; ``None`` where there is no dropout.
        deterministic: Whether dropout is off; ``train()`` and ``eval()`` of every NNX module set it.
    """

    def __init__(self, model: FlaxAlbertPreTrainedModel, rngs: nnx.Rngs | None) -> None:
        self._model = nnx.static(model.holding(None))
        self.params = nnx.data(jax.tree.map(nnx.Param, model.params))
        self.rngs = rngs
        self.deterministic = True

    def __call__(
        self,
        input_ids: Ids,
        attention_mask: Ids | None = None,
        token_type_ids: Ids | None = None,
        position_ids: Ids | None = None,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
    ) -> Any:
        """Runs the model.

        Args:
            input_ids: As in the call of the documented class, like those that follow.
            attention_mask: 1 for tokens, 0 for padding.
            token_type_ids: Segments.
            position_ids: Positions.
            output_attentions: Whether to return attention probabilities.
            output_hidden_states: Whether to return every step's hidden states.

        Returns:
            The documented output.

        Raises:
            ValueError: An input is wrong, or the module is in training mode, has a dropout rate above 0 and no
                ``rngs``.
        """
        return self._model(
            input_ids,
            attention_mask,
            token_type_ids,
            position_ids,
            params=to_params(self),
            dropout_rng=None if self.deterministic or self.rngs is None else self.rngs.dropout(),
            train=not self.deterministic,
            output_attentions=output_attentions,
            output_hidden_states=output_hidden_states,
            return_dict=True,
        )


def to_nnx(model: FlaxAlbertPreTrainedModel, rngs: nnx.Rngs | None = None) -> AlbertNNX:
    """A model as an NNX module: ``nnx.jit``, ``nnx.value_and_grad``, ``nnx.Optimizer`` and the rest work on it.

    Its parameters are the model's own arrays until they are updated; the model keeps what it has.

    Args:
        model: A model that holds parameters.
        rngs: Source of the keys for dropout, with a stream ``dropout`` or a default one; needed in training mode where
            a dropout rate is above 0.

    Returns:
        The module, in evaluation mode; ``train()`` switches dropout on.

    Raises:
        ValueError: The model was made with ``_do_init=False``.

    Example:
        >>> import jax.numpy as jnp
        >>> import optax
        >>> from flax import nnx
        >>> from flax_albert import AlbertConfig, FlaxAlbertForSequenceClassification
        >>> from flax_albert.nnx import from_nnx, to_nnx
        >>> sizes = dict(hidden_size=32, num_attention_heads=2, intermediate_size=64, num_hidden_layers=2)
        >>> module = to_nnx(FlaxAlbertForSequenceClassification(AlbertConfig(vocab_size=100, **sizes)), nnx.Rngs(0))
        >>> module.train()
        >>> optimizer = nnx.Optimizer(module, optax.sgd(0.1), wrt=nnx.Param)
        >>> @nnx.jit
        ... def step(module, optimizer, ids, label):
        ...     def loss(module):
        ...         return optax.softmax_cross_entropy_with_integer_labels(module(ids).logits, label).mean()
        ...
        ...     value, gradient = nnx.value_and_grad(loss)(module)
        ...     optimizer.update(module, gradient)
        ...     return value
        >>> ids, label = jnp.array([[2, 7, 9, 3]]), jnp.array([1])
        >>> first, *_, last = [float(step(module, optimizer, ids, label)) for _ in range(10)]
        >>> last < first
        True
        >>> model = from_nnx(module)  # the documented class again, with what was learnt
    """
    return AlbertNNX(model, rngs)


def to_params(module: AlbertNNX) -> dict[str, Any]:
    """The parameter tree of a module, as ``model.params`` has it.

    Args:
        module: What :func:`to_nnx` made.

    Returns:
        A nested dictionary of arrays.
    """
    return jax.tree.map(lambda param: param[...], module.params, is_leaf=lambda node: not isinstance(node, Mapping))


def from_nnx(module: AlbertNNX) -> FlaxAlbertPreTrainedModel:
    """The documented model of a module, holding its parameters as they are now.

    Args:
        module: What :func:`to_nnx` made.

    Returns:
        A model of the class that the module was made from.
    """
    return module._model.holding(to_params(module))
