"""Text in, answers out."""

from flax_albert.tasks.base import Task
from flax_albert.tasks.errors import InputError, InputTypeError
from flax_albert.tasks.fill_mask import Candidate, FillMask, FillMaskOptions
from flax_albert.tasks.pipelines import pipeline
from flax_albert.tasks.sentence_embedding import SentenceEmbedding, SentenceEmbeddingOptions
from flax_albert.tasks.targets import whole_words
from flax_albert.tasks.text_classification import Classified, TextClassification, TextClassificationOptions

__all__ = [
    "Candidate",
    "Classified",
    "FillMask",
    "FillMaskOptions",
    "InputError",
    "InputTypeError",
    "SentenceEmbedding",
    "SentenceEmbeddingOptions",
    "Task",
    "TextClassification",
    "TextClassificationOptions",
    "pipeline",
    "whole_words",
]
