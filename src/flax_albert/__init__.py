"""ALBERT on JAX: the FlaxAlbert classes of transformers 4.37, with everything around them.

Names are imported on first use, so that ``import flax_albert`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from flax_albert.auto.config import CONFIG_MAPPING as CONFIG_MAPPING
    from flax_albert.auto.config import AutoConfig as AutoConfig
    from flax_albert.auto.models import FLAX_MODEL_FOR_MASKED_LM_MAPPING as FLAX_MODEL_FOR_MASKED_LM_MAPPING
    from flax_albert.auto.models import FLAX_MODEL_FOR_MULTIPLE_CHOICE_MAPPING as FLAX_MODEL_FOR_MULTIPLE_CHOICE_MAPPING
    from flax_albert.auto.models import FLAX_MODEL_FOR_PRETRAINING_MAPPING as FLAX_MODEL_FOR_PRETRAINING_MAPPING
    from flax_albert.auto.models import (
        FLAX_MODEL_FOR_QUESTION_ANSWERING_MAPPING as FLAX_MODEL_FOR_QUESTION_ANSWERING_MAPPING,
    )
    from flax_albert.auto.models import (
        FLAX_MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING as FLAX_MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
    )
    from flax_albert.auto.models import (
        FLAX_MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING as FLAX_MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING,
    )
    from flax_albert.auto.models import FLAX_MODEL_MAPPING as FLAX_MODEL_MAPPING
    from flax_albert.auto.models import FlaxAutoModel as FlaxAutoModel
    from flax_albert.auto.models import FlaxAutoModelForMaskedLM as FlaxAutoModelForMaskedLM
    from flax_albert.auto.models import FlaxAutoModelForMultipleChoice as FlaxAutoModelForMultipleChoice
    from flax_albert.auto.models import FlaxAutoModelForPreTraining as FlaxAutoModelForPreTraining
    from flax_albert.auto.models import FlaxAutoModelForQuestionAnswering as FlaxAutoModelForQuestionAnswering
    from flax_albert.auto.models import FlaxAutoModelForSequenceClassification as FlaxAutoModelForSequenceClassification
    from flax_albert.auto.models import FlaxAutoModelForTokenClassification as FlaxAutoModelForTokenClassification
    from flax_albert.auto.tokenizer import AutoTokenizer as AutoTokenizer
    from flax_albert.config import AlbertConfig as AlbertConfig
    from flax_albert.model.outputs import FlaxAlbertForPreTrainingOutput as FlaxAlbertForPreTrainingOutput
    from flax_albert.model.outputs import FlaxBaseModelOutputWithPooling as FlaxBaseModelOutputWithPooling
    from flax_albert.model.outputs import FlaxMaskedLMOutput as FlaxMaskedLMOutput
    from flax_albert.model.outputs import FlaxMultipleChoiceModelOutput as FlaxMultipleChoiceModelOutput
    from flax_albert.model.outputs import FlaxQuestionAnsweringModelOutput as FlaxQuestionAnsweringModelOutput
    from flax_albert.model.outputs import FlaxSequenceClassifierOutput as FlaxSequenceClassifierOutput
    from flax_albert.model.outputs import FlaxTokenClassifierOutput as FlaxTokenClassifierOutput
    from flax_albert.models import FlaxAlbertForMaskedLM as FlaxAlbertForMaskedLM
    from flax_albert.models import FlaxAlbertForMultipleChoice as FlaxAlbertForMultipleChoice
    from flax_albert.models import FlaxAlbertForPreTraining as FlaxAlbertForPreTraining
    from flax_albert.models import FlaxAlbertForQuestionAnswering as FlaxAlbertForQuestionAnswering
    from flax_albert.models import FlaxAlbertForSequenceClassification as FlaxAlbertForSequenceClassification
    from flax_albert.models import FlaxAlbertForTokenClassification as FlaxAlbertForTokenClassification
    from flax_albert.models import FlaxAlbertModel as FlaxAlbertModel
    from flax_albert.pictures import AttentionMaps as AttentionMaps
    from flax_albert.pictures import attention_figure as attention_figure
    from flax_albert.pictures import attention_maps as attention_maps
    from flax_albert.pictures import save_attention as save_attention
    from flax_albert.pretrained import FlaxAlbertPreTrainedModel as FlaxAlbertPreTrainedModel
    from flax_albert.tokenization import AlbertTokenizer as AlbertTokenizer
    from flax_albert.tokenization import AlbertTokenizerFast as AlbertTokenizerFast
    from flax_albert.tokenization import BatchEncoding as BatchEncoding
    from flax_albert.tokenization import BertTokenizer as BertTokenizer
    from flax_albert.tokenization import BertTokenizerFast as BertTokenizerFast
    from flax_albert.tokenization import PreTrainedTokenizerBase as PreTrainedTokenizerBase

_PUBLIC = {
    "config": ("AlbertConfig",),
    "pretrained": ("FlaxAlbertPreTrainedModel",),
    "models": (
        "FlaxAlbertModel",
        "FlaxAlbertForPreTraining",
        "FlaxAlbertForMaskedLM",
        "FlaxAlbertForSequenceClassification",
        "FlaxAlbertForMultipleChoice",
        "FlaxAlbertForTokenClassification",
        "FlaxAlbertForQuestionAnswering",
    ),
    "model.outputs": (
        "FlaxBaseModelOutputWithPooling",
        "FlaxAlbertForPreTrainingOutput",
        "FlaxMaskedLMOutput",
        "FlaxSequenceClassifierOutput",
        "FlaxMultipleChoiceModelOutput",
        "FlaxTokenClassifierOutput",
        "FlaxQuestionAnsweringModelOutput",
    ),
    "tokenization": (
        "AlbertTokenizer",
        "AlbertTokenizerFast",
        "BatchEncoding",
        "BertTokenizer",
        "BertTokenizerFast",
        "PreTrainedTokenizerBase",
    ),
    "pictures": ("AttentionMaps", "attention_figure", "attention_maps", "save_attention"),
    "auto.tokenizer": ("AutoTokenizer",),
    "auto.config": ("AutoConfig", "CONFIG_MAPPING"),
    "auto.models": (
        "FlaxAutoModel",
        "FlaxAutoModelForPreTraining",
        "FlaxAutoModelForMaskedLM",
        "FlaxAutoModelForSequenceClassification",
        "FlaxAutoModelForMultipleChoice",
        "FlaxAutoModelForTokenClassification",
        "FlaxAutoModelForQuestionAnswering",
        "FLAX_MODEL_MAPPING",
        "FLAX_MODEL_FOR_PRETRAINING_MAPPING",
        "FLAX_MODEL_FOR_MASKED_LM_MAPPING",
        "FLAX_MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
        "FLAX_MODEL_FOR_MULTIPLE_CHOICE_MAPPING",
        "FLAX_MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING",
        "FLAX_MODEL_FOR_QUESTION_ANSWERING_MAPPING",
    ),
    "tasks.pipelines": ("pipeline",),
}
_HOME = {name: room for room, names in _PUBLIC.items() for name in names}

__all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> Any:
    if name == "nnx":  # flax_albert.nnx.to_nnx, without an import of its own
        return importlib.import_module("flax_albert.nnx")
    if name not in _HOME:
        raise AttributeError(f"module 'flax_albert' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"flax_albert.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
