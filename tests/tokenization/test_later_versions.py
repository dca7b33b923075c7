"""Files of later releases, which split some texts otherwise than 4.37; where spiece.model is at hand, it decides."""

import json
import logging
from pathlib import Path

import pytest

from flax_albert.auto.tokenizer import AutoTokenizer
from flax_albert.tokenization import AlbertTokenizer, AlbertTokenizerFast
from flax_albert.tokenization.rebuilt import first_added_id
from tests.reference.tokenization.jobs import TINY, TINY_LINES, TINY_SIZE, TINY_VERSION_5

TEXT = "A state-of-the-art, well-known (small) [MASK] cat."


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """What transformers 5 wrote of spiece.model alone."""
    for path in TINY_VERSION_5.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_only_its_own_file_is_recognised(tmp_path: Path) -> None:
    assert first_added_id(TINY_VERSION_5 / "tokenizer.json") == TINY_SIZE
    assert first_added_id(TINY / "tokenizer.json") is None
    path = tmp_path / "tokenizer.json"
    for content in (b"", b"\xff", b'"WhitespaceSplit"', b'{"WhitespaceSplit": 1}', b'["WhitespaceSplit"]'):
        path.write_bytes(content)
        assert first_added_id(path) is None
    tokenizer = AlbertTokenizerFast(TINY / "spiece.model")
    tokenizer.add_tokens(["the", "cats"])  # tokens that a user adds are normalised, so that they are told apart
    path.write_text(tokenizer.backend_tokenizer.to_str())
    assert first_added_id(path) is None


def test_spiece_model_beside_it_decides(written: Path, caplog: pytest.LogCaptureFixture) -> None:
    (written / "spiece.model").write_bytes((TINY / "spiece.model").read_bytes())
    for fast, expected in ((True, AlbertTokenizerFast), (False, AlbertTokenizer)):
        tokenizer, built = AutoTokenizer.from_pretrained(written, use_fast=fast), expected(TINY / "spiece.model")
        lines = [line for line in TINY_LINES if "\ud800" not in line]
        assert tokenizer(lines).data == built(lines).data
        assert repr(tokenizer.added_tokens_decoder) == repr(built.added_tokens_decoder)
        assert tokenizer.special_tokens_map == built.special_tokens_map
        assert "token_type_ids" in tokenizer(TEXT)
    assert ["spiece.model is used instead" in message for message in caplog.messages] == [True, True]


def test_without_spiece_model_it_is_taken_at_its_word_and_spoken_of(
    written: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        tokenizer = AutoTokenizer.from_pretrained(written)
    assert 'begins a new word after each of ( ) " - ., where ALBERT does not: put spiece.model beside it' in caplog.text
    assert tokenizer.tokenize("well-known") != AlbertTokenizerFast(TINY / "spiece.model").tokenize("well-known")
    assert "token_type_ids" in tokenizer(TEXT)
    # The marks are not special tokens, though its configuration lists them among those.
    assert tokenizer.additional_special_tokens == []
    assert tokenizer.decode(tokenizer("(cat)").input_ids, skip_special_tokens=True).count("(") == 1


def test_what_4_57_wrote_is_recognised_too(written: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It has the pipeline of 4.37, and lists the marks in the configuration as well."""
    path = written / "tokenizer.json"
    content, of_4_37 = (json.loads(file.read_text(encoding="utf-8")) for file in (path, TINY / "tokenizer.json"))
    path.write_text(json.dumps({**of_4_37, "added_tokens": content["added_tokens"]}), encoding="utf-8")
    listed = {token["id"]: {name: token[name] for name in token if name != "id"} for token in content["added_tokens"]}
    config = {"tokenizer_class": "AlbertTokenizer", "added_tokens_decoder": listed}
    (written / "tokenizer_config.json").write_text(json.dumps(config))
    built = AlbertTokenizerFast(TINY / "spiece.model")
    alone = AutoTokenizer.from_pretrained(written)
    assert alone.tokenize("well-known") != built.tokenize("well-known")
    assert "begins a new word after each of" in caplog.text
    (written / "spiece.model").write_bytes((TINY / "spiece.model").read_bytes())
    both = AutoTokenizer.from_pretrained(written)
    assert both(TEXT).data == built(TEXT).data
    assert repr(both.added_tokens_decoder) == repr(built.added_tokens_decoder)


def test_tokens_added_with_it_are_kept(written: Path) -> None:
    path = written / "tokenizer.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    flags = {"single_word": False, "lstrip": False, "rstrip": False}
    size = len(content["model"]["vocab"])
    content["added_tokens"] += [
        {"id": size, "content": "<x>", "normalized": False, "special": True, **flags},
        {"id": size + 1, "content": "newword", "normalized": True, "special": False, **flags},
    ]
    path.write_text(json.dumps(content), encoding="utf-8")
    config = json.loads((written / "tokenizer_config.json").read_text())
    config["extra_special_tokens"].append("<x>")
    (written / "tokenizer_config.json").write_text(json.dumps(config))
    (written / "spiece.model").write_bytes((TINY / "spiece.model").read_bytes())
    for fast in (True, False):
        tokenizer = AutoTokenizer.from_pretrained(written, use_fast=fast)
        assert tokenizer.additional_special_tokens == ["<x>"]
        assert tokenizer.convert_tokens_to_ids(["<x>", "newword"]) == [size, size + 1]
        ids = tokenizer("a newword <x>").input_ids
        assert {size, size + 1} <= set(ids)
        assert tokenizer.decode(ids, skip_special_tokens=True).strip() == "a newword"
    given = AutoTokenizer.from_pretrained(written, additional_special_tokens=["<y>"])
    assert given.additional_special_tokens == ["<y>"]


def test_what_is_saved_tells_transformers_5_of_segments(tmp_path: Path) -> None:
    AlbertTokenizerFast(TINY / "spiece.model").save_pretrained(tmp_path)
    config = json.loads((tmp_path / "tokenizer_config.json").read_text())
    assert config["model_input_names"] == ["input_ids", "token_type_ids", "attention_mask"]
