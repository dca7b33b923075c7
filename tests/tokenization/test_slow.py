"""The slow tokenizers, beyond what the answers of 4.37 show."""

import builtins
import copy
import pickle
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import sentencepiece

from flax_albert.auto.tokenizer import AutoTokenizer
from flax_albert.tokenization import AlbertTokenizer, AlbertTokenizerFast

TEXT = "The teacher wrote 1,000 words [MASK] on the board."


@pytest.fixture
def slow(tiny: Path) -> AlbertTokenizer:
    return AlbertTokenizer(tiny / "spiece.model")


def test_it_differs_from_the_fast_one_where_4_37_did(slow: AlbertTokenizer, tokenizer: AlbertTokenizerFast) -> None:
    assert not slow.is_fast
    assert slow(TEXT).data == tokenizer(TEXT).data
    assert slow.get_vocab() == tokenizer.get_vocab()
    assert slow.tokenize(" ") == []
    assert tokenizer.tokenize(" ") == ["▁"]
    assert slow("one", "").token_type_ids[-1] == 1  # an empty second text still makes a pair
    assert tokenizer("one", "").token_type_ids[-1] == 0


def test_what_only_the_fast_one_knows_is_refused(slow: AlbertTokenizer) -> None:
    with pytest.raises(NotImplementedError, match="use AlbertTokenizerFast, or AutoTokenizer with use_fast=True"):
        slow(TEXT, return_offsets_mapping=True)
    with pytest.raises(NotImplementedError, match="return_offsets_mapping"):
        slow.encode_plus(["▁the"], return_offsets_mapping=True)
    encoded = slow([TEXT])
    assert not encoded.is_fast
    for ask in (encoded.tokens, encoded.word_ids, encoded.sequence_ids, lambda: encoded.char_to_token(0)):
        with pytest.raises(ValueError, match="holds no encodings"):
            ask()
    with pytest.raises(ValueError, match=r"legacy_format=False writes tokenizer\.json"):
        slow.save_pretrained("nowhere", legacy_format=False)
    with pytest.raises(IndexError, match=r"no id 400: its ids run from 0 to 399"):
        slow.convert_ids_to_tokens(400)
    with pytest.raises(ValueError, match="return_overflowing_tokens=True does not work for pairs"):
        slow(TEXT, TEXT, truncation=True, max_length=8, return_overflowing_tokens=True)
    with pytest.raises(ValueError, match="asks for the segments of a text without special tokens"):
        slow(TEXT, add_special_tokens=False, return_token_type_ids=True)


def test_tokens_and_ids_are_taken_as_well(slow: AlbertTokenizer) -> None:
    ids = slow(TEXT, TEXT).input_ids
    tokens = slow.tokenize(TEXT)
    assert slow.encode(tokens, tokens) == ids
    assert slow.encode(slow.convert_tokens_to_ids(tokens), TEXT) == ids
    assert slow.tokenize(TEXT, TEXT, add_special_tokens=True) == slow.convert_ids_to_tokens(ids)
    with pytest.raises(TypeError, match="its tokens or its ids"):
        slow.encode([["a"]])
    assert slow([]).data == {"input_ids": [], "token_type_ids": [], "attention_mask": []}
    assert slow([], padding="max_length", max_length=4, return_attention_mask=False).input_ids == []


def test_a_text_too_short_to_be_cut_stays_whole(slow: AlbertTokenizer, caplog: pytest.LogCaptureFixture) -> None:
    whole = slow("the cat", TEXT).input_ids
    assert slow("the cat", TEXT, truncation="only_first", max_length=6).input_ids == whole
    assert "a text stays whole: truncation='only_first' should cut" in caplog.text


def test_lone_surrogates_count_as_replacement_characters(slow: AlbertTokenizer) -> None:
    assert slow("a \ud800 cat").input_ids == slow("a \N{REPLACEMENT CHARACTER} cat").input_ids


def test_sampling_draws_other_pieces_of_the_same_text(tiny: Path) -> None:
    options = {"enable_sampling": True, "nbest_size": -1, "alpha": 0.1}
    sampler = AlbertTokenizer(tiny / "spiece.model", sp_model_kwargs=options)

    def sample(tokenizer: AlbertTokenizer) -> list[list[str]]:
        """In a thread of its own, as the random generator of a thread is seeded when it is first used."""
        sentencepiece.set_random_generator_seed(7)
        found: list[list[str]] = []
        thread = threading.Thread(target=lambda: found.extend(tokenizer.tokenize("the teacher") for _ in range(30)))
        thread.start()
        thread.join()
        return found

    found = sample(sampler)
    assert len({tuple(pieces) for pieces in found}) > 5
    assert {sampler.convert_tokens_to_string(pieces) for pieces in found} == {"the teacher"}
    for twin in (copy.deepcopy(sampler), pickle.loads(pickle.dumps(sampler))):
        assert len({tuple(pieces) for pieces in sample(twin)}) > 5


def test_the_file_is_not_needed_once_it_is_read(copied: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    slow = AutoTokenizer.from_pretrained(copied, use_fast=False)
    content = (copied / "spiece.model").read_bytes()
    (copied / "spiece.model").unlink()
    slow.add_tokens(["brandnew"])
    twin = pickle.loads(pickle.dumps(slow))
    saved = tmp_path_factory.mktemp("saved")
    twin.save_pretrained(saved)
    assert (saved / "spiece.model").read_bytes() == content
    assert not (saved / "tokenizer.json").exists()
    again = AutoTokenizer.from_pretrained(saved, use_fast=False)
    assert again(f"{TEXT} brandnew").data == slow(f"{TEXT} brandnew").data
    assert AutoTokenizer.from_pretrained(saved).convert_tokens_to_ids("brandnew") == len(slow) - 1


def test_what_is_missing_is_named(tiny: Path, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (copied / "spiece.model").unlink()
    with pytest.raises(OSError, match=r"holds no spiece\.model, which the slow tokenizer needs: pass use_fast=True"):
        AutoTokenizer.from_pretrained(copied, use_fast=False)
    (copied / "spiece.model").write_bytes((tiny / "spiece.model").read_bytes()[:-9])
    with pytest.raises(OSError, match="copy or download it again"):
        AlbertTokenizer(copied / "spiece.model")

    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "sentencepiece":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "sentencepiece")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install 'flax-albert\[sentencepiece\]', or use AlbertTokenizerFast"):
        AlbertTokenizer(tiny / "spiece.model")


def test_google_s_name_of_the_file_is_known(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "30k-clean.model").write_bytes((tiny / "spiece.model").read_bytes())
    (tmp_path / "30k-clean.vocab").write_text("<pad>\t0\n")
    for fast in (True, False):
        read = AutoTokenizer.from_pretrained(tmp_path, use_fast=fast)
        assert read.tokenize("the cat") == ["▁the", "▁cat"]
        assert str(tmp_path / "saved" / "spiece.model") in read.save_pretrained(tmp_path / "saved")
