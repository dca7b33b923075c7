"""Sentence order on a tiny model: the probabilities of the model's own ``sop_logits``."""

import json
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from flax_albert import FlaxAlbertForPreTraining, pipeline
from flax_albert.tasks import InputError, SentenceOrder
from tests.tasks import tiny
from tests.tolerances import SMALL

PAIRS = [
    {"text": "the cat sat on the mat.", "text_pair": "a dog sat in the sun."},
    {"text": "a dog", "text_pair": "the man."},
    {"text": "the man in the sun " * 4, "text_pair": "mats, a mat."},
    {"text": "a dog sat in the sun.", "text_pair": "the cat sat on the mat."},
]


@pytest.fixture(scope="module")
def order() -> SentenceOrder:
    return SentenceOrder(tiny.sharp_of(FlaxAlbertForPreTraining), tiny.tokenizer())


def in_order(task: SentenceOrder, pair: dict[str, Any], **limits: Any) -> float:
    padding: dict[str, Any] = {"padding": "max_length", "max_length": 48, **limits}
    inputs = task.tokenizer(pair["text"], pair["text_pair"], return_tensors="np", return_token_type_ids=True, **padding)
    right, wrong = np.exp(np.asarray(task.model(**inputs).sop_logits[0], np.float64))
    return right / (right + wrong)


def test_probabilities_are_those_of_the_models_own_head(order: SentenceOrder) -> None:
    answers = order(PAIRS)
    for pair, answer in zip(PAIRS, answers, strict=True):
        expected = in_order(order, pair)
        assert answer["in_order"] == pytest.approx(expected, abs=SMALL)
        assert answer["label"] == ("in_order" if expected >= 0.5 else "swapped")
        assert answer["score"] == pytest.approx(max(expected, 1 - expected), abs=SMALL)
    assert {answer["label"] for answer in answers} == {"in_order", "swapped"}
    assert json.loads(json.dumps(answers)) == answers
    assert order(PAIRS[0])["label"] == answers[0]["label"]
    assert [one["label"] for one in order(iter(PAIRS))] == [one["label"] for one in answers]


LONG = {"text": "the cat " * 40, "text_pair": "a dog " * 3}


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (3, TypeError, 'must be a dictionary with "text" and "text_pair", got int'),
        ("a text", TypeError, 'must be a dictionary with "text" and "text_pair", got str'),
        ({"text": "a"}, ValueError, 'must hold "text" and "text_pair", and holds \'text\''),
        ({"text": "a", "text_pair": None}, TypeError, "'text_pair' that must be a str, and is NoneType"),
        ({"text": "", "text_pair": "a"}, ValueError, "has an empty 'text'"),
        (LONG, ValueError, "tokens, and the model takes 48; shorten the text"),
    ],
)
def test_an_input_at_fault_is_named_and_the_others_answered(
    order: SentenceOrder, value: Any, error: type[Exception], message: str
) -> None:
    tolerant = SentenceOrder(order.model, order.tokenizer, on_error="yield")
    first, answer, last = tolerant([PAIRS[0], value, PAIRS[1]])
    assert (first["label"], last["label"]) == tuple(one["label"] for one in order(PAIRS[:2]))
    assert isinstance(answer, error)
    with pytest.raises(InputError, match=rf"inputs\[1\] .*{message}"):
        order([PAIRS[0], value, PAIRS[1]])


def test_a_long_pair_can_be_truncated(order: SentenceOrder) -> None:
    for way in (True, "only_first"):
        expected = in_order(order, LONG, truncation=way)
        assert order(LONG, truncation=way)["in_order"] == pytest.approx(expected, abs=SMALL)
    with pytest.raises(InputError, match=r"inputs\[0\] .* cannot be truncated to 48 tokens"):
        order(LONG, truncation="only_second")


def test_scores_that_are_not_finite_are_told(order: SentenceOrder) -> None:
    broken = order.model.holding(jax.tree.map(lambda leaf: jnp.full_like(leaf, 1e30), order.model.params))
    with pytest.raises(InputError, match="gives scores that are not finite"):
        SentenceOrder(broken, order.tokenizer)(PAIRS[0])


def test_a_pipeline_loads_it_where_the_head_is_there(order: SentenceOrder, tmp_path: Path) -> None:
    order.model.save_pretrained(tmp_path)
    order.tokenizer.save_pretrained(tmp_path)
    loaded = pipeline("sentence-order", tmp_path)
    assert [one["label"] for one in loaded(PAIRS)] == [one["label"] for one in order(PAIRS)]
    with pytest.raises(ValueError, match="'albert-mini-en' was not trained for SentenceOrder: it lacks"):
        SentenceOrder.from_pretrained("albert-mini-en")
    with pytest.raises(ValueError, match="needs a model"):
        pipeline("sentence-order")
