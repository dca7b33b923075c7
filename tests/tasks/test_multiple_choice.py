"""Multiple choice on a tiny model: the probabilities that the model's own call gives all choices of a question."""

import json
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from flax_albert import FlaxAlbertForMultipleChoice, pipeline
from flax_albert.tasks import InputError, MultipleChoice
from tests.tasks import tiny
from tests.tolerances import SMALL

CHOICES = ["on the mat.", "a dog", "in the sun, the sun, the sun.", "mats", "the man sat on the cat."]
QUESTIONS = [
    {"prompt": "the cat sat", "choices": CHOICES[:3]},
    {"prompt": "a man", "choices": CHOICES},
    {"prompt": "the dog sat on a mat in the sun.", "choices": tuple(CHOICES[1:5])},
    {"prompt": "the sun", "choices": CHOICES[:1]},
]


@pytest.fixture(scope="module")
def choose() -> MultipleChoice:
    return MultipleChoice(tiny.sharp_of(FlaxAlbertForMultipleChoice), tiny.tokenizer())


def scores(task: MultipleChoice, firsts: list[str], seconds: list[str], **limits: Any) -> np.ndarray:
    """Of one question, by the documented call."""
    padding: dict[str, Any] = {"padding": "max_length", "max_length": 48, **limits}
    inputs = task.tokenizer(firsts, seconds, return_tensors="np", return_token_type_ids=True, **padding)
    logits = np.asarray(task.model(**{name: array[None] for name, array in inputs.items()}).logits[0], np.float64)
    odds = np.exp(logits - logits.max())
    return odds / odds.sum()


def assert_is(answer: Any, expected: np.ndarray, choices: Any) -> None:
    np.testing.assert_allclose(answer["scores"], expected, atol=SMALL)
    best = int(expected.argmax())
    assert (answer["choice"], answer["answer"]) == (best, choices[best])
    assert answer["score"] == answer["scores"][best]


def test_questions_with_any_number_of_choices_are_answered_together(choose: MultipleChoice) -> None:
    answers = choose(QUESTIONS)
    for question, answer in zip(QUESTIONS, answers, strict=True):
        choices: Any = question["choices"]
        expected = scores(choose, [str(question["prompt"])] * len(choices), list(choices))
        assert_is(answer, expected, choices)
    assert answers[3]["scores"] == [1.0]
    assert json.loads(json.dumps(answers)) == answers
    assert choose(QUESTIONS[0])["choice"] == answers[0]["choice"]
    streamed = choose(question for question in QUESTIONS)
    assert not isinstance(streamed, list)
    assert [answer["choice"] for answer in streamed] == [answer["choice"] for answer in answers]


def test_the_forms_of_swag_and_race_are_understood(choose: MultipleChoice) -> None:
    endings = {f"ending{number}": choice for number, choice in enumerate(CHOICES)}
    swag = {"video-id": "v1", "sent1": "the cat sat.", "sent2": "the dog", **endings, "label": 3}
    assert_is(choose(swag), scores(choose, ["the cat sat."] * 5, [f"the dog {choice}" for choice in CHOICES]), CHOICES)
    without = {**swag, "sent2": ""}
    assert_is(choose(without), scores(choose, ["the cat sat."] * 5, CHOICES), CHOICES)
    race = {"article": "a man sat.", "question": "the dog sat in what", "options": CHOICES[:3], "answer": "A"}
    expected = scores(choose, ["a man sat."] * 3, [f"the dog sat in what {choice}" for choice in CHOICES[:3]])
    assert_is(choose(race), expected, CHOICES)
    gap = {"context": "a man sat.", "question": "the _ sat", "choices": ["dog", "cat"]}
    assert_is(choose(gap), scores(choose, ["a man sat."] * 2, ["the dog sat", "the cat sat"]), ["dog", "cat"])


LONG = {"prompt": "the cat " * 40, "choices": CHOICES}


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (3, TypeError, 'must be a dictionary with "prompt" and "choices"; "sent1", .* got int'),
        ("a question", TypeError, "must be a dictionary .* got str"),
        ({"prompt": "a"}, ValueError, "must hold .* and holds 'prompt'"),
        ({}, ValueError, "holds nothing"),
        ({"prompt": 4, "choices": CHOICES}, TypeError, "'prompt' that must be a str, and is int"),
        ({"prompt": " ", "choices": CHOICES}, ValueError, "has an empty 'prompt'"),
        ({"prompt": "a", "choices": "mat"}, TypeError, "'choices' that must be a list of texts, and is str"),
        ({"prompt": "a", "choices": []}, ValueError, "has no choices; give it some"),
        ({"prompt": "a", "choices": ["mat", 5]}, TypeError, "a choice that must be a str, number 1, and is int"),
        ({"prompt": "a", "choices": ["mat", ""]}, ValueError, "has an empty choice, number 1"),
        ({"sent1": "a", "sent2": 3, "ending0": "mat"}, TypeError, "'sent2' that must be a str, and is int"),
        ({"article": "a", "question": "", "options": ["mat"]}, ValueError, "has an empty 'question'"),
        (LONG, ValueError, "tokens, and the model takes 48; shorten the text"),
    ],
)
def test_an_input_at_fault_is_named_and_the_others_answered(
    choose: MultipleChoice, value: Any, error: type[Exception], message: str
) -> None:
    tolerant = MultipleChoice(choose.model, choose.tokenizer, on_error="yield")
    first, answer, last = tolerant([QUESTIONS[0], value, QUESTIONS[1]])
    assert (len(first["scores"]), len(last["scores"])) == (3, 5)
    assert isinstance(answer, error)
    with pytest.raises(InputError, match=rf"inputs\[1\] .*{message}"):
        choose([QUESTIONS[0], value, QUESTIONS[1]])
    with pytest.raises(InputError, match=message):
        choose(value) if value != 3 else choose([value])


def test_a_long_prompt_can_be_cut_and_the_choices_kept(choose: MultipleChoice) -> None:
    expected = scores(choose, [str(LONG["prompt"])] * 5, CHOICES, truncation="only_first")
    assert_is(choose(LONG, truncation="only_first"), expected, CHOICES)
    tolerant = MultipleChoice(choose.model, choose.tokenizer, on_error="yield", truncation="only_first")
    turned = {"prompt": "the cat", "choices": ["a mat", "the dog " * 40]}
    first, fault, last = tolerant([QUESTIONS[0], turned, LONG])
    assert isinstance(fault, InputError)
    assert "cannot be truncated to 48 tokens" in str(fault)
    assert (len(first["scores"]), len(last["scores"])) == (3, 5)
    assert len(tolerant(turned, truncation=True)["scores"]) == 2


def test_scores_that_are_not_finite_are_told(choose: MultipleChoice) -> None:
    broken = choose.model.holding(jax.tree.map(lambda leaf: jnp.full_like(leaf, 1e30), choose.model.params))
    with pytest.raises(InputError, match="gives scores that are not finite"):
        MultipleChoice(broken, choose.tokenizer)(QUESTIONS[0])


def test_a_pipeline_loads_it(choose: MultipleChoice, tmp_path: Path) -> None:
    choose.model.save_pretrained(tmp_path)
    choose.tokenizer.save_pretrained(tmp_path)
    for task in ("multiple-choice", None):
        loaded = pipeline(task, tmp_path, batch_size=2)
        assert isinstance(loaded, MultipleChoice)
        assert [one["choice"] for one in loaded(QUESTIONS)] == [one["choice"] for one in choose(QUESTIONS)]
    with pytest.raises(ValueError, match="max_length must be a whole number"):
        choose(QUESTIONS, max_length=0)
