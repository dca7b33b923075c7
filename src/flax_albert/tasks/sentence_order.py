"""Sentence order: whether a text is the true continuation of another, or the two were swapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypedDict, final

import numpy as np
from jaxtyping import Array, Float

from flax_albert.models import FlaxAlbertForPreTraining
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tasks.base import Task
from flax_albert.tasks.engine import Arrays, Encoded
from flax_albert.tasks.errors import UnfitError
from flax_albert.tasks.examples import text_pair
from flax_albert.tasks.options import at_least_one
from flax_albert.tasks.scores import finite, softmax


class Ordered(TypedDict):
    """What the model says of a pair."""

    label: Literal["in_order", "swapped"]
    """Which of the two is likelier."""
    score: float
    """Probability of the label."""
    in_order: float
    """Probability that the order is right, whatever the label is."""


@dataclass(frozen=True)
class SentenceOrderOptions:
    """Options of :class:`SentenceOrder`."""

    truncation: bool | str = False
    """Whether a pair that is too long is shortened: ``True`` cuts whichever text is longer, ``"only_first"`` and
    ``"only_second"`` one of them. Otherwise it is at fault."""
    max_length: int | None = None
    """Most tokens of a pair; by default the model's positions."""

    def __post_init__(self) -> None:
        at_least_one("max_length", self.max_length)


@final
class SentenceOrder(Task[SentenceOrderOptions, Encoded]):
    """Says whether the second text of a pair continues the first: ALBERT's own second task of pretraining.

    The masked-LM head that such a model has besides is not computed.

    Args:
        model: A model with both heads of pretraining.
        tokenizer: Its tokenizer.
        batch_size: As in :class:`~flax_albert.tasks.base.Task`, like the arguments after it.
        **options: Those of :class:`SentenceOrderOptions`.

    Example:
        >>> from flax_albert import AutoTokenizer, FlaxAlbertForPreTraining
        >>> from flax_albert.tasks import SentenceOrder
        >>> model = FlaxAlbertForPreTraining.from_pretrained("albert-mini-en")
        >>> order = SentenceOrder(model, AutoTokenizer.from_pretrained("albert-mini-en"))
        >>> answer = order({"text": "She opened the door.", "text_pair": "Then she went in."})
        >>> answer["label"] in ("in_order", "swapped"), 0 <= answer["in_order"] <= 1
        (True, True)
    """

    task: ClassVar[str] = "sentence-order"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertForPreTraining
    options_class: ClassVar[type] = SentenceOrderOptions

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """Says it of one pair or several.

        Args:
            inputs: A pair, as a dictionary with ``text`` and ``text_pair``; a list of them; or another iterable.
            **options: Options for this call.

        Returns:
            For one pair an :class:`Ordered`; for a list a list, for another iterable an iterator.

        Raises:
            InputError: An input is no pair, one of its texts is empty, or it is too long, and ``on_error`` is
                ``"raise"``.
            TypeError: An option is unknown.
            ValueError: An option is out of its range.
        """
        return super().__call__(inputs, **options)

    def _is_input(self, value: Any) -> bool:
        return isinstance(value, str | Mapping)

    def _encode(self, inputs: list[Any], options: SentenceOrderOptions) -> list[Encoded | UnfitError]:
        examples = [text_pair(value, needed=True) for value in inputs]
        rows = self._rows(examples, options.truncation, options.max_length)
        return [row if isinstance(row, UnfitError) else Encoded([row]) for row in rows]

    def _compute(self, arrays: Arrays, options: SentenceOrderOptions) -> Float[Array, "rows 2"]:
        logits = self.model.sentence_order_logits(
            arrays.input_ids, attention_mask=arrays.attention_mask, token_type_ids=arrays.token_type_ids
        )
        return logits.astype(np.float32)

    def _result(self, ready: Encoded, outputs: list[Float[np.ndarray, " 2"]], options: SentenceOrderOptions) -> Ordered:
        right, wrong = softmax(finite(outputs[0])).tolist()
        return {
            "label": "in_order" if right >= wrong else "swapped",
            "score": max(right, wrong),
            "in_order": right,
        }
