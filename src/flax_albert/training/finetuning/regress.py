"""Learning a number for texts, or for pairs of texts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import jax.numpy as jnp
import numpy as np
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
from flax_albert.training.finetuning.rows import Logits, RowEvaluator, RowObjective
from flax_albert.training.finetuning.samples import picked
from flax_albert.training.finetuning.texts import encode_texts, shown
from flax_albert.training.metrics import NUMBER_METRICS, chosen
from flax_albert.training.objective import DeviceBatch, Objective


@final
@dataclass(frozen=True)
class Regress(Kind[TextExample]):
    """Learns a number a text.

    Attributes:
        metrics: What is measured, of ``flax_albert.training.metrics.NUMBER_METRICS``; the first is decisive.

    Raises:
        ValueError: There is no such metric.

    Example:
        >>> from flax_albert import AlbertConfig
        >>> from flax_albert.data.examples import TextExample
        >>> from flax_albert.training.finetuning.regress import Regress
        >>> Regress().settings([TextExample("A dog.", "A cat.", 2.5, "line 1")], AlbertConfig())["problem_type"]
        'regression'
    """

    name: ClassVar[str] = "regress"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertForSequenceClassification

    metrics: tuple[str, ...] = ("pearson_and_spearman", "pearson", "spearman", "mean_squared_error")

    def __post_init__(self) -> None:
        chosen(self.metrics, NUMBER_METRICS)

    def read(self, source: Any, **options: Any) -> list[TextExample]:
        """See :meth:`Kind.read`."""
        return given(source, TextExample) or list(read_texts(source, "number", **options))

    def settings(self, examples: Sequence[TextExample], config: AlbertConfig) -> dict[str, Any]:
        """See :meth:`Kind.settings`."""
        self.check(examples, config)
        return {"id2label": {0: "LABEL_0"}, "label2id": {"LABEL_0": 0}, "problem_type": "regression"}

    def check(self, examples: Sequence[TextExample], config: AlbertConfig) -> None:
        """See :meth:`Kind.check`."""
        for example in examples:
            if not isinstance(example.label, float) or not math.isfinite(example.label):
                raise ValueError(f"{example.where}: the label {example.label!r} is no finite number.")

    def encode(
        self,
        examples: Sequence[TextExample],
        tokenizer: PreTrainedTokenizerBase,
        config: AlbertConfig,
        max_length: int,
        training: bool,
    ) -> Encoded:
        """See :meth:`Kind.encode`."""
        numbers: Any = [example.label for example in examples]
        return encode_texts(examples, tokenizer, max_length).labelled(np.array(numbers, np.float32))

    def objective(self, module: nn.Module) -> RowObjective:
        """See :meth:`Kind.objective`."""
        return SquaredError(module)

    def evaluator(
        self, held_out: HeldOut[TextExample], objective: Objective, tokenizer: PreTrainedTokenizerBase
    ) -> Evaluator:
        """See :meth:`Kind.evaluator`."""
        return _Numbers(held_out, SquaredError(objective.module), self.metrics)


@final
class SquaredError(RowObjective):
    """Squared difference."""

    def losses(self, logits: Float[Array, "rows 1"], batch: DeviceBatch) -> Float[Array, " rows"]:
        """See :meth:`RowObjective.losses`."""
        return jnp.square(logits[:, 0] - batch["labels"])


@final
class _Numbers(RowEvaluator[TextExample]):
    """Measures numbers."""

    def __init__(self, held_out: HeldOut[TextExample], objective: RowObjective, metrics: Sequence[str]) -> None:
        super().__init__(held_out, objective, metrics[0])
        self._metrics = chosen(metrics, NUMBER_METRICS)
        self.larger_is_better = not metrics[0].endswith("_error")

    def measured(self, logits: Logits) -> Evaluation:
        """See :meth:`RowEvaluator.measured`."""
        true, predicted = self.labels, logits[:, 0]
        guess = np.full_like(true, true.mean())
        baselines = {name: metric(true, guess) for name, metric in self._metrics.items()}
        distance = np.abs(true - predicted)
        usual = true.std()

        def sample(number: int) -> Sample:
            right = bool(distance[number] <= usual)
            text = shown(self.held_out.examples[number])
            return Sample(text, f"{true[number]:.3g}", f"{predicted[number]:.3g}", right)

        return Evaluation(
            {name: metric(true, predicted) for name, metric in self._metrics.items()},
            {name: figure for name, figure in baselines.items() if math.isfinite(figure)},
            samples=picked(distance <= usual, distance, sample),
        )
