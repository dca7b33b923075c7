"""Everything that is chosen about a run, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class OptimizerSettings:
    """How gradients become updates.

    Attributes:
        name: ``adamw`` and ``lamb`` are Google's, without bias correction and with weight decay, and LAMB's trust
            ratio, for kernels and embeddings only. ``optax.NAME`` is optax's own.
        learning_rate: The largest one.
        warmup: Steps in which the rate rises from zero.
        schedule: How it goes on: ``linear`` falls to zero at the last step as Google's programs have it, counted from
            step 0, ``constant`` stays, ``cosine`` falls along a cosine.
        weight_decay: Share of a kernel or embedding that a step of rate 1 would take away. An optimizer of optax's
            gets it where it can leave biases and layer norms alone.
        beta1: Decay of the mean of gradients, in ``adamw`` and ``lamb``.
        beta2: Decay of the mean of their squares, there.
        epsilon: Added to the root of the latter, there.
        clip: Largest global norm of a gradient; ``None`` clips nothing.
        frozen: Patterns of parameters that stay as they are, such as ``albert/embeddings/*``.
        options: Whatever else an optimizer of optax's takes, by its names: ``{"b2": 0.98}``.
    """

    name: str = "adamw"
    learning_rate: float = 1e-5
    warmup: int = 0
    schedule: Literal["linear", "constant", "cosine"] = "linear"
    weight_decay: float = 0.01
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-6
    clip: float | None = 1.0
    frozen: tuple[str, ...] = ()
    options: dict[str, float | int | bool | str] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingSettings:
    """How a run goes.

    Attributes:
        steps: Updates in all.
        batch_size: Rows of an update.
        accumulate: Parts that a batch is taken in, one after the other; the update is that of the whole.
        optimizer: How gradients become updates.
        dtype: Dtype of computation; parameters and the optimizer's state are float32.
        gradient_checkpointing: Whether the backward pass computes each layer again.
        seed: Of dropout, of the order of examples and of whatever else is drawn.
        devices: How many devices share the work; ``None`` takes all there are.
        sharding: Whether every device holds all parameters and optimizer state (``replicated``) or a share of them
            (``sharded``). Batches are always divided among the devices.
        log_every: Steps between two lines.
        evaluate_every: Steps between two evaluations; ``None`` evaluates once an epoch, and at the end in any case.
        save_every: Steps between two checkpoints; ``None`` saves with every evaluation, and at the end in any case.
        keep: How many of the last checkpoints stay, beside the best.
        select: Which parameters the finished model has: those of the ``last`` step or of the ``best`` evaluation.
        on_divergence: What happens when the loss is not finite: ``stop``, or ``rollback`` to the last checkpoint with
            a lower learning rate.
    """

    steps: int
    batch_size: int = 32
    accumulate: int = 1
    optimizer: OptimizerSettings = OptimizerSettings()
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
