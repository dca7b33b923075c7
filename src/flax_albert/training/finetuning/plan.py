"""Everything that a fine-tuning needs before its first step, and what is known about it by then."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import jax
import numpy as np

from flax_albert.data.batches import Batches
from flax_albert.data.readers import Skipped
from flax_albert.hub import Source, called
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.evaluator import Evaluator
from flax_albert.training.finetuning.kind import Kind
from flax_albert.training.finetuning.preparing import Prepared, prepare, read
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.finetuning.start import begin, changed, read_config, read_tokenizer
from flax_albert.training.objective import Objective
from flax_albert.training.settings import TrainingSettings
from flax_albert.training.speed import training_flops

Example = TypeVar("Example")


@dataclass(frozen=True)
class Plan(Generic[Example]):
    """A fine-tuning that could begin.

    Attributes:
        kind: What is learnt.
        model: The model, its head perhaps drawn just now.
        tokenizer: Its tokenizer.
        objective: The loss.
        batches: What it is learnt from.
        evaluators: What is measured.
        settings: What the loop is told.
        described: What the run depends on besides, as JSON has it.
        labels: The labels, in order, where the examples have some.
        notes: What a person should know, a sentence each.
        flops_per_token: Floating-point operations of a step.
    """

    kind: Kind[Example]
    model: FlaxAlbertPreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    objective: Objective
    batches: Batches
    evaluators: tuple[Evaluator, ...]
    settings: TrainingSettings
    described: Mapping[str, Any]
    labels: tuple[str, ...]
    notes: tuple[str, ...]
    flops_per_token: float


def plan(
    kind: Kind[Example],
    *,
    model: Source | FlaxAlbertPreTrainedModel,
    train: Any,
    evaluation: Any = None,
    evaluation_share: float | None = None,
    tokenizer: Source | PreTrainedTokenizerBase | None = None,
    settings: FineTuningSettings | None = None,
    reading: Mapping[str, Any] | None = None,
    from_scratch: bool = False,
    skip_bad: bool = False,
) -> Plan[Example]:
    """Reads, encodes and loads; takes what :func:`~flax_albert.training.fitting.fit` takes.

    Returns:
        What is ready to be trained.

    Raises:
        OSError: A file, or the model, cannot be read.
        ValueError: Data or settings make no sense.
        TypeError: A model that is an object has no tokenizer beside it.
    """
    settings = settings or FineTuningSettings()
    before = read_config(model)
    tokenizer = read_tokenizer(tokenizer, model, before)
    most = before.max_position_embeddings
    if settings.max_length > most:
        raise ValueError(f"max_length is {settings.max_length}, and the model takes {most} tokens at most.")
    reading = dict(reading or {})
    kind = kind.knowing(train, **reading)
    skipped = Skipped() if skip_bad else None
    data = read(kind, train, evaluation, evaluation_share, settings.seed, {**reading, "skipped": skipped})
    if settings.select == "best" and not data.evaluation:
        raise ValueError("The best parameters can only be chosen where there are examples to measure on.")
    learnt = kind.settings(data.train, before)
    config = changed(before, {**learnt, **settings.dropouts()})
    size = _divisible(settings.evaluation_batch_size or settings.batch_size, settings.devices)
    prepared = prepare(kind, data, tokenizer, config, settings.max_length, size)
    begun = begin(
        model,
        kind.model_class,
        config,
        from_scratch=from_scratch,
        seed=settings.seed,
        dtype=settings.dtype,
        gradient_checkpointing=settings.gradient_checkpointing,
    )
    batches = kind.batches(prepared.train, tokenizer, settings.batch_size, settings.max_length, settings.seed)
    objective = kind.objective(begun.model.module)
    notes = (*begun.notes, *_notes(prepared, settings.max_length, skipped))
    described = {
        "task": kind.name,
        "options": dataclasses.asdict(kind),  # pyrefly: ignore
        "model": _name(model),
        "from_scratch": from_scratch,
        "max_length": settings.max_length,
        "data": prepared.described,
        "config": config.to_dict(),
        "notes": notes,
    }
    return Plan(
        kind,
        begun.model,
        tokenizer,
        objective,
        batches,
        tuple(kind.evaluator(one, objective, tokenizer) for one in prepared.held_out),
        settings.training(batches.per_epoch),
        described,
        tuple(learnt.get("label2id", ())),
        notes,
        training_flops(config, _mean_length(prepared), kind.masks_per_token),
    )


def _mean_length(prepared: Prepared[Any]) -> int:
    return round(float(np.mean([row["attention_mask"].shape[-1] for row in prepared.train.rows])))


def _divisible(size: int, devices: int | None) -> int:
    """The next size that all devices can share."""
    devices = devices or jax.device_count()
    return -(-size // devices) * devices


def _name(model: Source | FlaxAlbertPreTrainedModel) -> str:
    return model.config.name_or_path if isinstance(model, FlaxAlbertPreTrainedModel) else called(model)


def _notes(prepared: Prepared[Any], max_length: int, skipped: Skipped | None) -> list[str]:
    notes = [
        f"{about['truncated']} of {about['examples']} examples of {name} are longer than {max_length} tokens and were "
        "cut."
        for name, about in prepared.described.items()
        if about["truncated"]
    ]
    if skipped is not None and skipped.count:
        notes += [f"{skipped.count} rows at fault were left out, among them these.", *skipped.listed]
    return notes
