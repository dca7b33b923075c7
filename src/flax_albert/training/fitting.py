"""Fine-tuning in one call: from examples to a directory that ``from_pretrained`` and every task load."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import jax

from flax_albert.hub import Source
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.evaluator import Evaluation
from flax_albert.training.finetuning.kind import Kind
from flax_albert.training.finetuning.output import check_output, finish
from flax_albert.training.finetuning.plan import Plan, plan
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.loop import train as run_loop
from flax_albert.training.reporting.environment import environment
from flax_albert.training.reporting.history import History, read_history
from flax_albert.training.reporting.reporters import reporters
from flax_albert.training.speed import machine_peak

Example = TypeVar("Example")


@dataclass(frozen=True)
class Fitted:
    """What a fine-tuning came to.

    Attributes:
        model: The model, with what it has learnt.
        tokenizer: Its tokenizer.
        history: What happened: losses, learning rates and figures, by step.
        evaluations: What was measured with these parameters, by the name of the examples.
        reason: ``finished``, or the name of the signal that ended the run early; then the output directory holds no
            model yet, and the run can be resumed.
    """

    model: FlaxAlbertPreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    history: History
    evaluations: Mapping[str, Evaluation]
    reason: str


def fit(
    kind: Kind[Example],
    *,
    model: Source | FlaxAlbertPreTrainedModel,
    train: Any,
    output: str | os.PathLike[str],
    evaluation: Any = None,
    evaluation_share: float | None = None,
    tokenizer: Source | PreTrainedTokenizerBase | None = None,
    settings: FineTuningSettings | None = None,
    reading: Mapping[str, Any] | None = None,
    from_scratch: bool = False,
    skip_bad: bool = False,
    resume: bool = False,
    shown: bool = False,
    tensorboard: bool = True,
    planned: Callable[[Plan[Example]], None] | None = None,
) -> Fitted:
    """Fine-tunes a model.

    Args:
        kind: What is learnt, with its options: :class:`~flax_albert.training.finetuning.classify.Classify`, ...
        model: What to begin with: a directory, a bundled name, a hub id, or a model of any class. A head that it lacks
            is drawn at random.
        train: Examples: a file, a dataset, or a list of the classes of ``flax_albert.data.examples``.
        output: The directory to write; new or empty, unless its run is gone on with.
        evaluation: Examples to measure on, like ``train``; or several of these, by name, the decisive ones first.
        evaluation_share: Instead of ``evaluation``, the share of the examples that is held out.
        tokenizer: Where to read the tokenizer, or one; by default the one beside the model.
        settings: How.
        reading: How files and datasets are read: arguments of the kind's reader, such as the names of columns.
        from_scratch: Whether all parameters are drawn at random, to see what pretraining was worth.
        skip_bad: Whether rows at fault are left out, counted and listed; otherwise the first is an error.
        resume: Whether to go on with the run in ``output``; all else must be as it was.
        shown: Whether progress is shown on standard error.
        tensorboard: Whether files for TensorBoard are written.
        planned: Called with what is about to be trained.

    Returns:
        The model, its tokenizer, and what was measured.

    Raises:
        OSError: A file cannot be read or written, or the output directory is not empty.
        ValueError: Data or settings make no sense, or are others than those of the run that is to be resumed.
        ArithmeticError: The loss is not finite.

    Example:
        >>> import tempfile
        >>> from flax_albert.data.examples import TextExample
        >>> from flax_albert.training import Classify, FineTuningSettings, fit
        >>> texts = [TextExample(f"{n} is {w}", None, w, "") for n in ("it", "she") for w in ("good", "bad")]
        >>> fitted = fit(
        ...     Classify(),
        ...     model="albert-mini-en",
        ...     train=texts,
        ...     output=tempfile.mkdtemp(),
        ...     settings=FineTuningSettings(steps=1, batch_size=4, max_length=16, devices=1),
        ... )
        >>> fitted.reason, fitted.model.config.id2label
        ('finished', {0: 'bad', 1: 'good'})
    """
    folder = Path(output)
    check_output(folder, resume)
    ready = plan(
        kind,
        model=model,
        train=train,
        evaluation=evaluation,
        evaluation_share=evaluation_share,
        tokenizer=tokenizer,
        settings=settings,
        reading=reading,
        from_scratch=from_scratch,
        skip_bad=skip_bad,
    )
    if planned is not None:
        planned(ready)
    peak = machine_peak(ready.settings.dtype) if shown else None
    result = run_loop(
        ready.objective,
        ready.model.params,
        ready.batches,
        ready.settings,
        folder,
        evaluators=ready.evaluators,
        reporters=reporters(folder, peak=peak, shown=shown, tensorboard=tensorboard),
        resume=resume,
        described=ready.described,
        environment=environment(peak),
        flops_per_token=ready.flops_per_token,
    )
    ready.model.params = result.params
    trained = ready.model
    if result.reason == "finished" and jax.process_index() == 0:
        base_model = None if from_scratch else ready.described["model"]
        trained = finish(folder, ready.model, ready.tokenizer, result.evaluations, base_model)
    return Fitted(trained, ready.tokenizer, read_history(folder), result.evaluations, result.reason)
