"""The tokenizer that ships inside the package."""

from pathlib import Path

import pytest

from flax_albert.auto.tokenizer import AutoTokenizer
from flax_albert.hub import resolve
from flax_albert.tokenization import AlbertTokenizerFast

TEXTS = [
    "The capital of France is [MASK].",
    "A well-known, state-of-the-art café sold 1,000 croissants in 1999.",
    "``Don't!'' she said -- ÉCOLE, naïve, ﬁne, ｗｉｄｅ, 日本, 🙂.",
    "",
]


@pytest.fixture
def bundled() -> Path:
    return resolve("albert-mini-en")


def test_both_of_its_files_give_the_same_ids(bundled: Path) -> None:
    read = AutoTokenizer.from_pretrained("albert-mini-en")
    built = AlbertTokenizerFast(bundled / "spiece.model")
    first, second = (tokenizer(TEXTS, return_offsets_mapping=True) for tokenizer in (read, built))
    assert first.data == second.data
    assert read.get_vocab() == built.get_vocab()
    assert read.special_tokens_map == built.special_tokens_map


def test_it_knows_the_length_of_its_model_and_english_words() -> None:
    tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
    assert tokenizer.model_max_length == 512
    assert tokenizer(TEXTS[0] * 200, truncation=True, return_tensors="np").input_ids.shape == (1, 512)
    ids = tokenizer(TEXTS[0]).input_ids
    assert ids.count(tokenizer.mask_token_id) == 1
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids, skip_special_tokens=True) == "the capital of france is."
