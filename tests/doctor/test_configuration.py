"""Configurations that confuse one released model with another are found, and those as released are not."""

from pathlib import Path
from typing import Any

import pytest

from flax_albert.config import RELEASED_SIZES, AlbertConfig
from flax_albert.doctor import examine
from tests.doctor.checkpoints import codes


def complaints(directory: Path, config: AlbertConfig) -> list[str]:
    """Codes of what is found in a directory that holds nothing but this configuration."""
    config.save_pretrained(directory)
    return [item.code for item in examine(directory).findings if item.about == "configuration"]


@pytest.mark.parametrize("name", RELEASED_SIZES)
@pytest.mark.parametrize("named", [True, False])
def test_a_configuration_as_released_is_blameless(name: str, named: bool, tmp_path: Path) -> None:
    directory = tmp_path / (name if named else "model")
    AlbertConfig.released(name).save_pretrained(directory)
    report = examine(directory)
    assert report.usable
    assert codes(report) == []
    assert report.configuration is not None
    assert name in report.configuration.released
    assert name in report.configuration.settings
    assert report.configuration.named == (name if named else None)


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        # v2 with Google's name of its activation, the usual mistake of a conversion.
        ("albert-base-v2", {"hidden_act": "gelu"}, ["versions-mixed"]),
        # What Google's program computed for v1, under another name.
        ("albert-large-v1", {"hidden_act": "gelu_new"}, ["activation-as-google"]),
        ("albert-xlarge-v1", {"hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0}, ["versions-mixed"]),
        ("albert-base-v1", {"hidden_dropout_prob": 0}, ["dropout-unlike-release"]),
        ("albert-xxlarge-v1", {"hidden_dropout_prob": 0.1}, ["dropout-unlike-release"]),
        ("albert-base-v2", {"hidden_act": "relu"}, ["activation-unlike-release"]),
        ("albert-base-v2", {"num_attention_heads": 16}, ["sizes-unlike-release"]),
        ("albert-base-v2", {"num_hidden_layers": 24}, ["sizes-unlike-release"]),
        ("albert-base-v2", {"pad_token_id": -1, "eos_token_id": 30000}, ["special-id-outside", "special-id-outside"]),
        # One function under two names, and a fine-tuned head, are no confusion.
        ("albert-base-v2", {"hidden_act": "gelu_pytorch_tanh", "num_labels": 7}, []),
    ],
)
def test_confusions_by_sizes(name: str, changes: dict[str, Any], expected: list[str], tmp_path: Path) -> None:
    assert complaints(tmp_path / "model", AlbertConfig.released(name, **changes)) == expected


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("albert-base-v2", {"hidden_act": "gelu"}, ["activation-unlike-release"]),
        # Without a name nothing would tell this from v1.
        ("albert-xxlarge-v2", {"hidden_act": "gelu"}, ["activation-unlike-release"]),
        ("albert-xxlarge-v1", {"hidden_act": "gelu_new"}, ["activation-as-google"]),
        ("albert-base-v2", AlbertConfig.released("albert-base-v1").to_dict(), ["activation", "dropout", "dropout"]),
        ("albert-large-v1", {"attention_probs_dropout_prob": 0}, ["dropout-unlike-release"]),
        ("albert-base-v2", {"num_attention_heads": 16}, ["sizes-unlike-name"]),
        ("albert-base-v2", {"hidden_size": 1024, "num_attention_heads": 16}, ["sizes-unlike-name"]),
        # Added tokens change the vocabulary and nothing else.
        ("albert-base-v2", {"vocab_size": 30007}, []),
    ],
)
@pytest.mark.parametrize("told_by", ["directory", "key"])
def test_confusions_by_name(
    name: str, changes: dict[str, Any], expected: list[str], told_by: str, tmp_path: Path
) -> None:
    changes = {key: value for key, value in changes.items() if key != "_name_or_path"}
    config = AlbertConfig.released(name, **changes)
    if told_by == "key":
        config.name_or_path = f"albert/{name}"
    found = complaints(tmp_path / (name if told_by == "directory" else "model"), config)
    assert len(found) == len(expected)
    assert all(code.startswith(start) for code, start in zip(found, expected, strict=True)), found


def test_chinese_models_compute_with_relu(tmp_path: Path) -> None:
    chinese = {"vocab_size": 21128}
    assert complaints(tmp_path / "a", AlbertConfig.released("albert-base-v2", **chinese)) == ["activation-chinese"]
    assert complaints(tmp_path / "b", AlbertConfig.released("albert-base-v2", **chinese, hidden_act="relu")) == []
    tiny = {"hidden_size": 312, "intermediate_size": 1248, "num_attention_heads": 12, "hidden_act": "gelu"}
    assert complaints(tmp_path / "c", AlbertConfig(**chinese, **tiny)) == [], "of another origin, and rightly so"


def test_the_message_says_what_to_set(tmp_path: Path) -> None:
    AlbertConfig.released("albert-base-v2", hidden_act="gelu").save_pretrained(tmp_path)
    message = next(item.message for item in examine(tmp_path).findings if item.code == "versions-mixed")
    assert "If this is albert-base-v2, set hidden_act to 'gelu_new'" in message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "config-unusable"),
        ('{"model_type": "bert"}', "config-unusable"),
        ('{"model_type": "albert", "hidden_size": "wide"}', "config-unusable"),
        ('{"model_type": "albert", "hidden_size": 1e999}', "config-unusable"),
        ('{"model_type": "albert", "position_embedding_type": "relative_key"}', "relative-positions"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_a_problem(text: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)
    report = examine(tmp_path)
    assert not report.usable
    assert code in codes(report)


def test_parameters_are_counted_from_the_configuration_alone(tmp_path: Path) -> None:
    AlbertConfig.released("albert-base-v2", architectures=["AlbertForMaskedLM"]).save_pretrained(tmp_path)
    count = examine(tmp_path).parameters
    assert count is not None
    # 30000 x 128 words, 512 positions, 2 segments, a layer norm; the masked-LM head and its bias.
    assert count.embeddings == (30000 + 512 + 2 + 2) * 128
    assert count.heads == 768 * 128 + 128 + 2 * 128 + 30000
    assert count.encoder == 128 * 768 + 768 + 4 * (768 * 768 + 768) + 2 * 768 * 3072 + 3072 + 768 + 4 * 768
    assert count.total == count.embeddings + count.encoder + count.heads
