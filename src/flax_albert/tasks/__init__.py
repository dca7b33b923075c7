"""Text in, answers out."""

from flax_albert.tasks.errors import TextError
from flax_albert.tasks.fill_mask import Candidate, FillMask
from flax_albert.tasks.targets import whole_words

__all__ = ["Candidate", "FillMask", "TextError", "whole_words"]
