"""Text classification: the labels of a text, or of a pair of texts, and how sure the model is of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypedDict, final

import numpy as np
from jaxtyping import Float

from flax_albert.models import FlaxAlbertForSequenceClassification
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tasks.base import Task
from flax_albert.tasks.engine import Encoded
from flax_albert.tasks.errors import UnfitError
from flax_albert.tasks.examples import Example, one_text, text_pair
from flax_albert.tasks.options import at_least_one
from flax_albert.tasks.scores import finite, softmax
from flax_albert.tasks.streams import mapped
from flax_albert.tokenization import PreTrainedTokenizerBase

_FUNCTIONS = ("sigmoid", "softmax", "none")


class Classified(TypedDict):
    """One label of a text, with the keys that transformers gives it."""

    label: str
    score: float
    """What ``function_to_apply`` makes of the model's logit: a probability, or the logit itself."""


@dataclass(frozen=True)
class TextClassificationOptions:
    """Options of :class:`TextClassification`."""

    top_k: int | None = 1
    """How many labels a text gets, best first; None for all."""
    function_to_apply: str | None = None
    """What makes scores of logits; by default as the configuration says: ``"none"`` for a regression, ``"sigmoid"``
    for several labels at once or for a single one, ``"softmax"`` otherwise. Capital letters will do."""
    return_all_scores: bool | None = None
    """The older name of ``top_k``: True gives all labels, in the configuration's order."""
    truncation: bool | str = False
    """Whether, and which of a pair, is shortened to what the model takes; otherwise a longer text is at fault."""
    max_length: int | None = None
    """Most tokens; by default the model's positions."""
    padding: bool | str = False
    """Taken for the sake of programs that give it; the engine pads as it sees fit, and that changes nothing."""

    def __post_init__(self) -> None:
        at_least_one("top_k", self.top_k)
        at_least_one("max_length", self.max_length)
        if self.function_to_apply is not None and str(self.function_to_apply).lower() not in _FUNCTIONS:
            raise ValueError(
                f"function_to_apply must be one of {', '.join(_FUNCTIONS)}, got {self.function_to_apply!r}."
            )


@final
class TextClassification(Task[TextClassificationOptions, Encoded]):
    """Labels texts. Results are those of the text-classification pipeline of transformers.

    Args:
        model: A model with a trained classifier, or with ``num_labels=1`` a regressor.
        tokenizer: Its tokenizer.
        batch_size: As in :class:`~flax_albert.tasks.base.Task`, like the arguments after it.
        **options: Those of :class:`TextClassificationOptions`.

    Example:
        >>> from flax_albert import AutoTokenizer, FlaxAlbertForSequenceClassification
        >>> from flax_albert.tasks import TextClassification
        >>> model = FlaxAlbertForSequenceClassification.from_pretrained("albert-mini-en", num_labels=3)
        >>> classify = TextClassification(model, AutoTokenizer.from_pretrained("albert-mini-en"))
        >>> sorted(answer["label"] for answer in classify("A fine film.", top_k=None))
        ['LABEL_0', 'LABEL_1', 'LABEL_2']
    """

    task: ClassVar[str] = "text-classification"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertForSequenceClassification
    options_class: ClassVar[type] = TextClassificationOptions

    def __init__(self, model: Any, tokenizer: PreTrainedTokenizerBase, *arguments: Any, **options: Any) -> None:
        super().__init__(model, tokenizer, *arguments, **options)
        self._top_k_given = "top_k" in options

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """Labels one text or several.

        Args:
            inputs: A text; a pair, as a dictionary with ``text`` and ``text_pair``; a list of either; or another
                iterable.
            **options: Options for this call; also ``text_pair``, the text beside a text.

        Returns:
            As in transformers: without ``top_k`` the best label of each input, and for a text alone a list of just
            that. With ``top_k`` a list of labels for each input, best first; where ``top_k`` was given to the task and
            not to the call, that of a text alone is in a list once more.

        Raises:
            InputError: An input is neither text nor pair, empty, or too long, and ``on_error`` is ``"raise"``.
            TypeError: An option is unknown.
            ValueError: An option is out of its range.
        """
        if isinstance(inputs, str) and options.get("text_pair") is not None:
            inputs = {"text": inputs, "text_pair": options.pop("text_pair")}
            return [self(inputs, **options)]
        if isinstance(inputs, list) and len(inputs) == 1 and isinstance(inputs[0], list) and len(inputs[0]) == 2:
            inputs = {"text": inputs[0][0], "text_pair": inputs[0][1]}  # how transformers once wrote a pair
        answers = super().__call__(inputs, **options)
        merged = self._merged(options, self.options)
        if not (self._top_k_given or "top_k" in options or merged.return_all_scores):
            if self._is_input(inputs):
                answers = _best(answers)
            else:
                answers = [_best(answer) for answer in answers] if isinstance(answers, list) else mapped(_best, answers)
        return [answers] if isinstance(inputs, str) and "top_k" not in options else answers

    def _is_input(self, value: Any) -> bool:
        return isinstance(value, str | Mapping)

    def _encode(self, inputs: list[Any], options: TextClassificationOptions) -> list[Encoded | UnfitError]:
        examples = [_example(value) for value in inputs]
        rows = self._rows(examples, options.truncation, options.max_length)
        return [row if isinstance(row, UnfitError) else Encoded([row]) for row in rows]

    def _result(
        self, ready: Encoded, outputs: list[Float[np.ndarray, " labels"]], options: TextClassificationOptions
    ) -> list[Classified]:
        scores = self._scores(finite(outputs[0]), options)
        labels = self.model.config.id2label
        if options.return_all_scores:
            chosen = range(len(scores))
        else:
            chosen = np.argsort(-scores, kind="stable")[: options.top_k].tolist()
        return [{"label": labels[number], "score": float(scores[number])} for number in chosen]

    def _scores(
        self, logits: Float[np.ndarray, " labels"], options: TextClassificationOptions
    ) -> Float[np.ndarray, " labels"]:
        config = self.model.config
        function = options.function_to_apply and options.function_to_apply.lower()
        if function is None and config.problem_type == "regression":
            function = "none"
        elif function is None:
            several = config.problem_type == "multi_label_classification" or config.num_labels == 1
            function = "sigmoid" if several else "softmax"
        if function == "sigmoid":
            return 1 / (1 + np.exp(-logits))
        return softmax(logits) if function == "softmax" else logits


def _example(value: Any) -> Example | UnfitError:
    if isinstance(value, str):
        return one_text(value)
    if isinstance(value, Mapping):
        return text_pair(value)
    return UnfitError(
        f'must be a str, or a dictionary with "text" and "text_pair", not {type(value).__name__}.', kind=TypeError
    )


def _best(answer: Any) -> Any:
    return answer if isinstance(answer, Exception) else answer[0]
