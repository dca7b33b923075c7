"""Google's configuration files, and those of the Chinese releases."""

import json
from pathlib import Path
from typing import Any

import pytest

from flax_albert import AlbertConfig

# As published for albert-base-v2.
BASE = {
    "attention_probs_dropout_prob": 0,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0,
    "embedding_size": 128,
    "hidden_size": 768,
    "initializer_range": 0.02,
    "intermediate_size": 3072,
    "max_position_embeddings": 512,
    "num_attention_heads": 12,
    "num_hidden_layers": 12,
    "num_hidden_groups": 1,
    "net_structure_type": 0,
    "gap_size": 0,
    "num_memory_blocks": 0,
    "inner_group_num": 1,
    "down_scale_factor": 1,
    "type_vocab_size": 2,
    "vocab_size": 30000,
}


def write(directory: Path, name: str = "albert_config.json", **changes: Any) -> Path:
    (directory / name).write_text(json.dumps(BASE | changes))
    return directory


def test_google_means_the_tanh_form(tmp_path: Path) -> None:
    config = AlbertConfig.from_pretrained(write(tmp_path))
    expected = AlbertConfig.released("albert-base-v2")
    assert config.hidden_act == "gelu_new"
    assert {key: getattr(config, key) for key in BASE if key in expected.__dict__} == {
        key: getattr(expected, key) for key in BASE if key in expected.__dict__
    }
    assert AlbertConfig.from_json_file(tmp_path / "albert_config.json") == config
    assert AlbertConfig.get_config_dict(tmp_path)[0]["model_type"] == "albert"


def test_our_own_files_keep_their_meaning(tmp_path: Path) -> None:
    write(tmp_path, "config.json")
    assert AlbertConfig.from_pretrained(tmp_path).hidden_act == "gelu"
    write(tmp_path, "other.json", model_type="albert")
    assert AlbertConfig.from_json_file(tmp_path / "other.json").hidden_act == "gelu"


def test_config_json_comes_first(tmp_path: Path) -> None:
    write(tmp_path)
    AlbertConfig.released("albert-base-v1", num_labels=5).save_pretrained(tmp_path)
    assert AlbertConfig.from_pretrained(tmp_path).num_labels == 5


def test_saved_again_it_is_the_same(tmp_path: Path) -> None:
    config = AlbertConfig.from_pretrained(write(tmp_path))
    config.save_pretrained(tmp_path / "ours")
    assert AlbertConfig.from_pretrained(tmp_path / "ours") == config


@pytest.mark.parametrize("activation", ["relu", "ReLU", "tanh"])
def test_chinese_releases(activation: str, tmp_path: Path) -> None:
    write(tmp_path, "albert_config_tiny.json", vocab_size=21128, hidden_act=activation, ln_type="postln")
    (tmp_path / "tokenizer_config.json").write_text("{}")
    config = AlbertConfig.from_pretrained(tmp_path)
    assert (config.vocab_size, config.hidden_act) == (21128, activation.lower())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("net_structure_type", 1),
        ("gap_size", 2),
        ("num_memory_blocks", 1),
        ("down_scale_factor", 2),
        ("ln_type", "preln"),
    ],
)
def test_experiments_are_refused(key: str, value: Any, tmp_path: Path) -> None:
    write(tmp_path, **{key: value})
    with pytest.raises(
        ValueError, match=rf"albert_config\.json: {key} is {value!r}, which means .* is computed here\.$"
    ):
        AlbertConfig.from_pretrained(tmp_path)


def test_several_are_refused(tmp_path: Path) -> None:
    for size in ("base", "large"):
        write(tmp_path, f"albert_config_{size}.json")
    with pytest.raises(OSError, match=r"several configuration files, 'albert_config_base\.json', 'albert_config_large"):
        AlbertConfig.from_pretrained(tmp_path)


def test_without_any_config_json_is_missed(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"config\.json"):
        AlbertConfig.from_pretrained(tmp_path)


def test_what_is_impossible_names_the_file(tmp_path: Path) -> None:
    write(tmp_path, hidden_size=320)
    with pytest.raises(ValueError, match=r"albert_config\.json: .*hidden_size \(320\) must be a multiple"):
        AlbertConfig.from_pretrained(tmp_path)
