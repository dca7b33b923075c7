"""Checkpoints in scripts whose vowel signs are combining marks: they are kept where asked, and missed aloud."""

import json
import logging
from pathlib import Path

import pytest

from flax_albert.auto.tokenizer import AutoTokenizer
from flax_albert.hub import resolve
from flax_albert.tokenization import AlbertTokenizer, AlbertTokenizerFast
from flax_albert.tokenization.accents import lost_to_stripping
from tests.reference.tokenization.jobs import INDIC_LINES, TINY_INDIC

SPIECE = TINY_INDIC / "spiece.model"


@pytest.mark.parametrize("fast", [True, False])
def test_the_configuration_keeps_vowel_signs(fast: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "spiece.model").write_bytes(SPIECE.read_bytes())
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"keep_accents": True}))
    tokenizer = AutoTokenizer.from_pretrained(tmp_path, use_fast=fast)
    for line in INDIC_LINES[:3]:
        ids = tokenizer(line.replace("[MASK]", "")).input_ids
        assert ids.count(tokenizer.unk_token_id) <= 1
        assert tokenizer.decode(ids, skip_special_tokens=True).split()[:3] == line.split()[:3]
    tokenizer.save_pretrained(tmp_path / "saved")
    again = AutoTokenizer.from_pretrained(tmp_path / "saved", use_fast=fast)
    assert again(INDIC_LINES).input_ids == tokenizer(INDIC_LINES).input_ids
    assert not caplog.messages


@pytest.mark.parametrize("kind", [AlbertTokenizer, AlbertTokenizerFast])
def test_dropping_them_is_warned_of(
    kind: type[AlbertTokenizer | AlbertTokenizerFast], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        tokenizer = kind(SPIECE)
    assert len(caplog.messages) == 1
    assert "keep_accents=False drops every accent and vowel sign" in caplog.messages[0]
    assert caplog.messages[0].endswith("Pass keep_accents=True.")
    caplog.clear()
    assert "\N{DEVANAGARI SIGN VIRAMA}" not in "".join(tokenizer.tokenize("स्कूल"))
    assert "\N{DEVANAGARI SIGN VIRAMA}" in "".join(kind(SPIECE, keep_accents=True).tokenize("स्कूल"))
    assert not caplog.messages


def test_a_tokenizer_json_that_drops_them_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    AlbertTokenizerFast(SPIECE).save_pretrained(tmp_path)
    caplog.clear()
    AutoTokenizer.from_pretrained(tmp_path)
    assert "pass keep_accents=True, from_slow=True to build from spiece.model instead" in caplog.text
    caplog.clear()
    mended = AutoTokenizer.from_pretrained(tmp_path, keep_accents=True, from_slow=True)
    assert mended(INDIC_LINES).input_ids == AlbertTokenizerFast(SPIECE, keep_accents=True)(INDIC_LINES).input_ids
    assert not caplog.messages


def test_english_vocabularies_are_not_suspected(tiny: Path, caplog: pytest.LogCaptureFixture) -> None:
    for file in (tiny / "spiece.model", resolve("albert-mini-en") / "spiece.model"):
        AlbertTokenizerFast(file)
        AlbertTokenizer(file)
    assert not caplog.messages
    assert not lost_to_stripping([*(f"piece{number}" for number in range(200)), "café"])
    assert lost_to_stripping(["piece", "café"]) == ["café"]
