"""From examples, or raw text, to a directory that everything here loads.

Names are imported on first use: the command line reads settings without loading JAX.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flax_albert.training.answering.answer import Answer as Answer
    from flax_albert.training.errors import ChangedRunError as ChangedRunError
    from flax_albert.training.errors import CheckpointError as CheckpointError
    from flax_albert.training.errors import DivergedError as DivergedError
    from flax_albert.training.finetuning.choose import Choose as Choose
    from flax_albert.training.finetuning.classify import Classify as Classify
    from flax_albert.training.finetuning.mlm import MaskedLM as MaskedLM
    from flax_albert.training.finetuning.multi_label import MultiLabel as MultiLabel
    from flax_albert.training.finetuning.regress import Regress as Regress
    from flax_albert.training.finetuning.settings import FineTuningSettings as FineTuningSettings
    from flax_albert.training.fitting import Fitted as Fitted
    from flax_albert.training.fitting import fit as fit
    from flax_albert.training.pretraining import Pretrained as Pretrained
    from flax_albert.training.pretraining import pretrain as pretrain
    from flax_albert.training.settings import OptimizerSettings as OptimizerSettings
    from flax_albert.training.settings import TrainingSettings as TrainingSettings
    from flax_albert.training.tagging.tag import Tag as Tag

_PUBLIC = {
    "fitting": ("Fitted", "fit"),
    "finetuning.settings": ("FineTuningSettings",),
    "finetuning.classify": ("Classify",),
    "finetuning.multi_label": ("MultiLabel",),
    "finetuning.regress": ("Regress",),
    "tagging.tag": ("Tag",),
    "answering.answer": ("Answer",),
    "finetuning.choose": ("Choose",),
    "finetuning.mlm": ("MaskedLM",),
    "pretraining": ("Pretrained", "pretrain"),
    "settings": ("OptimizerSettings", "TrainingSettings"),
    "errors": ("ChangedRunError", "CheckpointError", "DivergedError"),
}
_HOME = {name: room for room, names in _PUBLIC.items() for name in names}

__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'flax_albert.training' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"flax_albert.training.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
