"""What a recipe is, and where it is found."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import Any

from flax_albert.training.finetuning.kind import Kind
from flax_albert.training.finetuning.settings import FineTuningSettings

NAMES = ("cola", "sst2", "mrpc", "stsb", "qqp", "mnli", "qnli", "rte", "wnli", "squad1", "squad2", "race")
"""The recipes there are."""


@dataclass(frozen=True)
class Recipe:
    """A published fine-tuning: all there is to it but the model and the files.

    Attributes:
        kind: What is learnt, and the metrics.
        settings: How.
        reading: How files are read, where their columns are not called as usual.
    """

    kind: Kind[Any]
    settings: FineTuningSettings
    reading: dict[str, Any] = field(default_factory=dict)


def recipe(name: str) -> Recipe:
    """A recipe by name.

    Args:
        name: One of :data:`NAMES`.

    Returns:
        The recipe.

    Raises:
        ValueError: There is none of that name.

    Example:
        >>> from flax_albert.recipes import recipe
        >>> recipe("cola").settings.steps
        5336
    """
    if name not in NAMES:
        raise ValueError(f"There is no recipe {name!r}; there are {', '.join(NAMES)}.")
    return importlib.import_module(f"flax_albert.recipes.{name}").RECIPE
