"""The real vocabulary, where it is: sentences of our own with the ids that transformers 4.37.2 gave them."""

from pathlib import Path

import pytest

from flax_albert.auto.tokenizer import AutoTokenizer
from flax_albert.tokenization import AlbertTokenizerFast

GOLDEN = {
    "The capital of France is [MASK].": [2, 14, 1057, 16, 714, 25, 4, 13, 9, 3],
    "A state-of-the-art, well-known café sells 1,000 croissants.": [
        *(2, 21, 146, 8, 1041, 8, 124, 8, 2900, 15, 134, 8, 2929, 6241, 18339, 5925, 4880, 403, 18, 5958, 9, 3),
    ],
    "Hello [SEP] world ``quoted''": [2, 10975, 13, 3, 126, 13, 7, 8970, 1427, 7, 3],
    "Ünïcödé 🙂 日本": [2, 28010, 13, 1, 13, 1, 3],
}


@pytest.mark.parametrize("name", ["spiece.model", "tokenizer.json", "all"])
def test_ids_are_those_of_transformers_4_37(name: str, shared_data: Path, tmp_path: Path) -> None:
    for path in (shared_data / "tokenizer").iterdir():
        if name in (path.name, "all"):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    assert tokenizer(list(GOLDEN)).input_ids == list(GOLDEN.values())
    assert tokenizer.vocab_size == len(tokenizer) == 30_000
    assert tokenizer.all_special_ids == [2, 3, 1, 0, 4]


def test_what_was_saved_by_4_37_is_saved_alike(shared_data: Path, tmp_path: Path) -> None:
    AlbertTokenizerFast.from_pretrained(shared_data / "tokenizer").save_pretrained(tmp_path)
    again = AlbertTokenizerFast.from_pretrained(tmp_path)
    assert again(list(GOLDEN)).input_ids == list(GOLDEN.values())
    assert (tmp_path / "spiece.model").read_bytes() == (shared_data / "tokenizer" / "spiece.model").read_bytes()
