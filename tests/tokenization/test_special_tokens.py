"""The special tokens as attributes, and what it takes to change them."""

import pytest

from flax_albert.tokenization import AddedToken, AlbertTokenizerFast


def test_tokens_and_ids_are_two_views_of_one_thing(tokenizer: AlbertTokenizerFast) -> None:
    assert (tokenizer.mask_token, tokenizer.mask_token_id) == ("[MASK]", 4)
    tokenizer.mask_token_id = tokenizer.convert_tokens_to_ids("▁cat")
    assert tokenizer.mask_token == "▁cat"
    tokenizer.mask_token = AddedToken("▁dog")
    assert tokenizer.mask_token_id == tokenizer.get_vocab()["▁dog"]
    tokenizer.mask_token = None
    assert tokenizer.mask_token is None
    assert tokenizer.mask_token_id is None
    assert "mask_token" not in tokenizer.special_tokens_map
    tokenizer.mask_token_id = None
    assert 4 not in tokenizer.all_special_ids


def test_an_id_beyond_the_vocabulary_is_refused(tokenizer: AlbertTokenizerFast) -> None:
    with pytest.raises(ValueError, match="pad_token_id cannot be 5000: the vocabulary has no such id"):
        tokenizer.pad_token_id = 5000
    with pytest.raises(ValueError, match="the vocabulary has no id 5000"):
        tokenizer.additional_special_tokens_ids = [5, 5000]
    assert tokenizer.pad_token_id == 0
    tokenizer.additional_special_tokens_ids = [5]
    assert tokenizer.additional_special_tokens == ["("]


def test_an_added_token_is_never_split(tokenizer: AlbertTokenizerFast) -> None:
    before = len(tokenizer)
    assert tokenizer.add_tokens([]) == 0
    assert tokenizer.add_tokens(["Qwertz", AddedToken("asdf", single_word=True)]) == 2
    assert len(tokenizer) == before + 2
    assert tokenizer.vocab_size == before
    ids = tokenizer.convert_tokens_to_ids(["Qwertz", "asdf"])
    assert ids == [before, before + 1]
    encoded = tokenizer("the qwertz asdf asdfg", add_special_tokens=False).input_ids
    assert [token for token in encoded if token in ids] == ids
    assert tokenizer.decode(ids) == "Qwertzasdf"


def test_an_added_special_token_is_skipped_in_decoding(tokenizer: AlbertTokenizerFast) -> None:
    tokenizer.add_special_tokens({"additional_special_tokens": ["<x>"]})
    tokenizer.add_special_tokens({"additional_special_tokens": ["<y>"]}, replace_additional_special_tokens=False)
    assert tokenizer.additional_special_tokens == ["<x>", "<y>"]
    assert tokenizer.decode(tokenizer("<x> the cat<y>").input_ids, skip_special_tokens=True) == "the cat"
    tokenizer.add_special_tokens({"additional_special_tokens": ["<z>"]})
    assert tokenizer.additional_special_tokens == ["<z>"]
    with pytest.raises(ValueError, match="'masktoken' is no special token; the names are"):
        tokenizer.add_special_tokens({"masktoken": "<z>"})


def test_the_mask_token_takes_the_space_before_it(tokenizer: AlbertTokenizerFast) -> None:
    def tokens(text: str) -> list[str]:
        return tokenizer.convert_ids_to_tokens(tokenizer.encode(text, add_special_tokens=False))

    assert tokens("the [MASK] sat") == ["▁the", "[MASK]", "▁sat"]
    assert tokens("the [SEP] sat") == ["▁the", "▁", "[SEP]", "▁sat"]


def test_what_stands_around_texts(tokenizer: AlbertTokenizerFast) -> None:
    first, second = (tokenizer.encode(text, add_special_tokens=False) for text in ("the cat", "sat"))
    pair = tokenizer("the cat", "sat", return_special_tokens_mask=True)
    assert tokenizer.build_inputs_with_special_tokens(first, second) == pair.input_ids
    assert tokenizer.create_token_type_ids_from_sequences(first, second) == pair.token_type_ids
    assert tokenizer.get_special_tokens_mask(first, second) == pair.special_tokens_mask
    assert (
        tokenizer.get_special_tokens_mask(pair.input_ids, already_has_special_tokens=True) == pair.special_tokens_mask
    )
    with pytest.raises(ValueError, match="leave out token_ids_1"):
        tokenizer.get_special_tokens_mask(first, second, already_has_special_tokens=True)
    assert tokenizer.num_special_tokens_to_add(pair=True) == 3
    tokenizer.model_max_length = 512
    assert (tokenizer.max_len_single_sentence, tokenizer.max_len_sentences_pair) == (510, 509)
