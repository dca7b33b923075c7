"""Metrics beside direct calls of scikit-learn and scipy, on predictions of a model."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as reference

from flax_albert import AutoTokenizer, FlaxAlbertForSequenceClassification
from flax_albert.training.metrics import LABEL_METRICS, NUMBER_METRICS, SET_METRICS, majority

TEXTS = [
    f"{start} {middle} {end}"
    for start in ("A", "No")
    for middle in ("fine", "dull", "very long")
    for end in ("film.", "day?", "walk", "and so on", "river", "(1984)")
]


@pytest.fixture(scope="module")
def logits() -> np.ndarray:
    """What a model, its classifier freshly drawn, says of some texts."""
    model = FlaxAlbertForSequenceClassification.from_pretrained("albert-mini-en", num_labels=3, seed=1)
    tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
    return np.asarray(model(**tokenizer(TEXTS, padding=True, return_tensors="np")).logits)


@pytest.fixture(scope="module")
def true() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 3, len(TEXTS))


def test_labels(logits: np.ndarray, true: np.ndarray) -> None:
    predicted = (logits - logits.mean(0)).argmax(-1)
    assert len(set(predicted)) == 3
    expected = {
        "accuracy": reference.accuracy_score(true, predicted),
        "f1_macro": reference.f1_score(true, predicted, average="macro"),
        "f1_micro": reference.f1_score(true, predicted, average="micro"),
        "matthews": reference.matthews_corrcoef(true, predicted),
    }
    assert {name: LABEL_METRICS[name](true, predicted) for name in expected} == expected


def test_two_labels(logits: np.ndarray, true: np.ndarray) -> None:
    two, predicted = true % 2, (logits[:, 0] > np.median(logits[:, 0])).astype(int)
    f1 = reference.f1_score(two, predicted)
    assert LABEL_METRICS["f1"](two, predicted) == f1
    assert LABEL_METRICS["matthews"](two, predicted) == reference.matthews_corrcoef(two, predicted)
    combined = (reference.accuracy_score(two, predicted) + f1) / 2
    assert LABEL_METRICS["accuracy_and_f1"](two, predicted) == combined


def test_sets(logits: np.ndarray, true: np.ndarray) -> None:
    sets, predicted = np.eye(3, dtype=bool)[true] | (logits > 0.5), logits > np.median(logits)
    expected = {
        "accuracy": reference.accuracy_score(sets, predicted),
        "f1_macro": reference.f1_score(sets, predicted, average="macro"),
        "f1_micro": reference.f1_score(sets, predicted, average="micro"),
    }
    assert {name: metric(sets, predicted) for name, metric in SET_METRICS.items()} == expected


def test_numbers(logits: np.ndarray, true: np.ndarray) -> None:
    numbers, predicted = true + np.round(logits[:, 1], 1), np.round(logits[:, 0], 1)  # with ties
    expected = {
        "pearson": stats.pearsonr(numbers, predicted)[0],
        "spearman": stats.spearmanr(numbers, predicted)[0],
        "pearson_and_spearman": (stats.pearsonr(numbers, predicted)[0] + stats.spearmanr(numbers, predicted)[0]) / 2,
        "mean_squared_error": reference.mean_squared_error(numbers, predicted),
        "mean_absolute_error": reference.mean_absolute_error(numbers, predicted),
    }
    assert {name: metric(numbers, predicted) for name, metric in NUMBER_METRICS.items()} == expected


def test_a_guess_that_never_changes(true: np.ndarray) -> None:
    guess = majority(true)
    assert set(guess) == {stats.mode(true).mode}
    assert LABEL_METRICS["matthews"](true, guess) == 0
    assert np.isnan(NUMBER_METRICS["pearson"](true.astype(float), np.ones(len(true))))
    assert np.isnan(NUMBER_METRICS["spearman"](np.ones(1), np.ones(1)))
