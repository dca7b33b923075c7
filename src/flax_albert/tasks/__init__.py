"""Text in, answers out."""

from flax_albert.tasks.base import Task
from flax_albert.tasks.errors import InputError, InputTypeError
from flax_albert.tasks.fill_mask import Candidate, FillMask
from flax_albert.tasks.pipelines import pipeline
from flax_albert.tasks.targets import whole_words
from flax_albert.tasks.text_classification import Classified, TextClassification

__all__ = [
    "Candidate",
    "Classified",
    "FillMask",
    "InputError",
    "InputTypeError",
    "Task",
    "TextClassification",
    "pipeline",
    "whole_words",
]
