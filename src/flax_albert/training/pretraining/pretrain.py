"""Pretraining in one call: from a corpus to a directory that ``from_pretrained`` loads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import jax

from flax_albert.auto.tokenizer import AutoTokenizer
from flax_albert.config import AlbertConfig
from flax_albert.data.corpus import MANIFEST, TOKENIZER, Corpus, read_manifest, sha256
from flax_albert.data.pretraining import PretrainingBatches, PretrainingOptions
from flax_albert.hub import Source
from flax_albert.models import FlaxAlbertForPreTraining
from flax_albert.training.evaluator import Evaluation
from flax_albert.training.events import Reporter
from flax_albert.training.finetuning.output import check_output, finish
from flax_albert.training.loop import train
from flax_albert.training.pretraining.held_out import HeldOutEvaluator
from flax_albert.training.pretraining.objective import PretrainingObjective
from flax_albert.training.pretraining.start import begin
from flax_albert.training.reporting.environment import environment
from flax_albert.training.reporting.reporters import reporters as usual_reporters
from flax_albert.training.settings import OptimizerSettings, TrainingSettings
from flax_albert.training.speed import machine_peak, training_flops

PUBLISHED = TrainingSettings(
    steps=125_000,
    batch_size=4096,
    optimizer=OptimizerSettings("lamb", learning_rate=0.00176, warmup=3125, weight_decay=0.01, clip=1.0),
)
"""How the released models were pretrained: the ALBERT paper, and the README of its code."""
_ROWS = PretrainingOptions()


@dataclass(frozen=True)
class HeldOutSettings:
    """What is measured on the way.

    Attributes:
        rows: Rows of held-out text, chosen once by chance; ``None`` takes all.
        batch_size: Rows of a batch.
        seed: Of the rows and their masks, so that they are the same in every run.
    """

    rows: int | None = 1024
    batch_size: int = 32
    seed: int = 20_000


_HELD_OUT = HeldOutSettings()


@dataclass(frozen=True)
class Pretrained:
    """What a pretraining came to.

    Attributes:
        model: The model.
        step: Steps done.
        evaluations: What was measured with these parameters: ``held-out``, where the corpus has such text.
        reason: ``finished``, or the name of the signal that ended the run early; then the output directory holds no
            model yet, and the run can be resumed.
    """

    model: FlaxAlbertForPreTraining
    step: int
    evaluations: Mapping[str, Evaluation]
    reason: str


def pretrain(
    corpus: Path | str,
    output: Path | str,
    settings: TrainingSettings = PUBLISHED,
    *,
    config: AlbertConfig | None = None,
    model: Source | None = None,
    options: PretrainingOptions = _ROWS,
    held_out: HeldOutSettings = _HELD_OUT,
    resume: bool = False,
    shown: bool = False,
    tensorboard: bool = True,
    reporters: Sequence[Reporter] = (),
    planned: Callable[[tuple[str, ...]], None] | None = None,
) -> Pretrained:
    """Pretrains a model, from random parameters or going on from a model.

    Args:
        corpus: The folder that ``flax-albert prepare`` wrote.
        output: The directory to write; new or empty, unless its run is gone on with.
        settings: How the run goes.
        config: Sizes of a new model, whose parameters are drawn with ``settings.seed``; the vocabulary is the corpus's.
        model: Instead of ``config``, what to go on from: a directory, a bundled name or a hub id. A head that it lacks
            is drawn at random.
        options: How text becomes rows.
        held_out: What is measured.
        resume: Whether to go on with the run in ``output``; all else must be as it was.
        shown: Whether progress is shown on standard error.
        tensorboard: Whether files for TensorBoard are written.
        reporters: Who else is told what happens.
        planned: Called, before anything is computed, with what a person should know about the beginning.

    Returns:
        The model, and what was measured.

    Raises:
        OSError: A file cannot be read or written, or the output directory is not empty.
        ValueError: Corpus or settings make no sense, or are others than those of the run that is to be resumed.
        ArithmeticError: The loss is not finite.
    """
    folder, corpus = Path(output), Path(corpus)
    check_output(folder, resume)
    text = Corpus.open(corpus)
    begun, notes = begin(text.vocabulary, config, model, settings, options)
    batches = PretrainingBatches(text, options, settings.batch_size, settings.seed)
    if planned is not None:
        planned((*notes, f"An epoch has {batches.rows:,} rows of at most {options.length} tokens."))
    peak = machine_peak(settings.dtype) if shown else None
    result = train(
        PretrainingObjective(begun.module),
        begun.params,
        batches,
        settings,
        folder,
        evaluators=_evaluators(corpus, begun, text, options, held_out),
        reporters=[*usual_reporters(folder, peak=peak, shown=shown, tensorboard=tensorboard), *reporters],
        resume=resume,
        described={
            "kind": "pretraining",
            "corpus": sha256(corpus / MANIFEST),
            "options": asdict(options),
            "held_out": asdict(held_out),
            "begun_from": "random parameters" if model is None else str(model),
            "config": begun.config.to_dict(),
        },
        environment=environment(peak),
        flops_per_token=training_flops(begun.config, options.length, options.slots / options.length),
    )
    begun.params = result.params
    if result.reason == "finished" and jax.process_index() == 0:
        tokenizer = AutoTokenizer.from_pretrained(
            corpus / TOKENIZER, model_max_length=begun.config.max_position_embeddings
        )
        finish(folder, begun, tokenizer, result.evaluations, None if model is None else str(model))
    return Pretrained(begun, result.step, result.evaluations, result.reason)


def _evaluators(
    corpus: Path,
    model: FlaxAlbertForPreTraining,
    text: Corpus,
    options: PretrainingOptions,
    held_out: HeldOutSettings,
) -> list[HeldOutEvaluator]:
    if not any("held-out" in part for part in read_manifest(corpus)["parts"]):
        return []
    # What is done to rows for the sake of training is no part of the measure.
    plain = replace(options, positions=None, spaced=0.0)
    rows = PretrainingBatches(
        Corpus.open(corpus, "held-out"), plain, held_out.batch_size, held_out.seed, most=held_out.rows
    )
    return [HeldOutEvaluator(model.module, rows, text.counts())]
