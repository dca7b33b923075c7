"""Feature extraction: the last hidden state of every token of a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from jaxtyping import Array, Float

from flax_albert.models import FlaxAlbertModel
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tasks.base import Task
from flax_albert.tasks.engine import Arrays, Encoded
from flax_albert.tasks.errors import UnfitError
from flax_albert.tasks.examples import one_text
from flax_albert.tasks.options import at_least_one
from flax_albert.tasks.scores import finite

_TOKENIZE = ("truncation", "max_length")


@dataclass(frozen=True)
class FeatureExtractionOptions:
    """Options of :class:`FeatureExtraction`."""

    return_tensors: bool = False
    """Whether a text's features are an array and not nested lists."""
    truncation: bool | str | None = None
    """Whether a text is shortened to what the model takes; otherwise a longer text is at fault."""
    tokenize_kwargs: Mapping[str, Any] | None = None
    """``truncation`` and ``max_length``, the most tokens, which is by default the model's positions."""

    def __post_init__(self) -> None:
        given = self.tokenize_kwargs or {}
        if unknown := [name for name in given if name not in _TOKENIZE]:
            raise ValueError(f"tokenize_kwargs takes {' and '.join(_TOKENIZE)}, got {unknown[0]!r}.")
        if self.truncation is not None and "truncation" in given:
            raise ValueError("truncation is given twice, by itself and in tokenize_kwargs; give it once.")
        at_least_one("max_length", given.get("max_length"))


@final
class FeatureExtraction(Task[FeatureExtractionOptions, Encoded]):
    """Computes the features of texts. Results are those of the feature-extraction pipeline of transformers.

    Args:
        model: A bare model, with or without pooler.
        tokenizer: Its tokenizer.
        batch_size: As in :class:`~flax_albert.tasks.base.Task`, like the arguments after it.
        **options: Those of :class:`FeatureExtractionOptions`.

    Example:
        >>> from flax_albert.tasks import FeatureExtraction
        >>> extract = FeatureExtraction.from_pretrained("albert-mini-en", return_tensors=True)
        >>> extract("The dog barked.").shape
        (1, 7, 256)
    """

    task: ClassVar[str] = "feature-extraction"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertModel
    options_class: ClassVar[type] = FeatureExtractionOptions
    default_model: ClassVar[str | None] = "albert-mini-en"
    model_settings: ClassVar[Mapping[str, Any]] = {"add_pooling_layer": False}
    most_batches: ClassVar[int] = 2

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """Computes the features of one text or several.

        Args:
            inputs: A text, a list of texts, or another iterable.
            **options: Options for this call.

        Returns:
            For a text its features, ``[1][tokens][hidden]``: nested lists of numbers, or with ``return_tensors=True``
            an array in float32. For a list a list of these, for another iterable an iterator.

        Raises:
            InputError: A text is not a ``str``, is empty, or is too long, and ``on_error`` is ``"raise"``.
            TypeError: An option is unknown.
            ValueError: An option is out of its range.
        """
        return super().__call__(inputs, **options)

    def _is_input(self, value: Any) -> bool:
        return isinstance(value, str)

    def _encode(self, inputs: list[Any], options: FeatureExtractionOptions) -> list[Encoded | UnfitError]:
        limits: dict[str, Any] = {"truncation": options.truncation or False, **(options.tokenize_kwargs or {})}
        rows = self._rows([one_text(value) for value in inputs], limits["truncation"], limits.get("max_length"))
        return [row if isinstance(row, UnfitError) else Encoded([row]) for row in rows]

    def _compute(self, arrays: Arrays, options: FeatureExtractionOptions) -> Float[Array, "rows seq hidden"]:
        return self._outputs(arrays).last_hidden_state.astype(np.float32)

    def _result(
        self, ready: Encoded, outputs: list[Float[np.ndarray, "seq hidden"]], options: FeatureExtractionOptions
    ) -> Any:
        features = finite(outputs[0][None, : len(ready.rows[0].ids)], "numbers")
        # Of the batch that it lies in, an array keeps no more than its own part in memory.
        return features.copy() if options.return_tensors else features.tolist()
