"""What a call returns, and what it refuses."""

import json
import logging
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from flax_albert import AlbertConfig, FlaxAlbertModel
from flax_albert.tokenization import AlbertTokenizerFast

TEXT = "Ångström's naïve café:  1,000 ﬁne cats, and [MASK] more."


def test_offsets_cut_the_words_out_of_the_text_as_given(tokenizer: AlbertTokenizerFast) -> None:
    encoded = tokenizer(TEXT, return_offsets_mapping=True)
    assert TEXT[slice(*encoded.offset_mapping[encoded.input_ids.index(4)])] == " [MASK]"
    word = encoded.char_to_word(TEXT.index("café"))
    assert word is not None
    span = encoded.word_to_chars(word)
    assert span is not None
    assert TEXT[slice(*span)] == " café:"
    covered = {position for start, end in encoded.offset_mapping for position in range(start, end)}
    assert {TEXT[position] for position in set(range(len(TEXT))) - covered} <= {" "}


def test_a_lone_surrogate_does_not_move_the_offsets(tokenizer: AlbertTokenizerFast) -> None:
    text = "a \ud800 cat \udfff."
    encoded = tokenizer(text, return_offsets_mapping=True)
    assert text[slice(*encoded.offset_mapping[encoded.tokens().index("▁cat")])] == " cat"
    assert tokenizer(["fine", text]).input_ids[1] == encoded.input_ids


def test_padding_adds_padding_and_nothing_else(tokenizer: AlbertTokenizerFast) -> None:
    texts = ["The cat", "The dog sat by the river."]
    alone = [tokenizer(text).input_ids for text in texts]
    for side in ("left", "right"):
        tokenizer.padding_side = side
        padded = tokenizer(texts, padding=True, pad_to_multiple_of=8, return_tensors="np")
        assert padded.input_ids.shape[1] % 8 == 0
        for ids, mask, text in zip(padded.input_ids, padded.attention_mask, alone, strict=True):
            assert ids[mask == 1].tolist() == text
            assert set(ids[mask == 0].tolist()) <= {tokenizer.pad_token_id}
            assert mask[0 if side == "right" else -1] == 1


def test_windows_of_an_overflowing_text_hold_all_of_it(tokenizer: AlbertTokenizerFast) -> None:
    question, context = "What did she say?", TEXT * 4
    whole = tokenizer(context, add_special_tokens=False).input_ids
    windows = tokenizer(
        [question, question],
        [context, "short"],
        truncation="only_second",
        max_length=40,
        stride=5,
        return_overflowing_tokens=True,
        padding="max_length",
    )
    of_first = [i for i, sample in enumerate(windows["overflow_to_sample_mapping"]) if sample == 0]
    assert windows["overflow_to_sample_mapping"] == [0] * len(of_first) + [1]
    assert {len(ids) for ids in windows.input_ids} == {40}
    rebuilt: list[int] = []
    for index in of_first:
        part = [
            token
            for token, sequence in zip(windows.input_ids[index], windows.sequence_ids(index), strict=True)
            if sequence == 1
        ]
        assert not rebuilt or part[:5] == rebuilt[-5:]
        rebuilt += part[5:] if rebuilt else part
    assert rebuilt == whole


def test_a_question_that_leaves_no_window_is_named(tokenizer: AlbertTokenizerFast) -> None:
    options: dict[str, Any] = {"max_length": 20, "stride": 8, "return_overflowing_tokens": True}
    long = "the cat " * 30
    window_second: dict[str, Any] = {**options, "truncation": "only_second"}
    window_first: dict[str, Any] = {**options, "truncation": "only_first"}
    with pytest.raises(ValueError, match=r"first text of pair 1 has \d+ tokens and leaves \d of max_length=20"):
        tokenizer(["cat", "the cat and the dog and the cat and the dog"], [long, long], **window_second)
    with pytest.raises(ValueError, match="second text of pair 0"):
        tokenizer([long], ["the cat and the dog and the cat"], **window_first)
    # A long question beside a short text fits as it is.
    assert len(tokenizer(["the cat and the dog and the cat"], ["cat"], **window_second).input_ids) == 1


def test_arrays_of_jax_and_numpy_hold_the_same(tokenizer: AlbertTokenizerFast) -> None:
    texts = (["The cat", "A"], ["and the dog", "river"])
    ours = tokenizer(*texts, padding=True, return_tensors="jax")
    assert all(isinstance(value, jax.Array) and value.dtype == np.int32 for value in ours.values())
    for name, value in tokenizer(*texts, padding=True, return_tensors="np").items():
        assert value.dtype == np.int64
        np.testing.assert_array_equal(value, ours[name])
    assert list(ours) == ["input_ids", "token_type_ids", "attention_mask"]


def test_a_model_takes_what_a_call_returns(tokenizer: AlbertTokenizerFast) -> None:
    config = AlbertConfig(
        vocab_size=len(tokenizer),
        embedding_size=4,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
    )
    inputs = tokenizer(["The cat", "A"], ["and the dog", "river"], padding=True, return_tensors="np")
    model = FlaxAlbertModel(config, _do_init=False)
    params = jax.eval_shape(lambda key: model.init_weights(key, (1, 1)), jax.random.key(0))
    outputs = jax.eval_shape(lambda params: model(**inputs, params=params), params)
    assert outputs.last_hidden_state.shape == (*inputs.input_ids.shape, 8)


def test_threads_do_not_disturb_each_other(tokenizer: AlbertTokenizerFast) -> None:
    settings: list[dict[str, Any]] = [
        {"truncation": True, "max_length": 4 + n % 5, "padding": "max_length"} for n in range(8)
    ]
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(100):
            ids = tokenizer(TEXT, **settings[number]).input_ids
            if len(ids) != settings[number]["max_length"] or not tokenizer.decode(ids).startswith("[CLS]"):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_text_that_is_too_long_is_warned_of_once(
    tokenizer: AlbertTokenizerFast, caplog: pytest.LogCaptureFixture
) -> None:
    tokenizer.model_max_length = 8
    with caplog.at_level(logging.WARNING):
        tokenizer("cat " * 20, verbose=False)
        assert not caplog.messages
        tokenizer("cat " * 20)
        tokenizer(["cat " * 30, "cat"])
        tokenizer("cat " * 20, truncation=True)
    assert caplog.messages == ["a text of 23 tokens is longer than the 8 the model takes; pass truncation=True."]


def test_arguments_that_do_less_than_they_seem_to_are_warned_of_once(
    tokenizer: AlbertTokenizerFast, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        assert len(tokenizer("the cat sat", max_length=3).input_ids) == 3
        assert len(tokenizer("the cat sat", padding="max_length").input_ids) == 5
        assert len(tokenizer("the cat sat", truncation=True).input_ids) == 5
        assert len(tokenizer("the cat sat", padding=True, max_length=9).input_ids) == 5
    starts = [message[:30] for message in caplog.messages]
    assert len(starts) == len(set(starts)) == 4


def test_an_empty_batch_is_an_empty_answer(tokenizer: AlbertTokenizerFast) -> None:
    assert tokenizer([]).data == {"input_ids": [], "token_type_ids": [], "attention_mask": []}
    assert tokenizer([], return_tensors="np").input_ids.dtype == np.int64


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"return_tensors": "pt"}, "return_tensors='pt' is not offered: use 'np'"),
        ({"return_tensors": "tf"}, "return_tensors='tf' is not offered"),
        ({"return_tensors": "np"}, "input_ids cannot become one array: its rows differ in length"),
        ({"padding": "longer"}, "padding='longer' is unknown"),
        ({"truncation": "both"}, "truncation='both' is unknown"),
        ({"truncation": True, "max_length": 1}, "max_length=1 is too small for the 2 special tokens"),
        ({"truncation": True, "max_length": 8, "stride": 6}, "stride=6 must be smaller than the 6 tokens"),
        ({"truncation": True, "max_length": -1}, "max_length must not be negative"),
        ({"padding": True, "truncation": True, "max_length": 9, "pad_to_multiple_of": 8}, "not a multiple"),
        ({"truncation": "only_second", "max_length": 4}, "Second sequence not provided.*only_second"),
    ],
)
def test_contradictory_arguments_are_refused(
    tokenizer: AlbertTokenizerFast, options: dict[str, Any], complaint: str
) -> None:
    texts = ["the cat sat on the mat", "the"]
    with pytest.raises(ValueError, match=complaint.split(".*")[0]) as caught:
        tokenizer(texts, **options)
    assert all(part in str(caught.value) for part in complaint.split(".*"))
    assert tokenizer("the cat").input_ids == tokenizer(["the cat"]).input_ids[0]


def test_padding_needs_a_token_and_a_side(tokenizer: AlbertTokenizerFast) -> None:
    tokenizer.padding_side = "middle"
    with pytest.raises(ValueError, match="padding_side must be 'left' or 'right'"):
        tokenizer(["a", "the cat"], padding=True)
    tokenizer.padding_side = "left"
    tokenizer.pad_token = None
    with pytest.raises(ValueError, match=r"set tokenizer\.pad_token"):
        tokenizer(["a", "the cat"], padding=True)
    with pytest.raises(ValueError, match=r"set tokenizer\.pad_token"):
        tokenizer.pad({"input_ids": [[1], [1, 2]]})


def test_pad_takes_arrays_and_leaves_what_it_was_given(tokenizer: AlbertTokenizerFast) -> None:
    rows = [{"input_ids": jax.numpy.array([5, 6]), "labels": 1}, {"input_ids": jax.numpy.array([7]), "labels": 0}]
    padded = tokenizer.pad(rows)
    assert isinstance(padded.input_ids, jax.Array)
    assert padded.input_ids.tolist() == [[5, 6], [7, 0]]
    assert padded.labels.tolist() == [1, 0]
    given = {"input_ids": [[5, 6], [7]]}
    assert tokenizer.pad(given, padding="max_length", max_length=3).attention_mask == [[1, 1, 0], [1, 0, 0]]
    assert given == {"input_ids": [[5, 6], [7]]}
    for bad, complaint in [
        ([], "nothing to pad"),
        ({"ids": [1]}, "pad needs input_ids"),
        ([{"input_ids": [1]}, {"input_ids": [1], "labels": 0}], "inputs 0 and 1 have different names"),
        ({"input_ids": [[1], [2]], "token_type_ids": [[0]]}, "must be as many"),
    ]:
        with pytest.raises(ValueError, match=complaint):
            tokenizer.pad(bad)


def test_wrong_types_are_named_with_their_position(tiny: Path) -> None:
    """Asked of a fresh interpreter: here, argument types are checked before the tokenizer sees them."""
    cases = {
        "t(None)": "text must be a str, and it is None",
        "t(5)": "text must be a str, and it is int 5",
        "t(b'x')": "bytes (decode them first)",
        "t(['a', None])": "text[1] must be a str, and it is None",
        "t(['a', 3])": "text[1] must be a str, and it is int 3",
        "t([['a', 'b', 'c']])": "text[0] must be a str, and it is list ['a', 'b', 'c']; for a text that is split",
        "t('a', 5)": "text_pair must be a str, and it is int 5",
        "t('a', ['b'])": "text_pair must be a str, and it is list",
        "t(['a'], 'b')": "text_pair must be a list of texts",
        "t(['a', 'b'], ['c', None])": "text_pair[1] must be a str, and it is None",
        "t('a b', is_split_into_words=True)": "text must be a list of words",
        "t(['a', None], is_split_into_words=True)": "text[1] must be a str, and it is None",
        "t([['a'], ['b', 7]], is_split_into_words=True)": "text[1][1] must be a str, and it is int 7",
        "t('a', max_length='8')": "max_length must be a whole number, and it is '8'",
        "t.encode(['a', 'b'])": "call the tokenizer for a batch",
        "t.batch_encode_plus('a')": "takes a list",
        "t.decode('a')": "decode takes the ids of one text",
        "t.decode([1, 'a'])": "the one at position 1 is 'a'",
        "t.decode([[1], [2]])": "use batch_decode",
        "t.add_tokens([5])": "new_tokens[0] must be a str or an AddedToken",
        "t.add_special_tokens({'mask_token': 5})": "mask_token must be a str or an AddedToken",
        "t.add_special_tokens({'additional_special_tokens': '<x>'})": "must be a list of tokens",
        "setattr(t, 'cls_token', 5)": "cls_token must be a str or an AddedToken",
    }
    program = f"""
        import json
        from flax_albert.tokenization import AlbertTokenizerFast
        t = AlbertTokenizerFast({str(tiny / "spiece.model")!r})
        for case in {list(cases)!r}:
            try:
                eval(case)
            except TypeError as error:
                print(json.dumps(str(error)))
            else:
                print(json.dumps("not refused"))
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    answers = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    for (case, complaint), answer in zip(cases.items(), answers, strict=True):
        assert complaint in json.loads(answer), case


def test_as_many_second_texts_as_first_ones(tokenizer: AlbertTokenizerFast) -> None:
    with pytest.raises(ValueError, match="text has 1 texts and text_pair has 2"):
        tokenizer(["a"], ["b", "c"])


def test_ids_that_cannot_be_are_refused(tokenizer: AlbertTokenizerFast) -> None:
    with pytest.raises(ValueError, match="the one at position 1 is -100"):
        tokenizer.decode([5, -100])
    assert tokenizer.convert_ids_to_tokens(-1) is None
