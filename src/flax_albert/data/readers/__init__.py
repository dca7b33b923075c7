"""Files and data sets of labelled examples -> the classes of :mod:`flax_albert.data.examples`, a file a kind."""

from flax_albert.data.readers.choices import read_choices
from flax_albert.data.readers.questions import read_questions
from flax_albert.data.readers.skipped import Skipped
from flax_albert.data.readers.tagged import read_tagged
from flax_albert.data.readers.texts import read_texts

__all__ = ["Skipped", "read_choices", "read_questions", "read_tagged", "read_texts"]
