"""Which pieces begin a word, and by what a vocabulary is known again."""

from pathlib import Path

import numpy as np
import pytest

from flax_albert import AutoTokenizer
from flax_albert.data.vocabulary import Vocabulary
from flax_albert.tokenization import AlbertTokenizerFast, BertTokenizerFast

TINY = Path(__file__).parents[1] / "tokenization" / "data"


def test_words_of_sentencepiece_begin_as_in_googles_code() -> None:
    tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
    vocabulary = Vocabulary.of(tokenizer)
    assert (vocabulary.size, len(vocabulary.starts_word)) == (8000, 8000)
    assert [vocabulary.pad, vocabulary.unk, vocabulary.cls, vocabulary.sep, vocabulary.mask] == [0, 1, 2, 3, 4]
    begins = dict(zip(vocabulary.pieces, vocabulary.starts_word.tolist(), strict=True))
    for piece in ("▁the", "▁", "<unk>", "[MASK]", ".", ",", "-", "(", '"', "'", "£", "–", "0", "1"):
        assert begins[piece], piece
    for piece in ("s", "ing", "x", "ed", "ly"):
        assert not begins[piece], piece


def test_words_of_wordpiece_begin_where_nothing_is_joined() -> None:
    vocabulary = Vocabulary.of(BertTokenizerFast(TINY / "tiny-wordpiece" / "vocab.txt"))
    joined = np.array([piece.startswith("##") for piece in vocabulary.pieces])
    assert joined.any()
    assert np.array_equal(vocabulary.starts_word, ~joined)


def test_a_fingerprint_knows_a_tokenizer_by_what_it_does() -> None:
    tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
    fingerprint = Vocabulary.of(tokenizer).fingerprint
    tokenizer("a text", padding="max_length", max_length=7, truncation=True)
    assert Vocabulary.of(tokenizer).fingerprint == fingerprint
    model = tokenizer.vocab_file
    assert Vocabulary.of(AlbertTokenizerFast(model)).fingerprint == fingerprint
    others = [
        AlbertTokenizerFast(model, do_lower_case=False),
        AlbertTokenizerFast(model, keep_accents=True),
        BertTokenizerFast(TINY / "tiny-wordpiece" / "vocab.txt"),
        BertTokenizerFast(TINY / "tiny-wordpiece" / "vocab.txt", do_lower_case=False),
    ]
    assert len({fingerprint, *(Vocabulary.of(other).fingerprint for other in others)}) == 5
    tokenizer.add_tokens(["another"])
    assert Vocabulary.of(tokenizer).fingerprint != fingerprint


def test_a_tokenizer_without_a_mask_is_no_good() -> None:
    tokenizer = AutoTokenizer.from_pretrained("albert-mini-en", mask_token=None)
    with pytest.raises(ValueError, match="no mask_token"):
        Vocabulary.of(tokenizer)
