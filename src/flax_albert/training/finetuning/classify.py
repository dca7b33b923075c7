"""Learning to label texts, or pairs of texts, with one label each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, final

import numpy as np
import optax
from flax import linen as nn
from jaxtyping import Array, Float

from flax_albert.config import AlbertConfig
from flax_albert.data.examples import TextExample
from flax_albert.data.readers import read_texts
from flax_albert.models import FlaxAlbertForSequenceClassification
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tasks.scores import softmax
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.evaluator import Confusion, Evaluation, Evaluator, Sample
from flax_albert.training.finetuning.kind import Encoded, HeldOut, Kind, given
from flax_albert.training.finetuning.labels import check_labels, class_names, label_of, label_settings, ordered
from flax_albert.training.finetuning.rows import Logits, RowEvaluator, RowObjective
from flax_albert.training.finetuning.samples import picked
from flax_albert.training.finetuning.texts import encode_texts, shown
from flax_albert.training.metrics import LABEL_METRICS, chosen, majority
from flax_albert.training.objective import DeviceBatch, Objective

_OF_TWO_LABELS = ("f1", "accuracy_and_f1")


@final
@dataclass(frozen=True)
class Classify(Kind[TextExample]):
    """Learns one label a text.

    Attributes:
        metrics: What is measured, of ``flax_albert.training.metrics.LABEL_METRICS``; the first is decisive.
        labels: All labels, in order; by default those of the examples, by value or by the alphabet.

    Raises:
        ValueError: There is no such metric.

    Example:
        >>> from flax_albert import AlbertConfig
        >>> from flax_albert.data.examples import TextExample
        >>> from flax_albert.training.finetuning.classify import Classify
        >>> examples = [TextExample("Fine.", None, "good", "line 1"), TextExample("Dull.", None, "bad", "line 2")]
        >>> Classify().settings(examples, AlbertConfig())["id2label"]
        {0: 'bad', 1: 'good'}
    """

    name: ClassVar[str] = "classify"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertForSequenceClassification

    metrics: tuple[str, ...] = ("accuracy", "f1_macro", "matthews")
    labels: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        chosen(self.metrics, LABEL_METRICS)

    def read(self, source: Any, **options: Any) -> list[TextExample]:
        """See :meth:`Kind.read`."""
        return given(source, TextExample) or list(read_texts(source, "class", **options))

    def knowing(self, source: Any, **options: Any) -> Classify:
        """See :meth:`Kind.knowing`."""
        return replace(self, labels=self.labels or class_names(source, options))

    def settings(self, examples: Sequence[TextExample], config: AlbertConfig) -> dict[str, Any]:
        """See :meth:`Kind.settings`."""
        names = self.labels or ordered(label_of(example) for example in examples)
        if len(names) < 2:
            raise ValueError(f"Every example has the label {names[0]!r}: there is nothing to tell apart.")
        for metric in self.metrics:
            if metric in _OF_TWO_LABELS and len(names) != 2:
                raise ValueError(f"The metric {metric!r} is for two labels, and there are {len(names)}.")
        settings = label_settings(names, config, "single_label_classification")
        check_labels((((label_of(example),), example.where) for example in examples), settings["label2id"])
        return settings

    def check(self, examples: Sequence[TextExample], config: AlbertConfig) -> None:
        """See :meth:`Kind.check`."""
        check_labels((((label_of(example),), example.where) for example in examples), config.label2id)

    def encode(
        self,
        examples: Sequence[TextExample],
        tokenizer: PreTrainedTokenizerBase,
        config: AlbertConfig,
        max_length: int,
        training: bool,
    ) -> Encoded:
        """See :meth:`Kind.encode`."""
        labels = (np.int32(config.label2id[label_of(example)]) for example in examples)
        return encode_texts(examples, tokenizer, max_length).labelled(labels)

    def objective(self, module: nn.Module) -> RowObjective:
        """See :meth:`Kind.objective`."""
        return CrossEntropy(module)

    def evaluator(
        self, held_out: HeldOut[TextExample], objective: Objective, tokenizer: PreTrainedTokenizerBase
    ) -> Evaluator:
        """See :meth:`Kind.evaluator`."""
        return _Labels(held_out, CrossEntropy(objective.module), self.metrics)


@final
class CrossEntropy(RowObjective):
    """Cross-entropy of the right label."""

    def losses(self, logits: Float[Array, "rows labels"], batch: DeviceBatch) -> Float[Array, " rows"]:
        """See :meth:`RowObjective.losses`."""
        return optax.softmax_cross_entropy_with_integer_labels(logits, batch["labels"])


@final
class _Labels(RowEvaluator[TextExample]):
    """Measures the likeliest labels."""

    def __init__(self, held_out: HeldOut[TextExample], objective: RowObjective, metrics: Sequence[str]) -> None:
        super().__init__(held_out, objective, metrics[0])
        self._metrics = chosen(metrics, LABEL_METRICS)
        id2label = objective.module.config.id2label
        self._names = [id2label[index] for index in range(len(id2label))]

    def measured(self, logits: Logits) -> Evaluation:
        """See :meth:`RowEvaluator.measured`."""
        true, predicted, guess = self.labels, logits.argmax(-1), majority(self.labels)
        counts = np.zeros((len(self._names),) * 2, np.int64)
        np.add.at(counts, (true, predicted), 1)

        def sample(number: int) -> Sample:
            text, expected, got = shown(self.held_out.examples[number]), true[number], predicted[number]
            return Sample(text, self._names[expected], self._names[got], bool(expected == got))

        return Evaluation(
            {name: metric(true, predicted) for name, metric in self._metrics.items()},
            {name: metric(true, guess) for name, metric in self._metrics.items()},
            Confusion(self._names, counts),
            picked(true == predicted, softmax(logits).max(-1), sample),
        )
