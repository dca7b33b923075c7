"""Feature extraction on a tiny model: the hidden states of the model's own call, padding left out."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from flax_albert import FlaxAlbertModel, pipeline
from flax_albert.tasks import FeatureExtraction, InputError
from tests.tasks import tiny
from tests.tolerances import SMALL

TEXTS = ["the cat sat on the mat.", "A dog", "the man in the sun " * 5, "a mat, a mat."]
LONG = "the cat " * 40


@pytest.fixture(scope="module")
def extract() -> FeatureExtraction:
    return FeatureExtraction(tiny.model_of(FlaxAlbertModel), tiny.tokenizer())


def hidden(task: FeatureExtraction, text: str, **limits: Any) -> np.ndarray:
    return np.asarray(task.model(**task.tokenizer(text, return_tensors="np", **limits)).last_hidden_state)


def test_features_are_the_hidden_states_of_the_tokens(extract: FeatureExtraction) -> None:
    answers = extract(TEXTS)
    for text, answer in zip(TEXTS, answers, strict=True):
        assert isinstance(answer[0][0][0], float)
        np.testing.assert_allclose(answer, hidden(extract, text), atol=SMALL)
    np.testing.assert_allclose(extract(TEXTS[1]), answers[1], atol=SMALL)
    for answer, array in zip(answers, extract(iter(TEXTS), return_tensors=True), strict=True):
        assert isinstance(array, np.ndarray)
        assert array.dtype == np.float32
        assert array.base is None
        np.testing.assert_allclose(array, answer, atol=SMALL)


def test_a_long_text_can_be_truncated(extract: FeatureExtraction) -> None:
    expected = hidden(extract, LONG, truncation=True, max_length=48)
    np.testing.assert_allclose(extract(LONG, truncation=True), expected, atol=SMALL)
    np.testing.assert_allclose(extract(LONG, tokenize_kwargs={"truncation": True}), expected, atol=SMALL)
    short = extract(LONG, truncation=True, tokenize_kwargs={"max_length": 9})
    np.testing.assert_allclose(short, hidden(extract, LONG, truncation=True, max_length=9), atol=SMALL)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (3, TypeError, "must be a str, got int"),
        ("", ValueError, "is empty"),
        (LONG, ValueError, "has 83 tokens, and the model takes 48"),
    ],
)
def test_an_input_at_fault_is_named_and_the_others_answered(
    extract: FeatureExtraction, value: Any, error: type[Exception], message: str
) -> None:
    tolerant = FeatureExtraction(extract.model, extract.tokenizer, on_error="yield", return_tensors=True)
    first, answer, last = tolerant([TEXTS[0], value, TEXTS[1]])
    assert (first.shape[2], last.shape[2]) == (24, 24)
    assert isinstance(answer, error)
    with pytest.raises(InputError, match=rf"inputs\[1\] .*{message}"):
        extract([TEXTS[0], value, TEXTS[1]])


def test_numbers_that_are_not_finite_are_told(extract: FeatureExtraction) -> None:
    broken = extract.model.holding(jax.tree.map(lambda leaf: jnp.full_like(leaf, 1e30), extract.model.params))
    with pytest.raises(InputError, match="gives numbers that are not finite"):
        FeatureExtraction(broken, extract.tokenizer)("the cat")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"tokenize_kwargs": {"padding": True}}, ValueError, "takes truncation and max_length, got 'padding'"),
        ({"tokenize_kwargs": {"truncation": True}, "truncation": True}, ValueError, "truncation is given twice"),
        ({"tokenize_kwargs": {"max_length": 0}}, ValueError, "max_length must be a whole number"),
        ({"pooling": "mean"}, TypeError, "has no option 'pooling'"),
    ],
)
def test_options_are_checked(
    extract: FeatureExtraction, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        extract(TEXTS, **options)


def test_a_pipeline_loads_it(extract: FeatureExtraction, tmp_path: Path) -> None:
    extract.model.save_pretrained(tmp_path)
    extract.tokenizer.save_pretrained(tmp_path)
    for task in ("feature-extraction", None):
        loaded = pipeline(task, tmp_path, return_tensors=True)
        assert isinstance(loaded, FeatureExtraction)
        np.testing.assert_allclose(loaded(TEXTS[0]), hidden(extract, TEXTS[0]), atol=SMALL)
    assert pipeline("feature-extraction", return_tensors=True)("The dog barked.").shape == (1, 7, 256)
