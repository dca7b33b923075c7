"""AutoConfig: which class it picks, what it does with keywords, and what it refuses."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flax_albert import CONFIG_MAPPING, AlbertConfig, AutoConfig
from tests.sizes import tiny


def written(directory: Path, **values: Any) -> Path:
    """A directory with a config.json of the tiny sizes, changed so; None leaves a key out."""
    directory.mkdir(parents=True)
    merged = {**json.loads(tiny().to_json_string()), **values}
    kept = {key: value for key, value in merged.items() if value is not None}
    (directory / "config.json").write_text(json.dumps(kept))
    return directory


@pytest.fixture
def unregister() -> Iterator[None]:
    """Takes back what a test registers."""
    before = dict(CONFIG_MAPPING)
    yield
    CONFIG_MAPPING.clear()
    CONFIG_MAPPING.update(before)


def test_it_is_read_never_made() -> None:
    with pytest.raises(OSError, match=r"AutoConfig\.from_pretrained"):
        AutoConfig()


def test_a_directory_a_file_and_a_subfolder_give_the_same(tmp_path: Path) -> None:
    directory = written(tmp_path / "outer" / "inner")
    expected = AlbertConfig.from_pretrained(directory)
    assert AutoConfig.from_pretrained(directory) == expected
    assert AutoConfig.from_pretrained(directory / "config.json") == expected
    assert AutoConfig.from_pretrained(tmp_path / "outer", subfolder="inner") == expected
    assert AutoConfig.from_pretrained(str(directory)).name_or_path == str(directory)


def test_keywords_change_keys_and_the_others_are_dropped_or_returned(tmp_path: Path) -> None:
    directory = written(tmp_path / "model")
    options: dict[str, Any] = {"output_attentions": True, "num_labels": 4, "foo": False, "revision": "main"}
    config = AutoConfig.from_pretrained(directory, **options)
    assert config.output_attentions
    assert config.num_labels == len(config.label2id) == 4
    assert not hasattr(config, "foo")
    again, unused = AutoConfig.from_pretrained(directory, return_unused_kwargs=True, **options)
    assert again == config
    assert unused == {"foo": False}


def test_another_model_type_is_refused_by_name(tmp_path: Path) -> None:
    directory = written(tmp_path / "albert-no-bert", model_type="bert")
    with pytest.raises(ValueError, match=r"albert-no-bert.*model_type 'bert'.*'albert'"):
        AutoConfig.from_pretrained(directory)
    with pytest.raises(ValueError, match=r"'gpt2'.*'albert'"):
        AutoConfig.for_model("gpt2")


def test_an_unusable_model_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"model_type \['albert'\]"):
        AutoConfig.from_pretrained(written(tmp_path / "listed", model_type=["albert"]))


def test_without_a_model_type_the_name_decides(tmp_path: Path) -> None:
    without: dict[str, Any] = {"model_type": None, "num_hidden_groups": None, "inner_group_num": None}
    assert AutoConfig.from_pretrained(written(tmp_path / "my-albert-model", **without)).vocab_size == 61
    with pytest.raises(ValueError, match=r"has no model_type.*\"model_type\": \"albert\""):
        AutoConfig.from_pretrained(written(tmp_path / "model", **without))


@pytest.mark.parametrize("named", ["AlbertForMaskedLM", "FlaxAlbertModel"])
def test_without_a_model_type_the_architectures_decide_too(tmp_path: Path, named: str) -> None:
    without: dict[str, Any] = {"model_type": None, "num_hidden_groups": None, "inner_group_num": None}
    assert AutoConfig.from_pretrained(written(tmp_path / "model", **without, architectures=[named])).vocab_size == 61
    with pytest.raises(ValueError, match="has no model_type"):
        AutoConfig.from_pretrained(written(tmp_path / "other", **without, architectures=["BertModel", 3]))


def test_without_a_model_type_the_keys_of_an_albert_decide_too(tmp_path: Path) -> None:
    assert AutoConfig.from_pretrained(written(tmp_path / "model", model_type=None)).vocab_size == 61


def test_a_bad_value_names_the_place_and_the_key(tmp_path: Path) -> None:
    directory = written(tmp_path / "model", hidden_size=-1)
    with pytest.raises(ValueError, match="model: AlbertConfig: hidden_size"):
        AutoConfig.from_pretrained(directory)


def test_code_of_a_checkpoint_is_never_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    directory = written(tmp_path / "model", auto_map={"AutoConfig": "evil.EvilConfig"})
    (directory / "evil.py").write_text("raise SystemExit('it ran')\n")
    with caplog.at_level(logging.WARNING, "flax_albert.auto"):
        config = AutoConfig.from_pretrained(directory, trust_remote_code=True, code_revision="main")
    assert type(config) is AlbertConfig
    assert "never run" in caplog.text


@pytest.mark.usefixtures("unregister")
def test_a_class_of_ones_own_can_be_registered(tmp_path: Path) -> None:
    class LongAlbertConfig(AlbertConfig):
        model_type = "long-albert"

    with pytest.raises(ValueError, match="cannot be registered as 'other'"):
        AutoConfig.register("other", LongAlbertConfig)
    AutoConfig.register("long-albert", LongAlbertConfig)
    with pytest.raises(ValueError, match="taken already"):
        AutoConfig.register("long-albert", LongAlbertConfig)
    AutoConfig.register("long-albert", LongAlbertConfig, exist_ok=True)
    assert isinstance(AutoConfig.for_model("long-albert"), LongAlbertConfig)
    # The longer name wins where the path holds both.
    unnamed = written(tmp_path / "a-long-albert", model_type=None)
    assert isinstance(AutoConfig.from_pretrained(unnamed), LongAlbertConfig)
