"""Examples put aside."""

from __future__ import annotations

import random

import pytest

from flax_albert.data.examples import ChoiceExample, QuestionExample, TextExample
from flax_albert.data.split import split

_TEXTS = [TextExample(f"text {number}", None, "yes", f"line {number}") for number in range(200)]


def test_the_order_of_a_file_does_not_matter() -> None:
    shuffled = random.Random(0).sample(_TEXTS, len(_TEXTS))
    train, aside = split(_TEXTS, 0.1)
    assert (len(train), len(aside)) == (180, 20)
    assert set(split(shuffled, 0.1)[1]) == set(aside)
    assert sorted(train + aside, key=_TEXTS.index) == _TEXTS
    assert split(_TEXTS, 0.1, seed=1)[1] != aside


def test_equal_texts_stay_together() -> None:
    examples = [TextExample(f"text {number // 4}", None, "yes", f"line {number}") for number in range(40)]
    train, aside = split(examples, 0.3)
    assert len(aside) == 12
    assert {example.text for example in train}.isdisjoint(example.text for example in aside)


def test_pairs_go_by_their_longer_text() -> None:
    examples = [TextExample(f"Is it {n}?", f"A long passage {n // 5}.", "yes", "") for n in range(50)]
    train, aside = split(examples, 0.2)
    assert {example.pair for example in train}.isdisjoint(example.pair for example in aside)
    assert len(aside) == 10


def test_articles_stay_together_where_there_are_several() -> None:
    questions = [QuestionExample(str(n), "?", f"context {n // 2}", (), f"title {n // 20}", "") for n in range(100)]
    train, aside = split(questions, 0.2)
    assert len(aside) == 20
    assert len({question.title for question in aside}) == 1
    one_article = [QuestionExample(str(n), "?", f"context {n // 2}", (), "title", "") for n in range(100)]
    train, aside = split(one_article, 0.2)
    assert len(aside) == 20
    assert {question.context for question in train}.isdisjoint(question.context for question in aside)


def test_there_is_always_something_on_both_sides() -> None:
    large = [TextExample("a" if n else "b", None, "yes", "") for n in range(10)]
    train, aside = split(large, 0.01)
    assert ([example.text for example in aside], len(train)) == (["b"], 9)
    assert len(split(large, 0.99)[0]) >= 1


def test_what_cannot_be_split() -> None:
    same = [ChoiceExample("prompt", ("a", "b"), 0, "")] * 3
    with pytest.raises(ValueError, match=r"All 3 examples belong together"):
        split(same, 0.5)
    for share in (0, 1, -1, float("nan")):
        with pytest.raises(ValueError, match=r"lies between 0 and 1"):
            split(_TEXTS, share)
