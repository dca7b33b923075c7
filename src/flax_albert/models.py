"""The documented classes, one a head; all they know is their module and, at times, one more method."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np
from flax import linen as nn
from jaxtyping import Array, Float

from flax_albert.model.encoder import FlaxAlbertModule
from flax_albert.model.heads import (
    FlaxAlbertForMaskedLMModule,
    FlaxAlbertForMultipleChoiceModule,
    FlaxAlbertForPreTrainingModule,
    FlaxAlbertForQuestionAnsweringModule,
    FlaxAlbertForSequenceClassificationModule,
    FlaxAlbertForTokenClassificationModule,
)
from flax_albert.model.inputs import Ids, integers
from flax_albert.pretrained import FlaxAlbertPreTrainedModel, ParameterTree


@final
class FlaxAlbertModel(FlaxAlbertPreTrainedModel):
    """The bare ALBERT: hidden states, and the pooled first token unless ``add_pooling_layer=False``.

    Example:
        >>> from flax_albert import AutoTokenizer, FlaxAlbertModel
        >>> tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
        >>> model = FlaxAlbertModel.from_pretrained("albert-mini-en", add_pooling_layer=False)
        >>> outputs = model(**tokenizer("Hello, my dog is cute", return_tensors="jax"))
        >>> outputs.last_hidden_state.shape[-1] == model.config.hidden_size
        True
    """

    module_class: ClassVar[type[nn.Module]] = FlaxAlbertModule


@final
class FlaxAlbertForPreTraining(FlaxAlbertPreTrainedModel):
    """ALBERT with the two heads of pretraining: masked language modelling and sentence order.

    Example:
        >>> from flax_albert import AlbertConfig, FlaxAlbertForPreTraining
        >>> sizes = dict(hidden_size=32, num_attention_heads=2, intermediate_size=64, num_hidden_layers=2)
        >>> model = FlaxAlbertForPreTraining(AlbertConfig(vocab_size=100, **sizes))
        >>> outputs = model([[2, 7, 9, 3]])
        >>> outputs.prediction_logits.shape, outputs.sop_logits.shape
        ((1, 4, 100), (1, 2))
    """

    module_class: ClassVar[type[nn.Module]] = FlaxAlbertForPreTrainingModule

    def sentence_order_logits(
        self,
        input_ids: Ids,
        attention_mask: Ids | None = None,
        token_type_ids: Ids | None = None,
        position_ids: Ids | None = None,
        params: ParameterTree | None = None,
    ) -> Float[Array, "batch 2"]:
        """Scores of a pair's order alone, which spares the masked-LM head.

        Args:
            input_ids: Vocabulary indices, ``[batch, seq]``.
            attention_mask: As in the call.
            token_type_ids: As in the call; 1 for the second text.
            position_ids: As in the call.
            params: Parameters to use instead of the model's own.

        Returns:
            Scores of "in order" and of "swapped", the call's ``sop_logits``.

        Raises:
            ValueError: As in the call.
        """
        inputs = {
            "input_ids": input_ids,
            "attention_mask": attention_mask,
            "token_type_ids": token_type_ids,
            "position_ids": position_ids,
        }
        no_words = np.zeros((*np.shape(input_ids)[:1], 0), np.int32)
        return self._run(inputs, params, masked_positions=no_words).sop_logits


@final
class FlaxAlbertForMaskedLM(FlaxAlbertPreTrainedModel):
    """ALBERT with the masked-LM head.

    Example:
        >>> from flax_albert import AutoTokenizer, FlaxAlbertForMaskedLM
        >>> tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
        >>> model = FlaxAlbertForMaskedLM.from_pretrained("albert-mini-en")
        >>> inputs = tokenizer("The capital of France is [MASK].", return_tensors="jax")
        >>> outputs = model(**inputs)
        >>> outputs.logits.shape[-1] == model.config.vocab_size
        True
    """

    module_class: ClassVar[type[nn.Module]] = FlaxAlbertForMaskedLMModule

    def masked_logits(
        self,
        input_ids: Ids,
        masked_positions: Ids,
        attention_mask: Ids | None = None,
        token_type_ids: Ids | None = None,
        position_ids: Ids | None = None,
        params: ParameterTree | None = None,
    ) -> Float[Array, "batch masks vocab"]:
        """Scores at chosen positions only, which spares the head's large product everywhere else.

        Args:
            input_ids: Vocabulary indices, ``[batch, seq]``.
            masked_positions: Positions to score, ``[batch, masks]``; pad rows with any position.
            attention_mask: As in the call.
            token_type_ids: As in the call.
            position_ids: As in the call.
            params: Parameters to use instead of the model's own.

        Returns:
            Scores of every vocabulary piece, ``[batch, masks, vocab]``.

        Raises:
            ValueError: As in the call, or a position is outside the sequence.
        """
        positions = integers("masked_positions", masked_positions)
        length = np.shape(input_ids)[-1]  # jax arrays and tracers have one too
        if (
            isinstance(positions, np.ndarray)
            and positions.size
            and not 0 <= positions.min() <= positions.max() < length
        ):
            raise ValueError(f"masked_positions must lie in 0 to {length - 1}, got {positions.tolist()}.")
        inputs = {
            "input_ids": input_ids,
            "attention_mask": attention_mask,
            "token_type_ids": token_type_ids,
            "position_ids": position_ids,
        }
        return self._run(inputs, params, masked_positions=positions.astype(np.int32)).logits


@final
class FlaxAlbertForSequenceClassification(FlaxAlbertPreTrainedModel):
    """ALBERT with a classifier, or with ``num_labels=1`` a regressor, of the whole text.

    Example:
        >>> from flax_albert import AlbertConfig, FlaxAlbertForSequenceClassification
        >>> sizes = dict(hidden_size=32, num_attention_heads=2, intermediate_size=64, num_hidden_layers=2)
        >>> model = FlaxAlbertForSequenceClassification(AlbertConfig(vocab_size=100, num_labels=3, **sizes))
        >>> model([[2, 7, 9, 3]]).logits.shape
        (1, 3)
    """

    module_class: ClassVar[type[nn.Module]] = FlaxAlbertForSequenceClassificationModule


@final
class FlaxAlbertForMultipleChoice(FlaxAlbertPreTrainedModel):
    """ALBERT with one score for each of several choices; inputs are ``[batch, num_choices, seq]``.

    Example:
        >>> from flax_albert import AlbertConfig, FlaxAlbertForMultipleChoice
        >>> sizes = dict(hidden_size=32, num_attention_heads=2, intermediate_size=64, num_hidden_layers=2)
        >>> model = FlaxAlbertForMultipleChoice(AlbertConfig(vocab_size=100, **sizes))
        >>> model([[[2, 7, 9, 3], [2, 8, 9, 3]]]).logits.shape
        (1, 2)
    """

    module_class: ClassVar[type[nn.Module]] = FlaxAlbertForMultipleChoiceModule


@final
class FlaxAlbertForTokenClassification(FlaxAlbertPreTrainedModel):
    """ALBERT with a classifier of every token.

    Example:
        >>> from flax_albert import AlbertConfig, FlaxAlbertForTokenClassification
        >>> sizes = dict(hidden_size=32, num_attention_heads=2, intermediate_size=64, num_hidden_layers=2)
        >>> model = FlaxAlbertForTokenClassification(AlbertConfig(vocab_size=100, num_labels=5, **sizes))
        >>> model([[2, 7, 9, 3]]).logits.shape
        (1, 4, 5)
    """

    module_class: ClassVar[type[nn.Module]] = FlaxAlbertForTokenClassificationModule


@final
class FlaxAlbertForQuestionAnswering(FlaxAlbertPreTrainedModel):
    """ALBERT with start and end scores of an answer in the text.

    Example:
        >>> from flax_albert import AlbertConfig, FlaxAlbertForQuestionAnswering
        >>> sizes = dict(hidden_size=32, num_attention_heads=2, intermediate_size=64, num_hidden_layers=2)
        >>> model = FlaxAlbertForQuestionAnswering(AlbertConfig(vocab_size=100, **sizes))
        >>> outputs = model([[2, 7, 9, 3]])
        >>> outputs.start_logits.shape, outputs.end_logits.shape
        ((1, 4), (1, 4))
    """

    module_class: ClassVar[type[nn.Module]] = FlaxAlbertForQuestionAnsweringModule
