"""The parameters of a linen module: from the table for those of this package, by tracing for a user's own."""

from __future__ import annotations

from typing import Any

import jax
from flax import linen as nn
from flax.traverse_util import flatten_dict

from flax_albert.config import AlbertConfig
from flax_albert.model.compiled import initialised
from flax_albert.model.parameters import Leaf, backbone_rows, expand, under

# What PyTorch calls the leaves of linen's layers.
_TORCH_NAMES = {"kernel": "weight", "embedding": "weight", "scale": "weight"}


def leaves_of(module: nn.Module, config: AlbertConfig, input_shape: tuple[int, ...]) -> list[Leaf]:
    """Describes every parameter of a module.

    Args:
        module: One of this package, or a user's own with the same inputs, such as a head around
            :class:`~flax_albert.model.encoder.FlaxAlbertModule`.
        config: Its configuration.
        input_shape: Shape of the ids to trace a user's own with.

    Returns:
        The parameters; those of a backbone under ``albert`` are the table's.

    Example:
        >>> import jax.numpy as jnp
        >>> from flax import linen as nn
        >>> from flax_albert import AlbertConfig
        >>> from flax_albert.model.leaves import leaves_of
        >>> class Head(nn.Module):
        ...     @nn.compact
        ...     def __call__(self, input_ids, attention_mask, token_type_ids, position_ids):
        ...         return nn.Dense(3, name="head")(jnp.ones((1, 5)))
        >>> [(leaf.torch_name, leaf.shape) for leaf in leaves_of(Head(), AlbertConfig(), (1, 1))]
        [('head.bias', (3,)), ('head.weight', (5, 3))]
    """
    rows = getattr(module, "table_rows", None)
    if rows is not None:
        return expand(rows, config)
    table = {leaf.path: leaf for leaf in expand(under("albert", backbone_rows(add_pooling_layer=True)), config)}
    shapes: Any = jax.eval_shape(lambda: initialised(module, input_shape, jax.random.PRNGKey(0)))
    flat: dict[Any, Any] = flatten_dict(shapes)
    return [table.get(path) or _described(path, tuple(leaf.shape)) for path, leaf in flat.items()]


def _described(path: tuple[str, ...], shape: tuple[int, ...]) -> Leaf:
    """A parameter that the table does not know, by linen's names."""
    *module, name = path
    return Leaf(
        path=path,
        axes=tuple(f"{'/'.join(path)}.{number}" for number in range(len(shape))),
        shape=shape,
        torch_name=".".join([*module, _TORCH_NAMES.get(name, name)]),
        torch_transposed=name == "kernel" and len(shape) == 2,
        tensorflow_name=None,
        tensorflow_transposed=False,
        keras_names=(),
        initializer=None,
        decays=name in ("kernel", "embedding"),
    )
