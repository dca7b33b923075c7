"""The heads: one small final linen class each, around one shared backbone call."""

from __future__ import annotations

import abc
from typing import Any, ClassVar, NamedTuple, final

import jax.numpy as jnp
from flax import linen as nn
from jax.typing import DTypeLike
from jaxtyping import Array, Float, Int

from flax_albert.config import AlbertConfig
from flax_albert.model import ops
from flax_albert.model import outputs as out
from flax_albert.model import parameters as table
from flax_albert.model.encoder import FlaxAlbertModule, LayerLoop, Parameters, declare, initializers_of


class HeadInputs(NamedTuple):
    """What a head computes from.

    Attributes:
        hidden: Hidden states of the last layer.
        pooled: The pooler's output; ``None`` where the head has no use for one.
        batch_shape: Leading axes of the caller's inputs.
        deterministic: Whether dropout is off.
        masked_positions: Positions to predict words at; ``None`` means all.
    """

    hidden: Float[Array, "batch seq hidden"]
    pooled: Any
    batch_shape: tuple[int, ...]
    deterministic: bool
    masked_positions: Int[Array, "batch masks"] | None


class AlbertHeadModule(nn.Module):
    """Abstract base of the heads: the backbone under ``albert``, then the head's own parameters and mathematics.

    Attributes:
        config: Sizes and settings.
        dtype: Dtype of the computation; parameters are declared in float32.
        layer_loop: As in :class:`~flax_albert.model.encoder.FlaxAlbertModule`, like those that follow.
        attn_implementation: Which attention computes.
        gradient_checkpointing: Whether the backward pass computes each layer again.
    """

    config: AlbertConfig
    dtype: DTypeLike = jnp.float32
    layer_loop: LayerLoop = "auto"
    attn_implementation: str = "auto"
    gradient_checkpointing: bool = False

    needs_pooler: ClassVar[bool]
    predicts_words: ClassVar[bool] = False
    input_rank: ClassVar[int] = 2

    def setup(self) -> None:
        """Declares the backbone and the head's own parameters."""
        self.albert = FlaxAlbertModule(
            self.config,
            dtype=self.dtype,
            add_pooling_layer=self.needs_pooler,
            layer_loop=self.layer_loop,
            attn_implementation=self.attn_implementation,
            gradient_checkpointing=self.gradient_checkpointing,
        )
        self.own = declare(self, initializers_of(self.rows(self.config), self.config))

    @property
    def table_rows(self) -> tuple[table.Row, ...]:
        """The rows of the parameter table that this module declares."""
        return table.under("albert", table.backbone_rows(self.needs_pooler)) + self.rows(self.config)

    @staticmethod
    @abc.abstractmethod
    def rows(config: AlbertConfig) -> tuple[table.Row, ...]:
        """The head's rows of the parameter table."""

    @abc.abstractmethod
    def head(self, inputs: HeadInputs) -> out.ModelOutput:
        """The head's output, without the backbone's hidden states and attentions."""

    def __call__(
        self,
        input_ids: Int[Array, "*batch seq"],
        attention_mask: Int[Array, "*batch seq"] | None = None,
        token_type_ids: Int[Array, "*batch seq"] | None = None,
        position_ids: Int[Array, "*batch seq"] | None = None,
        deterministic: bool = True,
        output_attentions: bool = False,
        output_hidden_states: bool = False,
        return_dict: bool = True,
        masked_positions: Int[Array, "batch masks"] | None = None,
    ) -> out.ModelOutput | tuple[Any, ...]:
        """Backbone, then head. Missing inputs mean: no padding, one segment, positions from 0.

        With ``masked_positions`` a masked-LM head is evaluated at those positions only.
        """
        if input_ids.ndim != self.input_rank:
            axes = "[batch, seq]" if self.input_rank == 2 else "[batch, num_choices, seq]"
            raise ValueError(f"{type(self).__name__}: input_ids must be {axes}, got shape {input_ids.shape}.")
        if masked_positions is not None and not self.predicts_words:
            raise ValueError(f"{type(self).__name__} predicts no words, so it takes no masked_positions.")
        flat: list[Any] = [
            None if ids is None else ids.reshape(-1, ids.shape[-1])
            for ids in (input_ids, attention_mask, token_type_ids, position_ids)
        ]
        backbone: Any = self.albert(
            *flat,
            deterministic=deterministic,
            output_attentions=output_attentions,
            output_hidden_states=output_hidden_states,
        )
        inputs = HeadInputs(
            backbone.last_hidden_state, backbone.pooler_output, input_ids.shape[:-1], deterministic, masked_positions
        )
        output = self.head(inputs).replace(hidden_states=backbone.hidden_states, attentions=backbone.attentions)
        return output if return_dict else output.to_tuple()

    def dropped_out(self, x: Float[Array, "*shape"], rate: float, deterministic: bool) -> Float[Array, "*shape"]:
        """Applies the head's dropout."""
        return x if deterministic or rate == 0 else ops.dropout(x, rate, self.make_rng("dropout"))

    def classified(self, x: Float[Array, "*batch inputs"], layer: Parameters) -> Float[Array, "*batch outputs"]:
        """A dense layer of the head."""
        return ops.dense(x, layer["kernel"], layer["bias"], dtype=self.dtype)

    @property
    def classifier_dropout(self) -> float:
        """``classifier_dropout_prob``, and where it is ``None`` ``hidden_dropout_prob``."""
        rate = self.config.classifier_dropout_prob
        return self.config.hidden_dropout_prob if rate is None else rate

    def prediction_logits(
        self, hidden: Float[Array, "batch seq hidden"], masked_positions: Int[Array, "batch masks"] | None
    ) -> Float[Array, "batch positions vocab"]:
        """The masked-LM head, at every position or only at the masked ones: its product with V columns is costly."""
        head, config = self.own["predictions"], self.config
        if masked_positions is not None:
            hidden = jnp.take_along_axis(hidden, masked_positions[..., None], axis=1)
        hidden = ops.ACTIVATIONS[config.hidden_act](self.classified(hidden, head["dense"]))
        hidden = ops.layer_norm(hidden, **head["LayerNorm"], epsilon=config.layer_norm_eps, dtype=self.dtype)
        if config.tie_word_embeddings:
            words = self.albert.variables["params"]["embeddings"]["word_embeddings"]["embedding"]
            scores = jnp.einsum("bse,ve->bsv", hidden, words.astype(self.dtype))
        else:
            scores = jnp.dot(hidden, head["decoder"]["kernel"].astype(self.dtype))
        return scores + head["bias"].astype(self.dtype)


@final
class FlaxAlbertForPreTrainingModule(AlbertHeadModule):
    """Masked-LM and sentence-order heads (ALBERT paper, sections 3.1 and 4.6)."""

    needs_pooler: ClassVar[bool] = True
    predicts_words: ClassVar[bool] = True

    @staticmethod
    def rows(config: AlbertConfig) -> tuple[table.Row, ...]:
        """Masked-LM head and sentence-order classifier."""
        return table.under("predictions", table.prediction_rows(config)) + table.under(
            "sop_classifier", table.SENTENCE_ORDER
        )

    def head(self, inputs: HeadInputs) -> out.FlaxAlbertForPreTrainingOutput:
        """Both heads' scores."""
        pooled = self.dropped_out(inputs.pooled, self.classifier_dropout, inputs.deterministic)
        return out.FlaxAlbertForPreTrainingOutput(
            prediction_logits=self.prediction_logits(inputs.hidden, inputs.masked_positions),
            sop_logits=self.classified(pooled, self.own["sop_classifier"]["classifier"]),
        )


@final
class FlaxAlbertForMaskedLMModule(AlbertHeadModule):
    """Masked-LM head."""

    needs_pooler: ClassVar[bool] = False
    predicts_words: ClassVar[bool] = True

    @staticmethod
    def rows(config: AlbertConfig) -> tuple[table.Row, ...]:
        """Masked-LM head."""
        return table.under("predictions", table.prediction_rows(config))

    def head(self, inputs: HeadInputs) -> out.FlaxMaskedLMOutput:
        """Scores of every piece."""
        return out.FlaxMaskedLMOutput(
            logits=self.prediction_logits(inputs.hidden, inputs.masked_positions),
        )


@final
class FlaxAlbertForSequenceClassificationModule(AlbertHeadModule):
    """A classifier, or a regressor where there is one label, on the pooled output."""

    needs_pooler: ClassVar[bool] = True

    @staticmethod
    def rows(config: AlbertConfig) -> tuple[table.Row, ...]:
        """Classifier."""
        return table.SEQUENCE_CLASSIFIER

    def head(self, inputs: HeadInputs) -> out.FlaxSequenceClassifierOutput:
        """Scores of the classes."""
        pooled = self.dropped_out(inputs.pooled, self.classifier_dropout, inputs.deterministic)
        return out.FlaxSequenceClassifierOutput(
            logits=self.classified(pooled, self.own["classifier"]),
        )


@final
class FlaxAlbertForMultipleChoiceModule(AlbertHeadModule):
    """One score a choice; inputs are ``[batch, num_choices, seq]``."""

    needs_pooler: ClassVar[bool] = True
    input_rank: ClassVar[int] = 3

    @staticmethod
    def rows(config: AlbertConfig) -> tuple[table.Row, ...]:
        """Classifier with one output."""
        return table.CHOICE_CLASSIFIER

    def head(self, inputs: HeadInputs) -> out.FlaxMultipleChoiceModelOutput:
        """Scores of the choices. The dropout rate is ``hidden_dropout_prob``, as in transformers' Flax class."""
        pooled = self.dropped_out(inputs.pooled, self.config.hidden_dropout_prob, inputs.deterministic)
        return out.FlaxMultipleChoiceModelOutput(
            logits=self.classified(pooled, self.own["classifier"]).reshape(inputs.batch_shape),
        )


@final
class FlaxAlbertForTokenClassificationModule(AlbertHeadModule):
    """A classifier on every token."""

    needs_pooler: ClassVar[bool] = False

    @staticmethod
    def rows(config: AlbertConfig) -> tuple[table.Row, ...]:
        """Classifier."""
        return table.TOKEN_CLASSIFIER

    def head(self, inputs: HeadInputs) -> out.FlaxTokenClassifierOutput:
        """Scores of the classes of every token."""
        hidden = self.dropped_out(inputs.hidden, self.classifier_dropout, inputs.deterministic)
        return out.FlaxTokenClassifierOutput(
            logits=self.classified(hidden, self.own["classifier"]),
        )


@final
class FlaxAlbertForQuestionAnsweringModule(AlbertHeadModule):
    """Scores of every position as start and as end of the answer; no dropout."""

    needs_pooler: ClassVar[bool] = False

    @staticmethod
    def rows(config: AlbertConfig) -> tuple[table.Row, ...]:
        """Span scorer with two outputs."""
        if config.num_labels != 2:
            raise ValueError(f"Question answering needs num_labels=2 (start and end), got {config.num_labels}.")
        return table.SPAN

    def head(self, inputs: HeadInputs) -> out.FlaxQuestionAnsweringModelOutput:
        """Start and end scores."""
        logits = self.classified(inputs.hidden, self.own["qa_outputs"])
        return out.FlaxQuestionAnsweringModelOutput(
            start_logits=logits[..., 0],
            end_logits=logits[..., 1],
        )
