"""Text in, answers out."""

from flax_albert.tasks.base import Task
from flax_albert.tasks.errors import InputError, InputTypeError
from flax_albert.tasks.feature_extraction import FeatureExtraction, FeatureExtractionOptions
from flax_albert.tasks.fill_mask import Candidate, FillMask, FillMaskOptions
from flax_albert.tasks.html import Answer, AnswerList
from flax_albert.tasks.multiple_choice import Chosen, MultipleChoice, MultipleChoiceOptions
from flax_albert.tasks.pipelines import pipeline
from flax_albert.tasks.question_answering import QuestionAnswering, QuestionAnsweringOptions
from flax_albert.tasks.sentence_embedding import SentenceEmbedding, SentenceEmbeddingOptions
from flax_albert.tasks.sentence_order import Ordered, SentenceOrder, SentenceOrderOptions
from flax_albert.tasks.tagging.entity_entries import EntityGroup, TaggedToken
from flax_albert.tasks.tagging.tagging_options import TokenClassificationOptions
from flax_albert.tasks.targets import whole_words
from flax_albert.tasks.text_classification import Classified, TextClassification, TextClassificationOptions
from flax_albert.tasks.token_classification import TokenClassification

__all__ = [
    "Answer",
    "AnswerList",
    "Candidate",
    "Chosen",
    "Classified",
    "EntityGroup",
    "FeatureExtraction",
    "FeatureExtractionOptions",
    "FillMask",
    "FillMaskOptions",
    "InputError",
    "InputTypeError",
    "MultipleChoice",
    "MultipleChoiceOptions",
    "Ordered",
    "QuestionAnswering",
    "QuestionAnsweringOptions",
    "SentenceEmbedding",
    "SentenceEmbeddingOptions",
    "SentenceOrder",
    "SentenceOrderOptions",
    "TaggedToken",
    "Task",
    "TextClassification",
    "TextClassificationOptions",
    "TokenClassification",
    "TokenClassificationOptions",
    "pipeline",
    "whole_words",
]
