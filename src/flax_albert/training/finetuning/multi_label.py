"""Learning to label texts, or pairs of texts, with any number of labels each."""

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
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.evaluator import Evaluation, Evaluator, Sample
from flax_albert.training.finetuning.kind import Encoded, HeldOut, Kind, given
from flax_albert.training.finetuning.labels import check_labels, class_names, label_of, label_settings, ordered
from flax_albert.training.finetuning.rows import Logits, RowEvaluator, RowObjective
from flax_albert.training.finetuning.samples import picked
from flax_albert.training.finetuning.texts import encode_texts, shown
from flax_albert.training.metrics import SET_METRICS, chosen
from flax_albert.training.objective import DeviceBatch, Objective


@final
@dataclass(frozen=True)
class MultiLabel(Kind[TextExample]):
    """Learns any number of labels a text: a yes or no for each.

    Attributes:
        metrics: What is measured, of ``flax_albert.training.metrics.SET_METRICS``; the first is decisive.
        labels: All labels, in order; by default those of the examples, by value or by the alphabet.
        threshold: The probability from which on a text has a label. ``None`` chooses, at each evaluation, the one with
            the best micro-F1. The model's configuration keeps it, as ``task_specific_params``.

    Raises:
        ValueError: There is no such metric, or the threshold is no probability.

    Example:
        >>> from flax_albert import AlbertConfig
        >>> from flax_albert.data.examples import TextExample
        >>> from flax_albert.training.finetuning.multi_label import MultiLabel
        >>> settings = MultiLabel().settings([TextExample("Rain.", None, ("wet", "cold"), "line 1")], AlbertConfig())
        >>> settings["id2label"], settings["problem_type"]
        ({0: 'cold', 1: 'wet'}, 'multi_label_classification')
    """

    name: ClassVar[str] = "classify"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertForSequenceClassification
    unpadded: ClassVar[tuple[str, ...]] = ("labels",)

    metrics: tuple[str, ...] = ("f1_micro", "f1_macro", "accuracy")
    labels: tuple[str, ...] | None = None
    threshold: float | None = 0.5

    def __post_init__(self) -> None:
        chosen(self.metrics, SET_METRICS)
        if self.threshold is not None and not 0 < self.threshold < 1:
            raise ValueError(f"The threshold must lie between 0 and 1, got {self.threshold}.")

    def read(self, source: Any, **options: Any) -> list[TextExample]:
        """See :meth:`Kind.read`."""
        return given(source, TextExample) or list(read_texts(source, "classes", **options))

    def knowing(self, source: Any, **options: Any) -> MultiLabel:
        """See :meth:`Kind.knowing`."""
        return replace(self, labels=self.labels or class_names(source, options))

    def settings(self, examples: Sequence[TextExample], config: AlbertConfig) -> dict[str, Any]:
        """See :meth:`Kind.settings`."""
        names = self.labels or ordered(label for example in examples for label in _labels(example))
        if not names:
            raise ValueError("No example has a label: there is nothing to learn.")
        settings = label_settings(names, config, "multi_label_classification")
        check_labels(((_labels(example), example.where) for example in examples), settings["label2id"])
        return settings

    def check(self, examples: Sequence[TextExample], config: AlbertConfig) -> None:
        """See :meth:`Kind.check`."""
        check_labels(((_labels(example), example.where) for example in examples), config.label2id)

    def encode(
        self,
        examples: Sequence[TextExample],
        tokenizer: PreTrainedTokenizerBase,
        config: AlbertConfig,
        max_length: int,
        training: bool,
    ) -> Encoded:
        """See :meth:`Kind.encode`."""
        labels = np.zeros((len(examples), config.num_labels), bool)
        for row, example in zip(labels, examples, strict=True):
            row[[config.label2id[label] for label in _labels(example)]] = True
        return encode_texts(examples, tokenizer, max_length).labelled(labels)

    def objective(self, module: nn.Module) -> RowObjective:
        """See :meth:`Kind.objective`."""
        return BinaryCrossEntropy(module)

    def evaluator(
        self, held_out: HeldOut[TextExample], objective: Objective, tokenizer: PreTrainedTokenizerBase
    ) -> Evaluator:
        """See :meth:`Kind.evaluator`."""
        return _LabelSets(held_out, BinaryCrossEntropy(objective.module), self.metrics, self.threshold)


def _labels(example: TextExample) -> tuple[str, ...]:
    return example.label if isinstance(example.label, tuple) else (label_of(example),)


@final
class BinaryCrossEntropy(RowObjective):
    """Cross-entropy of each label's yes or no, a mean over the labels."""

    def losses(self, logits: Float[Array, "rows labels"], batch: DeviceBatch) -> Float[Array, " rows"]:
        """See :meth:`RowObjective.losses`."""
        return optax.sigmoid_binary_cross_entropy(logits, batch["labels"]).mean(-1)


@final
class _LabelSets(RowEvaluator[TextExample]):
    """Measures the labels whose probability reaches a threshold."""

    def __init__(
        self,
        held_out: HeldOut[TextExample],
        objective: RowObjective,
        metrics: Sequence[str],
        threshold: float | None,
    ) -> None:
        super().__init__(held_out, objective, metrics[0])
        self._metrics = chosen(metrics, SET_METRICS)
        self._threshold = threshold
        id2label = objective.module.config.id2label
        self._names = [id2label[index] for index in range(len(id2label))]

    def measured(self, logits: Logits) -> Evaluation:
        """See :meth:`RowEvaluator.measured`."""
        true, probabilities = self.labels, 1 / (1 + np.exp(-logits.astype(np.float64)))
        threshold = best_threshold(true, probabilities) if self._threshold is None else self._threshold
        predicted = probabilities >= threshold
        frequent = np.broadcast_to(true.mean(0) >= 0.5, true.shape)

        def sample(number: int) -> Sample:
            right = bool((true[number] == predicted[number]).all())
            text = shown(self.held_out.examples[number])
            return Sample(text, self._named(true[number]), self._named(predicted[number]), right)

        sure = np.abs(probabilities - threshold).min(-1)
        return Evaluation(
            {**{name: metric(true, predicted) for name, metric in self._metrics.items()}, "threshold": threshold},
            {name: metric(true, frequent) for name, metric in self._metrics.items()},
            samples=picked((true == predicted).all(-1), sure, sample),
            settings={"task_specific_params": {"text-classification": {"threshold": threshold}}},
        )

    def _named(self, flags: np.ndarray) -> str:
        return ", ".join(self._names[index] for index in np.flatnonzero(flags)) or "(none)"


def best_threshold(true: np.ndarray, probabilities: np.ndarray) -> float:
    """The threshold with the best micro-F1, half-way between two probabilities.

    Args:
        true: ``[examples, labels]``, which are right.
        probabilities: Of each.

    Returns:
        It; the one with the most labels where several are best.

    Example:
        >>> import numpy as np
        >>> from flax_albert.training.finetuning.multi_label import best_threshold
        >>> round(best_threshold(np.array([[True, True, False]]), np.array([[0.9, 0.4, 0.2]])), 3)
        0.3
    """
    order = np.argsort(-probabilities, axis=None, kind="stable")
    ranked, right = probabilities.ravel()[order], np.cumsum(true.ravel()[order])
    f1 = 2 * right / (np.arange(1, len(ranked) + 1) + true.sum())
    ends = np.append(ranked[1:] < ranked[:-1], True)  # equal ones are taken together
    best = int(np.argmax(np.where(ends, f1, -1)))
    below = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return float((ranked[best] + below) / 2)
