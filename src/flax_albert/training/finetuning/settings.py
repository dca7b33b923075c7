"""Everything that is chosen about a fine-tuning, as a frozen value."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from flax_albert.training.settings import OptimizerSettings, TrainingSettings


@dataclass(frozen=True)
class FineTuningSettings:
    """How a model is fine-tuned.

    Attributes:
        max_length: Most tokens of a row; what is longer is cut, or becomes several rows.
        epochs: How often the examples are gone through.
        steps: Updates in all, instead of ``epochs``.
        batch_size: Rows of an update.
        evaluation_batch_size: Rows that are measured at once; by default as many as an update has.
        warmup: Steps in which the learning rate rises from zero or, below 1, their share of all. It takes the place of
            the optimizer's own.
        optimizer: How gradients become updates.
        classifier_dropout: Dropout before the head, instead of the configuration's.
        hidden_dropout: Dropout of hidden states, instead of the configuration's.
        attention_dropout: Dropout of attention probabilities, instead of the configuration's.
        accumulate: As in :class:`~flax_albert.training.settings.TrainingSettings`, like all that follow.
        dtype: Dtype of computation.
        gradient_checkpointing: Whether the backward pass computes each layer again.
        seed: Of the new head, of dropout and of the order of examples.
        devices: How many devices share the work.
        sharding: Whether devices share parameters.
        log_every: Steps between two lines.
        evaluate_every: Steps between two evaluations; by default an epoch.
        save_every: Steps between two checkpoints.
        keep: How many checkpoints stay.
        select: Which parameters the finished model has.
        on_divergence: What happens when the loss is not finite.

    Raises:
        ValueError: A number makes no sense.

    Example:
        >>> from flax_albert.training.finetuning.settings import FineTuningSettings
        >>> training = FineTuningSettings(epochs=2, warmup=0.1).training(per_epoch=50)
        >>> training.steps, training.optimizer.warmup
        (100, 10)
    """

    max_length: int = 128
    epochs: float = 3.0
    steps: int | None = None
    batch_size: int = 32
    evaluation_batch_size: int | None = None
    warmup: float = 0.1
    optimizer: OptimizerSettings = field(default_factory=lambda: OptimizerSettings(learning_rate=3e-5))
    classifier_dropout: float | None = None
    hidden_dropout: float | None = None
    attention_dropout: float | None = None
    accumulate: int = 1
    dtype: Literal["float32", "bfloat16"] = "float32"
    gradient_checkpointing: bool = False
    seed: int = 0
    devices: int | None = None
    sharding: Literal["replicated", "sharded"] = "replicated"
    log_every: int = 20
    evaluate_every: int | None = None
    save_every: int | None = None
    keep: int = 2
    select: Literal["last", "best"] = "last"
    on_divergence: Literal["stop", "rollback"] = "stop"

    def __post_init__(self) -> None:
        for name in ("max_length", "steps", "batch_size", "evaluation_batch_size", "accumulate", "log_every"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}.")
        if not self.epochs > 0:
            raise ValueError(f"epochs must be positive, got {self.epochs}.")
        if self.warmup < 0:
            raise ValueError(f"warmup must not be negative, got {self.warmup}.")

    def training(self, per_epoch: int) -> TrainingSettings:
        """What the loop is told.

        Args:
            per_epoch: Batches that go once through the examples.

        Raises:
            ValueError: The warm-up takes longer than the whole run.
        """
        steps = self.steps or math.ceil(self.epochs * per_epoch)
        warmup = round(self.warmup * steps) if self.warmup < 1 else round(self.warmup)
        if warmup > steps:
            raise ValueError(f"The warm-up of {warmup} steps is longer than the run, which has {steps}.")
        shared = {one.name for one in fields(TrainingSettings)} & {one.name for one in fields(self)}
        chosen: dict[str, Any] = {name: getattr(self, name) for name in shared}
        chosen |= {"steps": steps, "optimizer": replace(self.optimizer, warmup=warmup)}
        return TrainingSettings(**chosen)

    def dropouts(self) -> dict[str, float]:
        """The keys of the model's configuration that are chosen here."""
        chosen = {
            "classifier_dropout_prob": self.classifier_dropout,
            "hidden_dropout_prob": self.hidden_dropout,
            "attention_probs_dropout_prob": self.attention_dropout,
        }
        return {key: rate for key, rate in chosen.items() if rate is not None}
