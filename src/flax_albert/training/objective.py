"""What is learnt: how a batch becomes a loss."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any

import jax
from flax import linen as nn
from jaxtyping import Array, Float

from flax_albert.model.ops import DropoutKey
from flax_albert.pretrained import ParameterTree

DeviceBatch = Mapping[str, Array]
"""A batch of :class:`~flax_albert.data.batches.Batches` on its way through a compiled function."""
Terms = dict[str, Float[Array, ""]]
"""A number for each term of the loss, by its name."""

_INPUTS = ("input_ids", "attention_mask", "token_type_ids", "position_ids", "masked_positions")


class Objective(abc.ABC):
    """A loss, as sums over examples and what they are divided by.

    The loss of a batch is the sum, over the terms, of ``sums / weights``. They come apart so that a batch can be taken
    in parts, one after the other or on many devices, and still have the loss and the gradient it has as a whole.

    Every method is traced; none looks at values.

    Args:
        module: The linen module: its head, its dtype, its dropout rates, whether it checkpoints gradients.
    """

    def __init__(self, module: nn.Module) -> None:
        self.module = module

    @abc.abstractmethod
    def weights(self, batch: DeviceBatch) -> Terms:
        """What each term's sum is divided by, a count of rows or of positions; at least a tiny positive number."""

    @abc.abstractmethod
    def sums(self, outputs: Any, batch: DeviceBatch) -> Terms:
        """Each term of the loss, summed over the valid examples or positions, in float32.

        Args:
            outputs: What the module gave.
            batch: What it was given.
        """

    def outputs(self, params: ParameterTree, batch: DeviceBatch, dropout_key: DropoutKey | None = None) -> Any:
        """Runs the module; dropout applies where there is a key."""
        arguments: dict[str, Any] = {name: batch[name] for name in _INPUTS if name in batch}
        rngs = None if dropout_key is None else {"dropout": dropout_key}
        return self.module.apply({"params": params}, **arguments, deterministic=dropout_key is None, rngs=rngs)

    def loss(
        self, params: ParameterTree, batch: DeviceBatch, weights: Terms, dropout_key: DropoutKey | None = None
    ) -> tuple[Float[Array, ""], Terms]:
        """The loss of a batch, or of a part of one.

        Args:
            params: Parameters.
            batch: The batch, or a part of it.
            weights: :meth:`weights` of the whole batch.
            dropout_key: Random key; without one, dropout is off.

        Returns:
            The loss, and its terms.
        """
        sums = self.sums(self.outputs(params, batch, dropout_key), batch)
        terms = jax.tree.map(lambda total, weight: total / weight, sums, weights)
        return sum(terms.values(), start=jax.numpy.float32(0)), terms
