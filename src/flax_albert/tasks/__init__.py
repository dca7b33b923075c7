"""Text in, answers out."""

from flax_albert.tasks.base import Task
from flax_albert.tasks.entity_entries import EntityGroup, TaggedToken
from flax_albert.tasks.errors import InputError, InputTypeError
from flax_albert.tasks.fill_mask import Candidate, FillMask, FillMaskOptions
from flax_albert.tasks.html import Answer, AnswerList
from flax_albert.tasks.pipelines import pipeline
from flax_albert.tasks.question_answering import QuestionAnswering, QuestionAnsweringOptions
from flax_albert.tasks.sentence_embedding import SentenceEmbedding, SentenceEmbeddingOptions
from flax_albert.tasks.tagging_options import TokenClassificationOptions
from flax_albert.tasks.targets import whole_words
from flax_albert.tasks.text_classification import Classified, TextClassification, TextClassificationOptions
from flax_albert.tasks.token_classification import TokenClassification

__all__ = [
    "Answer",
    "AnswerList",
    "Candidate",
    "Classified",
    "EntityGroup",
    "FillMask",
    "FillMaskOptions",
    "InputError",
    "InputTypeError",
    "QuestionAnswering",
    "QuestionAnsweringOptions",
    "SentenceEmbedding",
    "SentenceEmbeddingOptions",
    "TaggedToken",
    "Task",
    "TextClassification",
    "TextClassificationOptions",
    "TokenClassification",
    "TokenClassificationOptions",
    "pipeline",
    "whole_words",
]
