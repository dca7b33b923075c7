"""BatchEncoding: a mapping, a record, and a map between characters, words and tokens."""

import pickle

import numpy as np
import pytest

from flax_albert.tokenization import AlbertTokenizerFast, BatchEncoding, CharSpan, TokenSpan


def test_names_are_keys_and_attributes(tokenizer: AlbertTokenizerFast) -> None:
    encoded = tokenizer("the cat")
    assert encoded.input_ids is encoded["input_ids"]
    assert dict(**encoded) == encoded.data
    assert "input_ids" in encoded
    assert not hasattr(encoded, "labels")
    with pytest.raises(AttributeError, match=r"no 'labels'; it holds \['input_ids'"):
        _ = encoded.labels
    with pytest.raises(KeyError):
        _ = encoded["labels"]


def test_its_views_are_those_of_a_dictionary(tokenizer: AlbertTokenizerFast) -> None:
    encoded = tokenizer("the cat")
    assert str(encoded.keys()) == "dict_keys(['input_ids', 'token_type_ids', 'attention_mask'])"
    assert list(encoded.items()) == list(zip(encoded.keys(), encoded.values(), strict=True))


def test_positions_count_from_either_end(tokenizer: AlbertTokenizerFast) -> None:
    encoded = tokenizer(["the cat", "a dog"], ["sat down", "lay"])
    last = len(encoded.input_ids[1]) - 2
    assert encoded.token_to_sequence(1, -2) == encoded.token_to_sequence(1, last) == 1
    assert encoded.token_to_chars(-1, -2) == encoded.token_to_chars(1, last) == CharSpan(0, 3)
    assert encoded.token_to_word(-1) is None
    assert encoded.word_to_tokens(0, 0, sequence_index=1) == TokenSpan(4, 5)
    assert encoded.word_to_chars(0, 1) == CharSpan(3, 7)
    assert encoded.char_to_token(0, 0, sequence_index=1) == 4
    assert encoded.word_to_chars(0, 99) is None
    assert encoded.char_to_token(99) is None
    assert encoded[1].ids == encoded.input_ids[1]


def test_without_encodings_it_is_a_mapping_only(tokenizer: AlbertTokenizerFast) -> None:
    bare = BatchEncoding({"input_ids": [[1, 2], [3, 4]]})
    assert bare[:1] == {"input_ids": [[1, 2]]}
    assert not bare.is_fast
    assert bare.n_sequences is None
    with pytest.raises(ValueError, match="holds no encodings"):
        bare.tokens()
    with pytest.raises(KeyError, match="by name or slice"):
        _ = bare[0]
    assert tokenizer("a", "b").n_sequences == 2


def test_pickling_keeps_everything(tokenizer: AlbertTokenizerFast) -> None:
    encoded = tokenizer(["the cat"], return_tensors="np")
    again = pickle.loads(pickle.dumps(encoded))
    np.testing.assert_array_equal(again.input_ids, encoded.input_ids)
    assert again.tokens() == encoded.tokens()
    assert again.n_sequences == 1


def test_converting_to_arrays(tokenizer: AlbertTokenizerFast) -> None:
    encoded = tokenizer("the cat")
    assert encoded.convert_to_tensors() is encoded
    assert isinstance(encoded.input_ids, list)
    assert encoded.convert_to_tensors("np", prepend_batch_axis=True).input_ids.shape == (1, 4)
    assert encoded.convert_to_tensors("np").input_ids.shape == (1, 4)
    with pytest.raises(ValueError, match="texts cannot become one array"):
        BatchEncoding({"texts": [[1], [1, 2]]}, tensor_type="np")
