"""Learning which of several choices goes best with a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from jaxtyping import Array, Float

from flax_albert.config import AlbertConfig
from flax_albert.data.examples import ChoiceExample, TextExample
from flax_albert.data.readers import read_choices
from flax_albert.models import FlaxAlbertForMultipleChoice
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tasks.scores import softmax
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.evaluator import Evaluation, Evaluator, Sample
from flax_albert.training.finetuning.kind import Encoded, HeldOut, Kind, given, padding
from flax_albert.training.finetuning.rows import Logits, RowEvaluator, RowObjective
from flax_albert.training.finetuning.samples import picked
from flax_albert.training.finetuning.texts import shown, text_rows
from flax_albert.training.metrics import LABEL_METRICS
from flax_albert.training.objective import DeviceBatch, Objective

_NOT_THERE = -1e9


@final
@dataclass(frozen=True)
class Choose(Kind[ChoiceExample]):
    """Learns to choose; questions may have different numbers of choices.

    Example:
        >>> from flax_albert import AutoTokenizer
        >>> from flax_albert.data.examples import ChoiceExample
        >>> from flax_albert.training.finetuning.choose import Choose
        >>> tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
        >>> example = ChoiceExample("She opened the", ("door.", "sea.", "idea."), 0, "line 1")
        >>> Choose().encode([example], tokenizer, None, 16, training=True).rows[0]["input_ids"].shape
        (3, 8)
    """

    name: ClassVar[str] = "choose"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertForMultipleChoice

    def read(self, source: Any, **options: Any) -> list[ChoiceExample]:
        """See :meth:`Kind.read`."""
        return given(source, ChoiceExample) or list(read_choices(source, **options))

    def settings(self, examples: Sequence[ChoiceExample], config: AlbertConfig) -> dict[str, Any]:
        """See :meth:`Kind.settings`."""
        self.check(examples, config)
        return {}

    def check(self, examples: Sequence[ChoiceExample], config: AlbertConfig) -> None:
        """See :meth:`Kind.check`."""
        for example in examples:
            if example.label is None or not 0 <= example.label < len(example.choices):
                raise ValueError(
                    f"{example.where}: the label {example.label!r} is none of 0 to {len(example.choices) - 1}, the "
                    "numbers of its choices."
                )

    def encode(
        self,
        examples: Sequence[ChoiceExample],
        tokenizer: PreTrainedTokenizerBase,
        config: AlbertConfig,
        max_length: int,
        training: bool,
    ) -> Encoded:
        """See :meth:`Kind.encode`."""
        texts = [
            TextExample(example.prompt, choice, None, example.where)
            for example in examples
            for choice in example.choices
        ]
        all_rows, cut = text_rows(texts, tokenizer, max_length)
        ends = np.cumsum([len(example.choices) for example in examples])
        rows, pads = [], padding(tokenizer)
        for example, end in zip(examples, ends, strict=True):
            choices = all_rows[end - len(example.choices) : end]
            length = max(len(choice["input_ids"]) for choice in choices)
            rows.append(
                {name: _stacked([row[name] for row in choices], length, pads.get(name, 0)) for name in choices[0]}
            )
        truncated = len(set(np.searchsorted(ends, cut, side="right").tolist()))
        return Encoded(rows, truncated).labelled(np.int32(example.label or 0) for example in examples)

    def objective(self, module: nn.Module) -> RowObjective:
        """See :meth:`Kind.objective`."""
        return ChoiceEntropy(module)

    def evaluator(
        self, held_out: HeldOut[ChoiceExample], objective: Objective, tokenizer: PreTrainedTokenizerBase
    ) -> Evaluator:
        """See :meth:`Kind.evaluator`."""
        return _Choices(held_out, ChoiceEntropy(objective.module), "accuracy")


def _stacked(arrays: Sequence[np.ndarray], length: int, pad: float) -> np.ndarray:
    stacked = np.full((len(arrays), length), pad, arrays[0].dtype)
    for row, array in zip(stacked, arrays, strict=True):
        row[: len(array)] = array
    return stacked


@final
class ChoiceEntropy(RowObjective):
    """Cross-entropy of the right choice among those that a question has."""

    def losses(self, logits: Float[Array, "rows choices"], batch: DeviceBatch) -> Float[Array, " rows"]:
        """See :meth:`RowObjective.losses`."""
        there = batch["attention_mask"].any(-1)  # a choice that only fills up is all padding
        logits = jnp.where(there, logits, _NOT_THERE)
        return optax.softmax_cross_entropy_with_integer_labels(logits, batch["labels"])


@final
class _Choices(RowEvaluator[ChoiceExample]):
    """Measures choices."""

    def measured(self, logits: Logits) -> Evaluation:
        """See :meth:`RowEvaluator.measured`."""
        examples, true = self.held_out.examples, self.labels
        for scores, example in zip(logits, examples, strict=True):
            scores[len(example.choices) :] = _NOT_THERE
        predicted = logits.argmax(-1)

        def sample(number: int) -> Sample:
            example, expected, got = examples[number], true[number], predicted[number]
            text = shown(TextExample(example.prompt, None, None, ""))
            return Sample(text, example.choices[expected], example.choices[got], bool(expected == got))

        chance = np.mean([1 / len(example.choices) for example in examples])
        return Evaluation(
            {"accuracy": LABEL_METRICS["accuracy"](true, predicted)},
            {"accuracy": float(chance)},
            samples=picked(true == predicted, softmax(logits).max(-1), sample),
        )
