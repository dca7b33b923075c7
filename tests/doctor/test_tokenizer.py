"""The tokenizer is described, and one that does not fit the model is found."""

import json
from pathlib import Path

import pytest

from flax_albert.doctor import Level, examine
from tests.doctor.checkpoints import change_config, codes, save
from tests.tasks.tiny import PIECES


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return save(tmp_path)


def test_it_is_described(checkpoint: Path) -> None:
    found = examine(checkpoint).tokenizer
    assert found is not None
    assert found.vocabulary == len(PIECES)
    assert found.special_ids == {"pad": 0, "unk": 1, "cls": 2, "sep": 3, "mask": 4}
    assert found.model_max_length == 48
    assert "tokenizer.json" in found.kind


def test_more_tokens_than_rows(checkpoint: Path) -> None:
    path = checkpoint / "tokenizer.json"
    content = json.loads(path.read_text())
    content["model"]["vocab"].append(["▁more", -9.0])
    path.write_text(json.dumps(content))
    report = examine(checkpoint)
    assert codes(report) == ["vocabulary-too-large"]
    assert not report.usable


def test_fewer_tokens_than_rows(tmp_path: Path) -> None:
    padded = examine(save(tmp_path / "a", vocab_size=len(PIECES) + 1))
    assert codes(padded) == []
    assert codes(padded, Level.NOTE) == ["vocabulary-smaller"]
    other = examine(save(tmp_path / "b", vocab_size=2 * len(PIECES)))
    assert codes(other) == ["vocabulary-smaller"]
    assert other.usable


@pytest.mark.parametrize("key", ["pad_token_id", "bos_token_id", "eos_token_id"])
def test_special_ids_that_differ(key: str, checkpoint: Path) -> None:
    change_config(checkpoint, **{key: 9})
    report = examine(checkpoint)
    assert codes(report) == ["special-ids-differ"]
    assert f"{key} is 9" in report.findings[0].message


def test_texts_longer_than_the_model(checkpoint: Path) -> None:
    path = checkpoint / "tokenizer_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "model_max_length": 512}))
    report = examine(checkpoint)
    assert codes(report, Level.NOTE) == ["length-unlimited"]
    assert "max_length=48" in report.findings[0].message


@pytest.mark.parametrize("content", ["", "{", "[]", '{"model": {"type": "Unigram"}}'])
def test_a_broken_tokenizer_is_a_problem_and_no_crash(content: str, checkpoint: Path) -> None:
    (checkpoint / "tokenizer.json").write_text(content)
    report = examine(checkpoint)
    assert codes(report) == ["tokenizer-unusable"]
    assert report.tokenizer is None
    assert report.weights is not None


def test_a_chinese_vocabulary(checkpoint: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        (checkpoint / name).unlink()
    pieces = [f"[unused{number}]" for number in range(len(PIECES) - 5)]
    (checkpoint / "vocab.txt").write_text("\n".join(["[PAD]", *pieces, "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
    report = examine(checkpoint)
    assert report.usable
    assert codes(report) == []
    assert report.tokenizer is not None
    assert "vocab.txt" in report.tokenizer.kind
    assert report.tokenizer.special_ids["mask"] == len(PIECES) - 1
    # The configuration has the ids of the English models, which nobody set.
    assert codes(report, Level.NOTE).count("special-ids-differ") == 2


def test_a_tokenizer_alone_is_no_problem(checkpoint: Path) -> None:
    (checkpoint / "config.json").unlink()
    (checkpoint / "model.safetensors").unlink()
    report = examine(checkpoint)
    assert report.usable
    assert report.tokenizer is not None
    assert codes(report, Level.NOTE) == ["config-missing", "weights-missing"]


def test_what_the_tokenizer_warns_of_is_passed_on(checkpoint: Path) -> None:
    path = checkpoint / "tokenizer.json"
    content = json.loads(path.read_text())
    content["normalizer"] = {"type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "StripAccents"}]}
    path.write_text(json.dumps(content))
    assert codes(examine(checkpoint)) == []
    content["model"]["vocab"][-1][0] = "▁हिन्दी"
    path.write_text(json.dumps(content))
    report = examine(checkpoint)
    assert codes(report) == ["tokenizer-warns"]
    assert "keep_accents" in report.findings[0].message
