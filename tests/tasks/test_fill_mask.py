"""Fill-mask on a tiny model: the model's own probabilities, whatever runs beside a text."""

import itertools
import logging
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from flax_albert import FlaxAlbertForMaskedLM
from flax_albert.model import compiled
from flax_albert.tasks import FillMask, InputError, whole_words
from tests.tasks import tiny
from tests.tolerances import SMALL

TEXTS = [
    "The [MASK] sat on the mat.",
    "A [MASK]",
    "[MASK] cat in the sun. " + "the dog sat on a mat in the sun. " * 3,
    "The cats [MASK] on a [MASK], the dog [MASK]",
    "a man sat in the [MASK] sun",
]


@pytest.fixture(scope="module")
def fill_mask() -> FillMask:
    return FillMask(tiny.model(), tiny.tokenizer(), batch_size=4)


def probabilities(fill_mask: FillMask, text: str) -> np.ndarray:
    """[masks, vocab], from the documented call on the text alone, always in one shape to compile once."""
    inputs = fill_mask.tokenizer(text, padding="max_length", max_length=48, return_tensors="np")
    logits = np.asarray(fill_mask.model(**inputs).logits[0], np.float64)
    logits = logits[inputs["input_ids"][0] == fill_mask.tokenizer.mask_token_id]
    odds = np.exp(logits - logits.max(-1, keepdims=True))
    return odds / odds.sum(-1, keepdims=True)


@pytest.mark.parametrize("text", TEXTS)
def test_candidates_are_the_likeliest_pieces_with_the_models_probabilities(fill_mask: FillMask, text: str) -> None:
    expected = probabilities(fill_mask, text)
    answer = fill_mask(text, top_k=7)
    rows = answer if isinstance(answer[0], list) else [answer]
    assert len(rows) == len(expected)
    for candidates, row in zip(rows, expected, strict=True):
        best = np.argsort(-row)[:7]
        assert [candidate["token"] for candidate in candidates] == best.tolist()
        np.testing.assert_allclose([candidate["score"] for candidate in candidates], row[best], atol=SMALL, rtol=0)


def test_company_order_and_padding_change_nothing(fill_mask: FillMask) -> None:
    alone = [fill_mask(text) for text in TEXTS]
    order = [3, 0, 4, 2, 1] * 9
    for index, answer in zip(order, fill_mask([TEXTS[index] for index in order]), strict=True):
        assert_same(answer, alone[index])


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, list):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            assert_same(*pair)
    else:
        assert {**one, "score": 0} == {**other, "score": 0}
        assert one["score"] == pytest.approx(other["score"], abs=SMALL)


def test_results_have_the_shape_that_transformers_gives_them(fill_mask: FillMask) -> None:
    one, several = TEXTS[0], TEXTS[3]
    assert [set(candidate) for candidate in fill_mask(one, top_k=2)] == [
        {"score", "token", "token_str", "sequence"}
    ] * 2
    assert [len(candidates) for candidates in fill_mask(several, top_k=2)] == [2, 2, 2]
    assert fill_mask([one]) == fill_mask(one)
    assert fill_mask([several]) == fill_mask(several)
    assert [type(answer[0]) for answer in fill_mask([one, several])] == [dict, list]
    assert fill_mask([]) == []
    assert_same(fill_mask("the [MASK] sat", top_k=None, targets=None), fill_mask("the [MASK] sat"))


def test_sequences_hold_the_piece_and_keep_other_masks(fill_mask: FillMask) -> None:
    (word,) = fill_mask("The [MASK] sat", targets="▁cat")
    (ending,) = fill_mask("The cat [MASK] sat", targets="s")
    assert (word["token_str"], word["sequence"]) == ("cat", "the cat sat")
    assert (ending["token_str"], ending["sequence"]) == ("s", "the cats sat")
    first, second = fill_mask("The [MASK] [MASK]", targets="▁cat")
    assert first[0]["sequence"] == "[CLS] the cat[MASK][SEP]"
    assert second[0]["sequence"] == "[CLS] the[MASK] cat[SEP]"


def test_targets_choose_among_pieces_and_keep_their_probability(fill_mask: FillMask) -> None:
    expected = probabilities(fill_mask, TEXTS[0])[0]
    candidates = fill_mask(TEXTS[0], top_k=5, targets=["▁cat", "▁dog", "▁dog"])
    assert sorted(candidate["token_str"] for candidate in candidates) == ["cat", "dog"]
    assert candidates[0]["score"] >= candidates[1]["score"]
    for candidate in candidates:
        assert candidate["score"] == pytest.approx(expected[candidate["token"]], abs=SMALL)


def test_a_target_that_is_no_piece_stands_for_its_first_one(
    fill_mask: FillMask, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        (candidate,) = fill_mask(TEXTS[0], targets="Cats")
    assert candidate["token_str"] == "cat"
    assert "'Cats'" in caplog.text
    assert "'▁cat'" in caplog.text


def test_words_become_the_pieces_that_mean_them(fill_mask: FillMask) -> None:
    assert whole_words(["Man", "man", "s", "Cat"], fill_mask.tokenizer) == ["▁man", "▁man", "s", "▁cat"]
    with pytest.raises(ValueError, match=r"'cats' is no single piece .*▁cat \+ s"):
        whole_words(["cats"], fill_mask.tokenizer)
    with pytest.raises(ValueError, match="'Ω' is no single piece"):
        whole_words(["Ω"], fill_mask.tokenizer)


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        ("The cat sat.", InputError, r"inputs\[0\] \('The cat sat.'\) has no \[MASK\]; write \[MASK\]"),
        ("", InputError, "is empty; write some text"),
        (" \n", InputError, "is empty"),
        ("[MASK] " + "a " * 60, InputError, "has 64 tokens, and the model takes 48; shorten the text"),
        (["a [MASK]", "the " * 20], InputError, r"inputs\[1\] \('the the the the the the the the…'\) has no"),
        (["a [MASK]", 3], TypeError, r"inputs\[1\] \(3\) must be a str, got int"),
        (3, TypeError, "inputs must be an input, a list of them or another iterable, got int"),
        (None, TypeError, "got NoneType"),
    ],
)
def test_a_faulty_text_is_named(fill_mask: FillMask, texts: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        fill_mask(texts)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"top_k": 0}, ValueError, "top_k must be a whole number from 1 to the vocabulary's 22, got 0"),
        ({"top_k": 23}, ValueError, "got 23"),
        ({"top_k": 2.0}, ValueError, "got 2.0"),
        ({"targets": []}, ValueError, "targets is empty"),
        ({"targets": ["▁cat", ""]}, ValueError, "The target '' means nothing"),
        ({"targets": "Ω"}, ValueError, "The target 'Ω' means nothing"),
        ({"targets": [7]}, TypeError, "Every target must be a str, got int"),
    ],
)
def test_a_faulty_option_is_named(
    fill_mask: FillMask, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        fill_mask("a [MASK]", **options)


def test_a_model_and_a_tokenizer_that_do_not_match_are_refused() -> None:
    config = tiny.model().config
    config.vocab_size = 10
    with pytest.raises(ValueError, match="The tokenizer knows 22 pieces and the model 10"):
        FillMask(FlaxAlbertForMaskedLM(config, _do_init=False), tiny.tokenizer())
    with pytest.raises(ValueError, match="batch_size must be a whole number of at least 1"):
        FillMask(tiny.model(), tiny.tokenizer(), batch_size=0)


def test_scores_that_are_no_numbers_are_an_error() -> None:
    broken = tiny.model()
    broken.params = jax.tree.map(lambda array: array * jnp.nan, broken.params)
    with pytest.raises(InputError, match="not finite"):
        FillMask(broken, tiny.tokenizer())("a [MASK]")


def test_texts_before_a_faulty_one_are_answered(fill_mask: FillMask) -> None:
    good = [TEXTS[index % len(TEXTS)] for index in range(70)]
    answers = fill_mask.iterate([*good, "nothing to fill in", *good])
    for text in good:
        assert len(next(answers)) == text.count("[MASK]")
    with pytest.raises(InputError) as caught:
        next(answers)
    assert caught.value.index == 70


def test_an_endless_source_is_read_a_little_at_a_time(fill_mask: FillMask) -> None:
    taken = 0

    def source() -> Iterator[str]:
        nonlocal taken
        for text in itertools.cycle(TEXTS):
            taken += 1
            yield text

    answers = FillMask(fill_mask.model, fill_mask.tokenizer, look_ahead=8).iterate(source())
    for count in range(1, 200):
        next(answers)
        assert taken <= count + 4 * 8  # windows answered, computed, waiting, and being read


def test_a_handful_of_executables_serves_all_texts(fill_mask: FillMask) -> None:
    generator = np.random.default_rng(0)
    before = compiled.applied._cache_size()  # type: ignore[attr-defined]
    texts = ["[MASK]" + " the cat" * int(count) for count in generator.integers(0, 22, 150)]
    assert len(fill_mask(texts)) == 150
    assert len(fill_mask(texts[:9])) == 9
    compiled_since = compiled.applied._cache_size() - before  # type: ignore[attr-defined]
    assert compiled_since <= fill_mask.executables <= 12  # four lengths, three numbers of rows
