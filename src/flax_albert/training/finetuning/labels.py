"""Names of labels: in which order they are numbered, and that held-out examples have no others."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from flax_albert.config import AlbertConfig
from flax_albert.data.examples import TextExample
from flax_albert.errors import listed

_SHOWN = 12


def ordered(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels in the order in which they are numbered: by value where all are numbers, by the alphabet otherwise.

    Args:
        labels: The labels, as often as they occur.

    Returns:
        Each once.

    Example:
        >>> from flax_albert.training.finetuning.labels import ordered
        >>> ordered(["10", "9", "10"]), ordered(["no", "yes", "10"])
        (('9', '10'), ('10', 'no', 'yes'))
    """
    distinct = set(labels)
    numbers = {label: _number(label) for label in distinct}
    if all(number is not None for number in numbers.values()):
        return tuple(sorted(distinct, key=lambda label: (numbers[label], label)))
    return tuple(sorted(distinct))


def _number(label: str) -> float | None:
    try:
        number = float(label)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def label_of(example: TextExample) -> str:
    """The one label of a text.

    Raises:
        ValueError: It has none.
    """
    if example.label is None:
        raise ValueError(f"{example.where} has no label.")
    return str(example.label)


def class_names(source: Any, options: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The classes that are known before examples are read.

    A data set of ``datasets`` may declare them, in its order; or they have a column each.

    Args:
        source: What examples are read from.
        options: How; ``columns`` may name the column of the labels.

    Returns:
        Their names; ``None`` where the examples have to tell.
    """
    column = (options.get("columns") or {}).get("label")
    if column is not None and not isinstance(column, str):
        return tuple(column)
    features = getattr(source, "features", None)
    if not isinstance(features, Mapping):
        return None
    for name in (column,) if column else ("label", "labels", *features):
        feature = features.get(name)
        names = getattr(feature, "names", None) or getattr(getattr(feature, "feature", None), "names", None)
        if names:
            return tuple(names)
    return None


def label_settings(names: Sequence[str], config: AlbertConfig, problem_type: str | None = None) -> dict[str, Any]:
    """The keys of a configuration for these labels.

    Args:
        names: The labels, in order.
        config: Of the model that is begun with. Where it names the same labels in another order, its order stays, and
            with it what its classifier has learnt.
        problem_type: The key of that name.

    Returns:
        Keys to change.
    """
    known = [config.id2label[index] for index in sorted(config.id2label)]
    if sorted(known) == sorted(names):
        names = known
    return {
        "id2label": dict(enumerate(names)),
        "label2id": {name: index for index, name in enumerate(names)},
        "problem_type": problem_type,
    }


def check_labels(labelled: Iterable[tuple[Iterable[str], str]], known: Collection[str]) -> None:
    """Looks whether the model knows all labels.

    Args:
        labelled: The labels of each example, and where it stands.
        known: Those that the model knows.

    Raises:
        ValueError: It does not know one; the message says where it stands.
    """
    for labels, where in labelled:
        for label in labels:
            if label not in known:
                raise ValueError(f"{where}: the label {label!r} is none of the model's: {listed(list(known), _SHOWN)}.")
