"""Text classification on a tiny model: transformers' shapes of results, and the model's own scores."""

import json
from typing import Any

import numpy as np
import pytest

from flax_albert import FlaxAlbertForSequenceClassification, pipeline
from flax_albert.tasks import InputError, TextClassification
from tests.tasks import tiny
from tests.tolerances import SMALL

LABELS = {0: "low", 1: "middle", 2: "high"}
TEXTS = ["the cat sat on the mat.", "A dog", "the man in the sun " * 5, "a mat, a mat."]
PAIR = {"text": "the cat sat.", "text_pair": "a dog in the sun"}


def made(**config: Any) -> TextClassification:
    settings = {"id2label": LABELS, **config}
    model = tiny.model_of(FlaxAlbertForSequenceClassification, seed=0, **settings)
    return TextClassification(model, tiny.tokenizer())


@pytest.fixture(scope="module")
def classify() -> TextClassification:
    return made()


def logits(task: TextClassification, text: str, pair: str | None = None) -> np.ndarray:
    inputs = task.tokenizer(text, pair, padding="max_length", max_length=48, return_tensors="np")
    return np.asarray(task.model(**inputs).logits[0], np.float64)


def probabilities(task: TextClassification, text: str, pair: str | None = None) -> np.ndarray:
    odds = np.exp(logits(task, text, pair))
    return odds / odds.sum()


def test_scores_are_the_models_probabilities(classify: TextClassification) -> None:
    answers = classify([*TEXTS, PAIR], top_k=None)
    expected = [probabilities(classify, text) for text in TEXTS]
    expected.append(probabilities(classify, PAIR["text"], PAIR["text_pair"]))
    for answer, scores in zip(answers, expected, strict=True):
        best = np.argsort(-scores)
        assert [one["label"] for one in answer] == [LABELS[label] for label in best]
        np.testing.assert_allclose([one["score"] for one in answer], scores[best], atol=SMALL)


def test_results_have_the_shapes_of_transformers(classify: TextClassification) -> None:
    best = {text: classify(text, top_k=1)[0] for text in TEXTS}
    assert classify(TEXTS[0]) == [best[TEXTS[0]]]
    assert classify(TEXTS[:1]) == [best[TEXTS[0]]]
    assert_close(classify(TEXTS), [best[text] for text in TEXTS])
    assert set(classify(PAIR)) == {"label", "score"}
    assert classify(PAIR["text"], text_pair=PAIR["text_pair"]) == [classify(PAIR)]
    assert classify([[[PAIR["text"], PAIR["text_pair"]]]][0]) == classify(PAIR)
    assert_close(list(classify(text for text in TEXTS)), [best[text] for text in TEXTS])
    assert [len(answer) for answer in classify(TEXTS, top_k=2)] == [2, 2, 2, 2]
    assert [len(answer) for answer in classify(iter(TEXTS), top_k=9)] == [3, 3, 3, 3]
    assert_close(classify(TEXTS, batch_size=2, num_workers=0), [best[text] for text in TEXTS])
    assert classify(TEXTS[0], function_to_apply="SIGMOID") == classify(TEXTS[0], function_to_apply="sigmoid")
    lasting = TextClassification(classify.model, classify.tokenizer, top_k=2)
    assert_close(lasting(TEXTS), classify(TEXTS, top_k=2))
    assert lasting(TEXTS[0]) == [classify(TEXTS[0], top_k=2)]
    everything = classify(TEXTS[0], return_all_scores=True)
    assert [one["label"] for one in everything[0]] == list(LABELS.values())
    assert json.loads(json.dumps(everything)) == everything


def assert_close(actual: Any, expected: Any) -> None:
    """Equal but for the last digits of scores, which depend on what else is in a batch."""
    if isinstance(expected, list):
        assert len(actual) == len(expected)
        for one, other in zip(actual, expected, strict=True):
            assert_close(one, other)
    else:
        assert actual["label"] == expected["label"]
        assert actual["score"] == pytest.approx(expected["score"], abs=SMALL)


@pytest.mark.parametrize(
    ("config", "function"),
    [
        ({"problem_type": "multi_label_classification"}, "sigmoid"),
        ({"problem_type": "single_label_classification"}, "softmax"),
        ({"num_labels": 1, "id2label": {0: "score"}}, "sigmoid"),
        ({"num_labels": 1, "id2label": {0: "score"}, "problem_type": "regression"}, "none"),
    ],
)
def test_the_configuration_says_what_scores_are(config: dict[str, Any], function: str) -> None:
    task = made(**config)
    plain = logits(task, TEXTS[0])
    expected = {"sigmoid": 1 / (1 + np.exp(-plain)), "softmax": probabilities(task, TEXTS[0]), "none": plain}
    for given in (None, "sigmoid", "softmax", "none"):
        scores = [one["score"] for one in task(TEXTS[0], top_k=None, function_to_apply=given)]
        np.testing.assert_allclose(scores, np.sort(expected[given or function])[::-1], atol=SMALL)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (3, TypeError, 'must be a str, or a dictionary with "text" and "text_pair", not int'),
        ("", ValueError, "is empty"),
        ({"text": "a"}, None, ""),
        ({"text": "a", "text_pair": None}, None, ""),
        ({"text": "a", "text_pair": 4}, TypeError, "'text_pair' that must be a str, and is int"),
        ({"text": "a", "text_pair": " "}, ValueError, "has an empty 'text_pair'"),
        ({"sentence": "a"}, ValueError, 'must hold "text" and "text_pair", and holds \'sentence\''),
        ("the cat " * 40, ValueError, "tokens, and the model takes 48; shorten the text"),
    ],
)
def test_an_input_at_fault_is_named_and_the_others_answered(
    classify: TextClassification, value: Any, error: type[Exception] | None, message: str
) -> None:
    tolerant = TextClassification(classify.model, classify.tokenizer, on_error="yield")
    first, answer, last = tolerant([TEXTS[0], value, TEXTS[1]])
    assert first["label"] in LABELS.values()
    assert last["label"] in LABELS.values()
    if error is None:
        assert answer["label"] in LABELS.values()
        return
    assert isinstance(answer, InputError)
    assert isinstance(answer, error)
    assert answer.index == 1
    assert message in str(answer)
    with pytest.raises(InputError, match=r"inputs\[1\]"):
        classify([TEXTS[0], value, TEXTS[1]])


def test_a_long_text_can_be_truncated(classify: TextClassification) -> None:
    text = "the cat " * 40
    [whole], [short] = classify(text, truncation=True), classify(text, truncation=True, max_length=10)
    assert whole["score"] == pytest.approx(probabilities(classify, "the cat" + " the cat" * 22).max(), abs=SMALL)
    assert short["score"] == pytest.approx(probabilities(classify, "the cat" + " the cat" * 3).max(), abs=SMALL)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"top_k": 0}, ValueError, "top_k must be a whole number of at least 1"),
        ({"function_to_apply": "tanh"}, ValueError, "function_to_apply must be one of sigmoid, softmax, none"),
        ({"topk": 1}, TypeError, "has no option 'topk'; it has top_k"),
        ({"batch_size": 0}, ValueError, "batch_size must be a whole number"),
    ],
)
def test_options_are_checked(
    classify: TextClassification, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        classify(TEXTS, **options)
    with pytest.raises(error, match=message):
        TextClassification(classify.model, classify.tokenizer, **options)


def test_a_pipeline_loads_it_by_any_of_its_names(classify: TextClassification, tmp_path: Any) -> None:
    classify.model.save_pretrained(tmp_path)
    classify.tokenizer.save_pretrained(tmp_path)
    for task in ("text-classification", "sentiment-analysis", None):
        loaded = pipeline(task, str(tmp_path), batch_size=2)
        assert isinstance(loaded, TextClassification)
        assert_close(loaded(TEXTS), classify(TEXTS))
