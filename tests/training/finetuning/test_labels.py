"""Which classes are known before examples are read."""

from __future__ import annotations

from typing import Any

import pytest

from flax_albert.training.finetuning.labels import class_names


class _ClassLabel:
    names = ("no", "yes", "never")


class _List:
    feature = _ClassLabel()


class _DataSet:
    def __init__(self, features: dict[str, Any]) -> None:
        self.features = features


@pytest.mark.parametrize(
    ("source", "columns", "expected"),
    [
        (_DataSet({"text": None, "label": _ClassLabel()}), {}, ("no", "yes", "never")),
        (_DataSet({"text": None, "labels": _List()}), {}, ("no", "yes", "never")),
        (_DataSet({"text": None, "label": None}), {}, None),
        (_DataSet({"label": _ClassLabel(), "stars": None}), {"label": "stars"}, None),
        (_DataSet({"rude": None, "loud": None}), {"label": ["rude", "loud"]}, ("rude", "loud")),
        ("posts.csv", {"label": ("rude", "loud")}, ("rude", "loud")),
        ("posts.csv", {"label": "rude"}, None),
    ],
)
def test_classes_known_before(source: Any, columns: dict[str, Any], expected: tuple[str, ...] | None) -> None:
    assert class_names(source, {"columns": columns}) == expected
