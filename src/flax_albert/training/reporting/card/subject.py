"""What a model is for, by the class that its configuration names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Subject:
    """What is said of a kind of model.

    Attributes:
        architecture: The class, as PyTorch calls it.
        pipeline: The hub's name of the task.
        purpose: What the model does, as the end of "An ALBERT that ...".
        call: What a Python program passes to the task, as code.
        command: The command that answers with it, after ``--model``.
    """

    architecture: str
    pipeline: str
    purpose: str
    call: str
    command: str


_FILL_MASK = ("fill-mask", '"She opened the [MASK] and went in."', 'fill-mask "She opened the [MASK] and went in."')
_SUBJECTS = {
    subject.architecture: subject
    for subject in (
        Subject(
            "AlbertForPreTraining",
            _FILL_MASK[0],
            "was pretrained to fill in masked words and to tell the order of two passages; it is a beginning for "
            "fine-tuning",
            *_FILL_MASK[1:],
        ),
        Subject("AlbertForMaskedLM", _FILL_MASK[0], "fills in masked words", *_FILL_MASK[1:]),
        Subject(
            "AlbertForSequenceClassification",
            "text-classification",
            "labels texts",
            '"A text to be judged."',
            'classify "A text to be judged."',
        ),
        Subject(
            "AlbertForTokenClassification",
            "token-classification",
            "tags the words of a text",
            '"Ada Lovelace lived in London."',
            'tag "Ada Lovelace lived in London."',
        ),
        Subject(
            "AlbertForQuestionAnswering",
            "question-answering",
            "finds the answer to a question in a text",
            'question="Where did she live?", context="Ada Lovelace lived in London."',
            'answer "Where did she live?" --context "Ada Lovelace lived in London."',
        ),
        Subject(
            "AlbertForMultipleChoice",
            "multiple-choice",
            "chooses which of several texts fits",
            '{"prompt": "It rains.", "choices": ["She takes an umbrella.", "She takes a sledge."]}',
            'choose "It rains." "She takes an umbrella." "She takes a sledge."',
        ),
    )
}
_PURPOSES = {
    "regression": "gives a text, or a pair of texts, a number",
    "multi_label_classification": "gives a text any number of labels",
}
"""What classifiers do, by the ``problem_type`` of their configuration, where it is not labelling."""


def read_config(folder: Path) -> dict[str, Any]:
    """Reads ``config.json``.

    Args:
        folder: The directory of the model.

    Raises:
        OSError: There is none.
        ValueError: It is no JSON object.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}.") from error
    if not isinstance(config, dict):
        raise ValueError(f"{path} must hold a JSON object.")
    return config


def subject_of(config: Mapping[str, Any]) -> Subject | None:
    """What a model of this configuration is for; ``None`` where it names no class, or one that has no task.

    Args:
        config: The keys of ``config.json``.

    Example:
        >>> from flax_albert.training.reporting.card.subject import subject_of
        >>> subject_of({"architectures": ["AlbertForQuestionAnswering"]}).pipeline
        'question-answering'
    """
    names = [str(name).removeprefix("Flax") for name in config.get("architectures") or ()]
    subject = next((_SUBJECTS[name] for name in names if name in _SUBJECTS), None)
    purpose = _PURPOSES.get(str(config.get("problem_type")))
    return (
        replace(subject, purpose=purpose) if subject and purpose and subject.command.startswith("classify") else subject
    )
