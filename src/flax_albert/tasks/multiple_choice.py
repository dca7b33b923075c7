"""Multiple choice: which of several choices goes best with a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypedDict, final

import numpy as np
from jaxtyping import Array, Float

from flax_albert.models import FlaxAlbertForMultipleChoice
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tasks.base import Task
from flax_albert.tasks.choice_questions import Question, question
from flax_albert.tasks.engine import Arrays, Encoded, Row
from flax_albert.tasks.errors import UnfitError
from flax_albert.tasks.options import at_least_one
from flax_albert.tasks.scores import finite, softmax


class Chosen(TypedDict):
    """The answer to a question."""

    choice: int
    """Number of the best choice, counted from 0."""
    answer: str
    """Its text."""
    score: float
    """Its probability among the question's choices."""
    scores: list[float]
    """The probabilities of all of them, in their order."""


@dataclass(frozen=True)
class MultipleChoiceOptions:
    """Options of :class:`MultipleChoice`."""

    truncation: bool | str = False
    """Whether a prompt and a choice that are too long together are shortened: ``"only_first"`` cuts the prompt,
    ``True`` whichever is longer. Otherwise they are at fault."""
    max_length: int | None = None
    """Most tokens of a prompt with a choice; by default the model's positions."""

    def __post_init__(self) -> None:
        at_least_one("max_length", self.max_length)


@dataclass
class _Asked(Encoded):
    """A question, a row for each of its choices."""

    choices: list[str]


@final
class MultipleChoice(Task[MultipleChoiceOptions, _Asked]):
    """Chooses among choices, any number a question.

    Every choice is a sequence of its own, the prompt first and the choice second, so that questions with few choices
    and with many run together and nothing is padded for it.

    Args:
        model: A model that was trained to choose.
        tokenizer: Its tokenizer.
        batch_size: As in :class:`~flax_albert.tasks.base.Task`, like the arguments after it; it counts choices.
        **options: Those of :class:`MultipleChoiceOptions`.

    Example:
        >>> from flax_albert import AutoTokenizer, FlaxAlbertForMultipleChoice
        >>> from flax_albert.tasks import MultipleChoice
        >>> model = FlaxAlbertForMultipleChoice.from_pretrained("albert-mini-en")
        >>> choose = MultipleChoice(model, AutoTokenizer.from_pretrained("albert-mini-en"))
        >>> answer = choose({"prompt": "She opened the", "choices": ["door.", "sea.", "idea."]})
        >>> answer["answer"] in ("door.", "sea.", "idea."), len(answer["scores"])
        (True, 3)
    """

    task: ClassVar[str] = "multiple-choice"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertForMultipleChoice
    options_class: ClassVar[type] = MultipleChoiceOptions

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """Answers one question or several.

        Args:
            inputs: A question, a list of them, or another iterable. A question is a dictionary in one of these forms;
                what else it holds, such as an ``id`` or a ``label``, is passed over.

                - ``prompt`` and ``choices``, a list of texts: each choice follows the prompt.
                - ``sent1``, ``sent2``, ``ending0``, ``ending1``, ... as in SWAG: the first text is ``sent1``, the
                  second ``sent2`` and an ending with a space between.
                - ``article`` (or ``context``), ``question`` and ``options`` (or ``choices``) as in RACE: the first text
                  is the article, the second the question and an option with a space between; where the question has a
                  ``_``, the option stands in its place.
            **options: Options for this call.

        Returns:
            For one question a :class:`Chosen`; for a list a list, for another iterable an iterator.

        Raises:
            InputError: An input is no question, has no choices, or is too long, and ``on_error`` is ``"raise"``.
            TypeError: An option is unknown.
            ValueError: An option is out of its range.
        """
        return super().__call__(inputs, **options)

    def _is_input(self, value: Any) -> bool:
        return isinstance(value, str | Mapping)

    def _encode(self, inputs: list[Any], options: MultipleChoiceOptions) -> list[_Asked | UnfitError]:
        questions = [question(value) for value in inputs]
        examples = [example for one in questions if isinstance(one, Question) for example in one.examples]
        rows = iter(self._rows([*examples], options.truncation, options.max_length))
        return [
            one if isinstance(one, UnfitError) else _asked(one, [next(rows) for _ in one.examples]) for one in questions
        ]

    def _compute(self, arrays: Arrays, options: MultipleChoiceOptions) -> Float[Array, "rows 1"]:
        alone = Arrays(*(array[:, None] for array in arrays))  # each row is the only choice of a question of its own
        return self._outputs(alone).logits.astype(np.float32)

    def _result(self, ready: _Asked, outputs: list[Float[np.ndarray, " 1"]], options: MultipleChoiceOptions) -> Chosen:
        scores = softmax(finite(np.concatenate(outputs)))
        best = int(scores.argmax())
        return {
            "choice": best,
            "answer": ready.choices[best],
            "score": float(scores[best]),
            "scores": scores.tolist(),
        }


def _asked(one: Question, rows: list[Row | UnfitError]) -> _Asked | UnfitError:
    fault = next((row for row in rows if isinstance(row, UnfitError)), None)
    return fault or _Asked([row for row in rows if isinstance(row, Row)], one.choices)
