"""The head of a model card: what the hub reads."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

from flax_albert.config import RELEASED_SIZES
from flax_albert.training.reporting.card.subject import Subject
from flax_albert.training.reporting.history import History
from flax_albert.training.reporting.tables import figure_rows

_METRICS = {
    "matthews": "matthews_correlation",
    "pearson": "pearsonr",
    "spearman": "spearmanr",
    "mean_squared_error": "mse",
    "mean_absolute_error": "mae",
    "f1_macro": "f1",
    "f1_micro": "f1",
}
"""What the hub calls a metric, where that is another name."""
_ON_THE_HUB = ("accuracy", "f1", "precision", "recall", "exact_match", "perplexity", *_METRICS.values())
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_OWNER = "albert"


def metadata(
    history: History,
    subject: Subject | None,
    name: str,
    base_model: str | None,
    datasets: Sequence[str],
    language: str | None,
    license: str | None,  # noqa: A002  (the hub's word)
) -> str:
    """The head, without the dashes around it.

    Args:
        history: The run.
        subject: What the model is for.
        name: What it is called.
        base_model: What training began with: a directory, a bundled model or a hub id.
        datasets: Data sets of the hub that it was trained on.
        language: Its language, as the hub abbreviates it.
        license: Its licence, as the hub abbreviates it.

    Returns:
        YAML.
    """
    from huggingface_hub import EvalResult, ModelCardData

    measured = [row for row in figure_rows(history) if row.kept is not None and math.isfinite(row.kept)]
    measured = [row for row in measured if row.metric != "loss"] if subject else []
    metrics = dict.fromkeys(hub_metric(row.metric) for row in measured)
    data = ModelCardData(
        language=language,
        license=license,
        library_name="flax-albert",
        pipeline_tag=subject.pipeline if subject else None,
        tags=["albert", "jax", "flax"],
        base_model=hub_id(base_model) if base_model else None,
        datasets=list(datasets) or None,
        metrics=[metric for metric in metrics if metric in _ON_THE_HUB] or None,
        model_name=name if measured else None,
        eval_results=[
            EvalResult(
                task_type=subject.pipeline if subject else "",
                dataset_type=datasets[0] if len(datasets) == 1 else source(history, row.examples),
                dataset_name=row.examples,
                metric_type=hub_metric(row.metric),
                metric_value=float(f"{row.kept:.6g}"),
                metric_name=row.metric,
            )
            for row in measured
        ]
        or None,
    )
    return data.to_yaml()


def begun_with(history: History) -> str | None:
    """What training began with, as the run says: ``model`` unless ``from_scratch``, or ``begun_from``.

    Args:
        history: The run.

    Returns:
        A directory, a bundled model or a hub id; ``None`` for random parameters, or where nothing is said.
    """
    found = None if history.run.get("from_scratch") else history.run.get("model", history.run.get("begun_from"))
    return found if isinstance(found, str) and found and found != "random parameters" else None


def hub_metric(name: str) -> str:
    """What the hub calls a metric.

    Args:
        name: What it is called here.

    Example:
        >>> from flax_albert.training.reporting.card.metadata import hub_metric
        >>> hub_metric("matthews"), hub_metric("accuracy"), hub_metric("sentence_order_accuracy")
        ('matthews_correlation', 'accuracy', 'accuracy')
    """
    return "accuracy" if name.endswith("_accuracy") else _METRICS.get(name, name)


def hub_id(base_model: str) -> str | None:
    """The id on the hub of what training began with; ``None`` for what lies on a disk, which the hub cannot link to.

    Args:
        base_model: What was passed to ``from_pretrained``.

    Example:
        >>> from flax_albert.training.reporting.card.metadata import hub_id
        >>> hub_id("albert-base-v2"), hub_id("someone/albert"), hub_id("./albert"), hub_id("albert-mini-en")
        ('albert/albert-base-v2', 'someone/albert', None, None)
    """
    if base_model in RELEASED_SIZES:
        return f"{_OWNER}/{base_model}"
    if _HUB_ID.fullmatch(base_model) and base_model[0] != "." and not Path(base_model).exists():
        return base_model
    return None


def source(history: History, examples: str) -> str:
    """What a set of examples was read from, where the run says so."""
    for described in history.run.values():
        found = described.get(examples) if isinstance(described, dict) else None
        if isinstance(found, dict) and isinstance(found.get("source"), str):
            return Path(found["source"]).name
    return examples
