"""What a model keeps for the task of question answering."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flax_albert.config import AlbertConfig

KEY = "question-answering"
"""The name of the task in ``task_specific_params``."""


def kept(config: AlbertConfig, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Options of the task as a change of a configuration, in which all else stays.

    Args:
        config: The configuration.
        chosen: Options by name.

    Returns:
        The key to change.

    Example:
        >>> from flax_albert import AlbertConfig
        >>> from flax_albert.training.answering.kept import kept
        >>> kept(AlbertConfig(), {"max_seq_len": 384})
        {'task_specific_params': {'question-answering': {'max_seq_len': 384}}}
    """
    all_ = dict(config.task_specific_params or {})
    return {"task_specific_params": {**all_, KEY: {**all_.get(KEY, {}), **chosen}}}
