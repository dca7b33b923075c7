"""Choices: any number a question."""

from __future__ import annotations

import numpy as np
import pytest

from flax_albert.data.examples import ChoiceExample
from flax_albert.tasks import MultipleChoice
from flax_albert.training.finetuning.choose import Choose
from tests.tolerances import SMALL
from tests.training.finetuning import tiny

WORDS = ("dog", "cat", "horse", "house", "river", "garden", "king", "ship")


def questions(count: int, seed: int) -> list[ChoiceExample]:
    """Which choice says the word of the prompt."""
    random = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        words = random.choice(WORDS, int(random.integers(2, 6)), replace=False).tolist()
        label = int(random.integers(len(words)))
        prompt = "it is not old" + " but old" * int(random.integers(3))
        choices = tuple(f"a {word}" if place != label else f"an old {word}" for place, word in enumerate(words))
        examples.append(ChoiceExample(prompt, choices, label, f"line {number + 1}"))
    return examples


@pytest.mark.slow
def test_it_learns_and_agrees_with_the_task() -> None:
    held_out = questions(30, seed=1)
    model, evaluation = tiny.learnt(Choose(), questions(60, seed=0), held_out)
    assert evaluation.metrics["accuracy"] > 0.9
    assert evaluation.baselines["accuracy"] == pytest.approx(np.mean([1 / len(one.choices) for one in held_out]))
    answers = MultipleChoice(model, tiny.TOKENIZER)(
        [{"prompt": q.prompt, "choices": list(q.choices)} for q in held_out]
    )
    right = [answer["choice"] == question.label for answer, question in zip(answers, held_out, strict=True)]
    assert evaluation.metrics["accuracy"] == np.mean(right)


def test_choices_that_are_not_there_have_no_part_in_the_loss() -> None:
    kind = Choose()
    model = kind.model_class(tiny.config(), seed=4)
    few = ChoiceExample("it is", ("a dog", "a cat"), 1, "line 1")
    many = ChoiceExample("it is", tuple(WORDS), 0, "line 2")
    apart = [tiny.evaluated(tiny.evaluator(kind, [one], model), model.params).metrics["loss"] for one in (few, many)]
    beside = tiny.evaluated(tiny.evaluator(kind, [few, many], model), model.params).metrics["loss"]
    assert beside == pytest.approx(np.mean(apart), abs=SMALL)


def test_examples_that_were_cut_are_counted_once() -> None:
    long = ChoiceExample("dog " * 50, ("a cat", "a king", "a ship"), 0, "line 1")
    short = ChoiceExample("dog", ("a cat", "a king " * 50), 0, "line 2")
    whole = ChoiceExample("dog", ("a cat", "a king"), 0, "line 3")
    assert tiny.encode(Choose(), [whole, long, whole, short], tiny.config()).truncated == 2


@pytest.mark.parametrize("label", [None, -1, 2])
def test_a_label_is_the_number_of_a_choice(label: int | None) -> None:
    with pytest.raises(ValueError, match=r"^line 5: the label .* is none of 0 to 1"):
        Choose().settings([ChoiceExample("a", ("b", "c"), label, "line 5")], tiny.config())
