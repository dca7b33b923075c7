"""BERT's WordPiece, which Chinese ALBERT checkpoints use, beyond what the answers of 4.37 show."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from flax_albert import AlbertConfig, AutoTokenizer, FlaxAlbertForMaskedLM
from flax_albert.tasks import FillMask
from flax_albert.tokenization import AlbertTokenizerFast, BertTokenizer, BertTokenizerFast
from tests.reference.tokenization.jobs import CHINESE_LINES, TINY, TINY_WORDPIECE

VOCABULARY = (TINY_WORDPIECE / "vocab.txt").read_bytes()
JSON = (TINY_WORDPIECE / "tokenizer.json").read_bytes()


@pytest.mark.parametrize(
    "files",
    [
        {"vocab.txt": VOCABULARY, "config.json": b'{"model_type": "albert"}'},
        {"vocab_chinese.txt": VOCABULARY},
        {"vocab.txt": VOCABULARY, "tokenizer_config.json": b'{"tokenizer_class": "BertTokenizer"}'},
        {"vocab.txt": VOCABULARY, "config.json": b'{"tokenizer_class": "BertTokenizerFast"}'},
        {"vocab.txt": VOCABULARY, "tokenizer_config.json": b'{"tokenizer_class": "AlbertTokenizer"}'},
        {"tokenizer.json": JSON, "config.json": b'{"model_type": "albert"}'},
        {"tokenizer.json": JSON, "tokenizer_config.json": b'{"tokenizer_class": "PreTrainedTokenizerFast"}'},
    ],
)
def test_auto_tokenizer_recognises_it(files: dict[str, bytes], tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    assert isinstance(tokenizer, BertTokenizerFast)
    assert tokenizer(CHINESE_LINES).data == BertTokenizerFast(TINY_WORDPIECE / "vocab.txt")(CHINESE_LINES).data
    if "tokenizer.json" not in files:
        slow = AutoTokenizer.from_pretrained(tmp_path, use_fast=False)
        assert isinstance(slow, BertTokenizer)
        assert slow(CHINESE_LINES[0]).input_ids == tokenizer(CHINESE_LINES[0]).input_ids
    else:
        with pytest.raises(OSError, match=r"holds no vocab\.txt, which the slow tokenizer needs: pass use_fast=True"):
            AutoTokenizer.from_pretrained(tmp_path, use_fast=False)


def test_a_sentencepiece_model_comes_first_unless_the_class_is_named(tmp_path: Path) -> None:
    (tmp_path / "spiece.model").write_bytes((TINY / "spiece.model").read_bytes())
    (tmp_path / "vocab.txt").write_bytes(VOCABULARY)
    assert isinstance(AutoTokenizer.from_pretrained(tmp_path), AlbertTokenizerFast)
    assert isinstance(AutoTokenizer.from_pretrained(tmp_path, tokenizer_type="bert"), BertTokenizerFast)


@pytest.mark.parametrize("fast", [True, False])
def test_what_was_saved_is_the_same(fast: bool, tmp_path: Path) -> None:
    options: dict[str, Any] = {"do_lower_case": False, "tokenize_chinese_chars": False, "model_max_length": 99}
    kind = BertTokenizerFast if fast else BertTokenizer
    tokenizer = kind(TINY_WORDPIECE / "vocab.txt", **options)
    tokenizer.add_tokens(["新词"])
    saved = {Path(path).name for path in tokenizer.save_pretrained(tmp_path)}
    assert ("tokenizer.json" in saved) == fast
    assert (tmp_path / "vocab.txt").read_bytes() == VOCABULARY
    again = AutoTokenizer.from_pretrained(tmp_path, use_fast=fast)
    assert isinstance(again, kind)
    assert again([*CHINESE_LINES, "新词 Cat"]).data == tokenizer([*CHINESE_LINES, "新词 Cat"]).data
    assert (again.do_lower_case, again.tokenize_chinese_chars, again.model_max_length) == (False, False, 99)
    assert tokenizer.save_vocabulary(tmp_path / "only") == (str(tmp_path / "only" / "vocab.txt"),)


def test_a_cased_tokenizer_json_stays_cased(tmp_path: Path) -> None:
    cased = BertTokenizerFast(TINY_WORDPIECE / "vocab.txt", do_lower_case=False)
    (tmp_path / "tokenizer.json").write_text(cased.backend_tokenizer.to_str())
    read = AutoTokenizer.from_pretrained(tmp_path)
    assert read.tokenize("Cat") == cased.tokenize("Cat") == ["Cat"]
    assert AutoTokenizer.from_pretrained(tmp_path, do_lower_case=True).tokenize("Cat") == ["cat"]


def test_the_library_reads_what_is_saved(tmp_path: Path) -> None:
    tokenizer = BertTokenizerFast(TINY_WORDPIECE / "vocab.txt")
    tokenizer.save_pretrained(tmp_path)
    read = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert [read.encode(line).ids for line in CHINESE_LINES] == tokenizer(CHINESE_LINES).input_ids


def test_masks_are_filled(tmp_path: Path) -> None:
    tokenizer = BertTokenizerFast(TINY_WORDPIECE / "vocab.txt")
    config = AlbertConfig(
        vocab_size=len(tokenizer),
        embedding_size=8,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=32,
    )
    task = FillMask(FlaxAlbertForMaskedLM(config), tokenizer)
    answer = task("中国的首都是北[MASK]。", targets=["中"])
    assert [candidate["token_str"] for candidate in answer] == ["中"]
    assert answer[0]["sequence"] == "中 国 的 首 都 是 北 中 。"
    assert 0 < answer[0]["score"] < 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "there is no \\[UNK\\] among its lines"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        (b"[UNK]\n\xff\n", "is not a vocabulary, one token a line in UTF-8"),
    ],
)
def test_a_damaged_vocabulary_is_named(content: bytes, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_bytes(content)
    for fast in (True, False):
        with pytest.raises(OSError, match=complaint) as caught:
            AutoTokenizer.from_pretrained(tmp_path, use_fast=fast)
        assert str(tmp_path / "vocab.txt") in str(caught.value)
    with pytest.raises(ValueError, match=r"vocab_file \(vocab\.txt\) or a tokenizer_file; neither was given"):
        BertTokenizerFast()


def test_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_bytes(VOCABULARY.replace(b"\n", b"\r\n"))
    assert BertTokenizerFast(tmp_path / "vocab.txt").get_vocab() == json.loads(JSON)["model"]["vocab"]
