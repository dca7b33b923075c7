"""What the models return, and the only place where an output becomes a plain tuple."""

from __future__ import annotations

import dataclasses
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any, TypeVar, dataclass_transform

import jax
from jaxtyping import Array, Float

Output = TypeVar("Output", bound="ModelOutput")
HiddenStates = tuple[Float[Array, "*batch seq hidden"], ...] | None
Attentions = tuple[Float[Array, "*batch heads seq seq"], ...] | None


@dataclass_transform(frozen_default=True)
def _output(cls: type[Output]) -> type[Output]:
    """A frozen dataclass that is also a pytree, every field of it data."""
    cls = dataclasses.dataclass(frozen=True, repr=False, eq=False)(cls)
    names = [field.name for field in dataclasses.fields(cls)]
    return jax.tree_util.register_dataclass(cls, data_fields=names, meta_fields=[])


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class ModelOutput(Mapping[str, Any]):
    """Abstract base of the outputs: read by attribute, by key or by index; what was not asked for is absent.

    Iterating, ``keys()`` and ``len()`` see only the fields that are present. Being pytrees, outputs pass through
    ``jax.jit``, ``jax.vmap`` and ``jax.tree.map``.

    Example:
        >>> import jax.numpy as jnp
        >>> from flax_albert.model.outputs import FlaxMaskedLMOutput
        >>> output = FlaxMaskedLMOutput(logits=jnp.zeros((1, 2, 3)))
        >>> output.logits is output["logits"] is output[0]
        True
        >>> list(output), output.attentions
        (['logits'], None)
    """

    def _present(self) -> dict[str, Any]:
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    def __getitem__(self, key: str | int | slice) -> Any:
        return self._present()[key] if isinstance(key, str) else self.to_tuple()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._present())

    def __len__(self) -> int:
        return len(self._present())

    def keys(self) -> KeysView[str]:
        """Names of the fields that are present."""
        return self._present().keys()

    def values(self) -> ValuesView[Any]:
        """Values of the fields that are present."""
        return self._present().values()

    def items(self) -> ItemsView[str, Any]:
        """Names and values of the fields that are present."""
        return self._present().items()

    def to_tuple(self) -> tuple[Any, ...]:
        """The present fields in order, as ``return_dict=False`` gives them."""
        return tuple(self._present().values())

    def replace(self: Output, **changes: Any) -> Output:
        """A copy with some fields changed."""
        return dataclasses.replace(self, **changes)

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self._present().items())
        return f"{type(self).__name__}({fields})"


@_output
class FlaxBaseModelOutputWithPooling(ModelOutput):
    """Output of ``FlaxAlbertModel``.

    Attributes:
        last_hidden_state: Hidden states of the last layer, ``[batch, seq, hidden]``.
        pooler_output: tanh of a dense layer on the first token, ``[batch, hidden]``; absent with
            ``add_pooling_layer=False``.
        hidden_states: The encoder's input and the output of each step, with ``output_hidden_states=True``:
            ``num_hidden_layers + 1`` arrays ``[batch, seq, hidden]``.
        attentions: Attention probabilities of each layer, with ``output_attentions=True``:
            ``num_hidden_layers * inner_group_num`` arrays ``[batch, heads, seq, seq]``.
    """

    last_hidden_state: Float[Array, "*batch seq hidden"]
    pooler_output: Float[Array, "*batch hidden"] | None = None
    hidden_states: HiddenStates = None
    attentions: Attentions = None


@_output
class FlaxAlbertForPreTrainingOutput(ModelOutput):
    """Output of ``FlaxAlbertForPreTraining``.

    Attributes:
        prediction_logits: Scores of every vocabulary piece at every position, ``[batch, seq, vocab]``.
        sop_logits: Scores of "in original order" (0) and "swapped" (1), ``[batch, 2]``.
        hidden_states: With ``output_hidden_states=True``, ``num_hidden_layers + 1`` arrays ``[batch, seq, hidden]``.
        attentions: With ``output_attentions=True``, ``num_hidden_layers * inner_group_num`` arrays
            ``[batch, heads, seq, seq]``.
    """

    prediction_logits: Float[Array, "*batch seq vocab"]
    sop_logits: Float[Array, "*batch 2"]
    hidden_states: HiddenStates = None
    attentions: Attentions = None


@_output
class FlaxMaskedLMOutput(ModelOutput):
    """Output of ``FlaxAlbertForMaskedLM``.

    Attributes:
        logits: Scores of every vocabulary piece at every position, ``[batch, seq, vocab]``.
        hidden_states: With ``output_hidden_states=True``, ``num_hidden_layers + 1`` arrays ``[batch, seq, hidden]``.
        attentions: With ``output_attentions=True``, ``num_hidden_layers * inner_group_num`` arrays
            ``[batch, heads, seq, seq]``.
    """

    logits: Float[Array, "*batch seq vocab"]
    hidden_states: HiddenStates = None
    attentions: Attentions = None


@_output
class FlaxSequenceClassifierOutput(ModelOutput):
    """Output of ``FlaxAlbertForSequenceClassification``.

    Attributes:
        logits: Scores of the classes, or the value where there is one label, ``[batch, labels]``.
        hidden_states: With ``output_hidden_states=True``, ``num_hidden_layers + 1`` arrays ``[batch, seq, hidden]``.
        attentions: With ``output_attentions=True``, ``num_hidden_layers * inner_group_num`` arrays
            ``[batch, heads, seq, seq]``.
    """

    logits: Float[Array, "*batch labels"]
    hidden_states: HiddenStates = None
    attentions: Attentions = None


@_output
class FlaxMultipleChoiceModelOutput(ModelOutput):
    """Output of ``FlaxAlbertForMultipleChoice``.

    Attributes:
        logits: Scores of the choices, ``[batch, choices]``.
        hidden_states: With ``output_hidden_states=True``, ``num_hidden_layers + 1`` arrays
            ``[batch * choices, seq, hidden]``.
        attentions: With ``output_attentions=True``, ``num_hidden_layers * inner_group_num`` arrays
            ``[batch * choices, heads, seq, seq]``.
    """

    logits: Float[Array, "*batch choices"]
    hidden_states: HiddenStates = None
    attentions: Attentions = None


@_output
class FlaxTokenClassifierOutput(ModelOutput):
    """Output of ``FlaxAlbertForTokenClassification``.

    Attributes:
        logits: Scores of the classes of every token, ``[batch, seq, labels]``.
        hidden_states: With ``output_hidden_states=True``, ``num_hidden_layers + 1`` arrays ``[batch, seq, hidden]``.
        attentions: With ``output_attentions=True``, ``num_hidden_layers * inner_group_num`` arrays
            ``[batch, heads, seq, seq]``.
    """

    logits: Float[Array, "*batch seq labels"]
    hidden_states: HiddenStates = None
    attentions: Attentions = None


@_output
class FlaxQuestionAnsweringModelOutput(ModelOutput):
    """Output of ``FlaxAlbertForQuestionAnswering``.

    Attributes:
        start_logits: Scores of each position as the first of the answer, ``[batch, seq]``.
        end_logits: Scores of each position as the last of the answer, ``[batch, seq]``.
        hidden_states: With ``output_hidden_states=True``, ``num_hidden_layers + 1`` arrays ``[batch, seq, hidden]``.
        attentions: With ``output_attentions=True``, ``num_hidden_layers * inner_group_num`` arrays
            ``[batch, heads, seq, seq]``.
    """

    start_logits: Float[Array, "*batch seq"]
    end_logits: Float[Array, "*batch seq"]
    hidden_states: HiddenStates = None
    attentions: Attentions = None
