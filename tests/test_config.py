"""The configuration: round trips, labels, validation, released sizes."""

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

from flax_albert.config import RELEASED_SIZES, AlbertConfig
from flax_albert.model.parameters import backbone_rows, expand
from tests.sizes import tiny


def test_round_trip_keeps_every_key_and_those_nobody_knows(tmp_path: Path) -> None:
    config = AlbertConfig.released(
        "albert-large-v1",
        id2label={0: "no", 1: "maybe", 2: "yes"},
        tie_word_embeddings=False,
        classifier_dropout_prob=None,
        down_scale_factor=1,
        net_structure_type=0,
        notes={"nested": [1, None]},
    )
    config.save_pretrained(tmp_path / "new" / "folder")
    again = AlbertConfig.from_pretrained(tmp_path / "new" / "folder")
    assert again == config
    assert again.notes == {"nested": [1, None]}
    assert again.id2label == {0: "no", 1: "maybe", 2: "yes"}
    assert again.label2id == {"no": 0, "maybe": 1, "yes": 2}
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["config.json"]


def test_written_file_holds_no_defaults_but_the_architecture(tmp_path: Path) -> None:
    AlbertConfig().save_pretrained(tmp_path)
    written = json.loads((tmp_path / "config.json").read_text())
    assert written["model_type"] == "albert"
    assert written["vocab_size"] == 30000
    assert not {"return_dict", "id2label", "output_attentions", "architectures", "name_or_path"} & written.keys()


def test_labels_follow_each_other() -> None:
    assert AlbertConfig().num_labels == 2
    assert AlbertConfig(num_labels=3).label2id == {"LABEL_0": 0, "LABEL_1": 1, "LABEL_2": 2}
    config = AlbertConfig(id2label={"0": "a", "1": "b", "2": "c"})
    assert config.num_labels == 3
    config.num_labels = 3
    assert config.id2label[0] == "a", "the same number keeps the names"
    config.num_labels = 4
    assert config.id2label[0] == "LABEL_0"


def test_overriding_the_number_of_labels_replaces_stored_names(tmp_path: Path) -> None:
    AlbertConfig(id2label={0: "a", 1: "b", 2: "c"}).save_pretrained(tmp_path)
    assert AlbertConfig.from_pretrained(tmp_path).id2label[2] == "c"
    assert AlbertConfig.from_pretrained(tmp_path, num_labels=5).num_labels == 5
    assert AlbertConfig.from_pretrained(tmp_path, num_labels=3).id2label[2] == "c"
    assert AlbertConfig.from_pretrained(tmp_path, id2label={0: "z"}).label2id == {"z": 0}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("vocab_size", 0),
        ("hidden_size", -1),
        ("hidden_size", 25),
        ("num_hidden_layers", 2.5),
        ("num_hidden_groups", 4),
        ("num_attention_heads", True),
        ("hidden_act", "geluu"),
        ("hidden_dropout_prob", 1.0),
        ("attention_probs_dropout_prob", -0.1),
        ("classifier_dropout_prob", math.nan),
        ("layer_norm_eps", 0),
        ("initializer_range", "wide"),
        ("position_embedding_type", "rotary"),
        ("problem_type", "guessing"),
        ("tie_word_embeddings", "yes"),
        ("id2label", ["a"]),
        ("id2label", {"x": "a"}),
        ("pad_token_id", "0"),
        ("num_labels", -1),
        ("num_labels", 10**12),
        ("inner_group_num", 10**9),
        ("num_hidden_layers", 10**9),
    ],
)
def test_validation_names_the_key(key: str, value: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=key):
        tiny(**{key: value})


def test_another_model_type_is_refused_by_file_name(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ValueError, match=r"config.json.*'bert'"):
        AlbertConfig.from_pretrained(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[1]", '"albert"', '{"vocab_size": "many"}', "\x00", "[" * 10**5])
def test_broken_files_are_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises((OSError, ValueError, TypeError), match=r"config\.json"):
        AlbertConfig.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    "contents",
    [
        {"__dict__": {}},
        {"self": 1},
        {"cls": 1},
        {"validate": 1},
        {"to_dict": 1},
        {"use_return_dict": False},
        {"id2label": {"0": ["a"]}},
        {"label2id": {"a": "x"}},
        {"architectures": 5},
        {"hidden_size": "256"},
        {"vocab_size": 2**31 - 1},
        {"vocab_size": 2**26, "embedding_size": 2**20},
        {"num_hidden_groups": 1000, "inner_group_num": 100, "num_hidden_layers": 1000},
    ],
)
def test_hostile_files_are_named_and_change_nothing(tmp_path: Path, contents: dict[str, Any]) -> None:
    (tmp_path / "config.json").write_text(json.dumps(contents))
    with pytest.raises(ValueError, match=r"config\.json: AlbertConfig: .*" + next(iter(contents))):
        AlbertConfig.from_pretrained(tmp_path)


def test_what_is_no_file_of_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(f'{{"vocab_size": {"9" * 5000}}}')
    with pytest.raises(OSError, match=r"config\.json"):
        AlbertConfig.from_pretrained(tmp_path)
    (tmp_path / "config.json").unlink()
    os.mkfifo(tmp_path / "config.json")
    with pytest.raises(OSError, match="not a file"):
        AlbertConfig.from_pretrained(tmp_path)


def test_options_of_a_download_are_taken_and_not_kept(tmp_path: Path) -> None:
    tiny().save_pretrained(tmp_path / "below")
    config = AlbertConfig.from_pretrained(tmp_path, subfolder="below", token="secret", revision="main", cache_dir="/x")
    config.save_pretrained(tmp_path)
    assert "secret" not in (tmp_path / "config.json").read_text()
    assert not hasattr(config, "revision")
    contents, rest = AlbertConfig.get_config_dict(tmp_path, token="secret", num_labels=3)
    assert contents["model_type"] == "albert"
    assert rest == {"num_labels": 3}


def test_update_and_one_file_by_name(tmp_path: Path) -> None:
    config = tiny()
    config.update({"num_labels": 4, "hidden_act": "relu", "mine": 1})
    config.to_json_file(tmp_path / "mine.json")
    again = AlbertConfig.from_json_file(tmp_path / "mine.json")
    assert (again.num_labels, again.hidden_act, again.mine) == (4, "relu", 1)
    assert again == config
    with pytest.raises(ValueError, match="hidden_size"):
        config.update({"hidden_size": 25})


def test_update_from_string_reads_values_of_the_kind_there_was() -> None:
    config = AlbertConfig.released("albert-base-v2")
    config.update_from_string("hidden_size=312,hidden_dropout_prob=0.1,layer_norm_eps=1e-6,hidden_act=relu")
    assert (config.hidden_size, config.hidden_dropout_prob, config.layer_norm_eps) == (312, 0.1, 1e-6)
    config.update_from_string("tie_word_embeddings=False,output_attentions=yes,num_labels=3")
    assert (config.tie_word_embeddings, config.output_attentions, config.hidden_act) == (False, True, "relu")
    assert config.num_labels == 3


@pytest.mark.parametrize(
    "text", ["nope=1", "hidden_size", "hidden_size=a", "tie_word_embeddings=maybe", "id2label=x", "hidden_size=313", ""]
)
def test_update_from_string_says_what_is_wrong(text: str) -> None:
    with pytest.raises(ValueError, match=r"AlbertConfig: "):
        AlbertConfig.released("albert-base-v2").update_from_string(text)


def test_unknown_models_are_named() -> None:
    with pytest.raises(OSError, match="no-such-model"):
        AlbertConfig.from_pretrained("no-such-model")
    with pytest.raises(OSError, match="nosuchuser"):
        AlbertConfig.from_pretrained("~nosuchuser/x")
    with pytest.raises(OSError, match="empty"):
        AlbertConfig.from_pretrained("")
    with pytest.raises(ValueError, match="albert-base-v2"):
        AlbertConfig.released("albert-tiny")


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("base", 11_683_584), ("large", 17_683_968), ("xlarge", 58_724_864), ("xxlarge", 222_595_584)],
)
def test_released_sizes_have_their_published_numbers_of_parameters(name: str, parameters: int) -> None:
    for version in ("v1", "v2"):
        config = AlbertConfig.released(f"albert-{name}-{version}")
        leaves = expand(backbone_rows(add_pooling_layer=True), config)
        assert sum(math.prod(leaf.shape) for leaf in leaves) == parameters
    assert len(RELEASED_SIZES) == 8


@pytest.mark.parametrize(
    ("layers", "groups", "counts"),
    [(12, 1, (12,)), (6, 3, (2, 2, 2)), (5, 3, (2, 2, 1)), (7, 2, (4, 3)), (3, 3, (1,) * 3)],
)
def test_layers_are_dealt_out_to_groups(layers: int, groups: int, counts: tuple[int, ...]) -> None:
    assert tiny(num_hidden_layers=layers, num_hidden_groups=groups).layers_of_group() == counts


def test_equal_configurations_hash_alike_and_a_change_shows() -> None:
    one, two = tiny(id2label={0: "a"}), tiny(id2label={0: "a"})
    assert one == two
    assert hash(one) == hash(two)
    before = hash(one)
    one.hidden_dropout_prob = 0.1
    assert one != two
    assert hash(one) != before
