"""What is downloaded from the hub, how often, and of which commit. The client is the real one."""

import logging
from pathlib import Path
from typing import Any

import huggingface_hub
import jax
import jax.numpy as jnp
import pytest
from huggingface_hub import constants

from flax_albert import (
    AlbertConfig,
    AlbertTokenizerFast,
    AutoConfig,
    AutoTokenizer,
    FlaxAlbertForMaskedLM,
    FlaxAlbertModel,
    FlaxAutoModelForMaskedLM,
)
from flax_albert.hub import HubError
from tests.hub.server import TOKEN, Hub
from tests.tasks import tiny

TOKENIZER_FILES = {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}


def assert_equal(params: Any, expected: Any) -> None:
    assert jax.tree.all(jax.tree.map(jnp.array_equal, params, expected))


def test_a_model_needs_its_configuration_and_the_preferred_weights_only(
    hub: Hub, saved: dict[str, bytes], model: FlaxAlbertForMaskedLM
) -> None:
    hub.add("me/tiny", saved)
    loaded = FlaxAlbertForMaskedLM.from_pretrained("me/tiny")
    assert hub.downloaded() == ["config.json", "model.safetensors"]
    assert_equal(loaded.params, model.params)
    assert loaded.config.name_or_path == "me/tiny"


def test_a_second_load_asks_once_and_downloads_nothing(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    FlaxAlbertForMaskedLM.from_pretrained("me/tiny")
    hub.forget()
    FlaxAlbertForMaskedLM.from_pretrained("me/tiny")
    assert [request.path for request in hub.requests] == ["/api/models/me/tiny/revision/main"]


def test_force_download_fetches_anew(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    FlaxAlbertForMaskedLM.from_pretrained("me/tiny")
    hub.forget()
    FlaxAlbertForMaskedLM.from_pretrained("me/tiny", force_download=True)
    assert hub.downloaded() == ["config.json", "model.safetensors"]


def test_without_safetensors_msgpack_is_taken(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", {name: content for name, content in saved.items() if name != "model.safetensors"})
    loaded = FlaxAlbertForMaskedLM.from_pretrained("me/tiny")
    assert hub.downloaded() == ["config.json", "flax_model.msgpack"]
    assert_equal(loaded.params, tiny.model(seed=1).params)


def test_from_pt_passes_over_msgpack(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", {name: content for name, content in saved.items() if name != "model.safetensors"})
    with pytest.raises(OSError, match=r"pytorch_model\.bin is damaged"):
        FlaxAlbertForMaskedLM.from_pretrained("me/tiny", from_pt=True)
    assert hub.downloaded() == ["config.json", "pytorch_model.bin"]


@pytest.mark.parametrize("safe_serialization", [True, False])
def test_shards_are_fetched_with_their_index(
    hub: Hub, saved: dict[str, bytes], model: FlaxAlbertForMaskedLM, tmp_path: Path, safe_serialization: bool
) -> None:
    model.save_pretrained(tmp_path / "sharded", max_shard_size="4KB", safe_serialization=safe_serialization)
    files = {path.name: path.read_bytes() for path in (tmp_path / "sharded").iterdir()}
    stale = {name.replace("-of-", "-of-9"): b"" for name in files if "-of-" in name}
    hub.add("me/tiny", {"pytorch_model.bin": b"", "tokenizer.json": b"", **stale, **files})
    assert len(stale) > 1
    loaded = FlaxAlbertForMaskedLM.from_pretrained("me/tiny")
    assert sorted(hub.downloaded()) == sorted(files)
    assert_equal(loaded.params, model.params)


def test_a_tensorflow_checkpoint_is_fetched_with_its_data_files(hub: Hub, saved: dict[str, bytes]) -> None:
    needed = {"albert_config.json": saved["config.json"]}
    needed |= {f"model.ckpt-best.{part}": b"" for part in ("index", "data-00000-of-00002", "data-00001-of-00002")}
    hub.add("me/google", {**needed, "model.ckpt-best.meta": b"a graph", "30k-clean.model": b"pieces"})
    with pytest.raises(OSError, match=r"model\.ckpt-best\.index is damaged"):
        FlaxAlbertForMaskedLM.from_pretrained("me/google")
    asked = {request.path.rpartition("/")[2] for request in hub.requests if "resolve" in request.path}
    assert asked == set(needed)


@pytest.mark.parametrize("kind", [AlbertTokenizerFast, AutoTokenizer])
def test_a_tokenizer_needs_its_own_files_only(hub: Hub, saved: dict[str, bytes], kind: Any) -> None:
    hub.add("me/tiny", saved)
    tokenizer = kind.from_pretrained("me/tiny")
    assert set(hub.downloaded()) == TOKENIZER_FILES
    assert len(hub.downloaded()) == len(TOKENIZER_FILES)
    assert tokenizer("the cat").input_ids == tiny.tokenizer()("the cat").input_ids
    assert tokenizer.name_or_path == "me/tiny"


def test_auto_tokenizer_asks_the_configuration_where_the_tokenizer_does_not_say(
    hub: Hub, saved: dict[str, bytes]
) -> None:
    hub.add("me/tiny", {"tokenizer.json": saved["tokenizer.json"], "config.json": b'{"model_type": "gpt2"}'})
    with pytest.raises(ValueError, match="model type 'gpt2'"):
        AutoTokenizer.from_pretrained("me/tiny")
    assert hub.downloaded() == ["config.json"]


def test_a_configuration_needs_one_file(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    config = AlbertConfig.from_pretrained("me/tiny", num_labels=5)
    assert hub.downloaded() == ["config.json"]
    assert (config.num_labels, config.name_or_path) == (5, "me/tiny")
    contents, others = AlbertConfig.get_config_dict("me/tiny", revision="main", other=1)
    assert contents["hidden_size"] == config.hidden_size
    assert others == {"other": 1}


def test_unused_keywords_of_a_configuration_can_be_had(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    config, unused = AlbertConfig.from_pretrained("me/tiny", return_unused_kwargs=True, num_labels=5, other=1)
    assert config.num_labels == 5
    assert unused == {"other": 1}
    assert not hasattr(config, "other")


def test_keywords_change_the_configuration_and_do_init_parts_the_parameters(
    hub: Hub, saved: dict[str, bytes], model: FlaxAlbertForMaskedLM
) -> None:
    hub.add("me/tiny", saved)
    loaded, params = FlaxAlbertForMaskedLM.from_pretrained(
        "me/tiny", dtype=jnp.bfloat16, _do_init=False, output_attentions=True
    )
    assert loaded.config.output_attentions
    assert loaded.dtype == jnp.bfloat16
    assert_equal(params, model.params)


def test_a_configuration_may_come_from_elsewhere(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    hub.add("me/larger", {"config.json": saved["config.json"].replace(b'"vocab_size": ', b'"vocab_size": 1')})
    with pytest.raises(ValueError, match="shape"):
        FlaxAlbertForMaskedLM.from_pretrained("me/tiny", config="me/larger")
    loaded, report = FlaxAlbertForMaskedLM.from_pretrained(
        "me/tiny", config="me/larger", ignore_mismatched_sizes=True, output_loading_info=True
    )
    assert loaded.config.vocab_size > 100
    assert report.mismatched


def test_revisions_are_branches_tags_pull_requests_and_commits(hub: Hub, saved: dict[str, bytes]) -> None:
    commits = {}
    for hidden_act, revision in (("relu", "v1.0"), ("tanh", "refs/pr/11"), ("gelu", "feature/x"), ("silu", "main")):
        config = saved["config.json"].replace(b'"gelu_new"', f'"{hidden_act}"'.encode())
        commits[hidden_act] = hub.add("me/tiny", {"config.json": config}, revision)
    for revision, expected in (
        ("v1.0", "relu"),
        ("refs/pr/11", "tanh"),
        ("feature/x", "gelu"),
        (commits["relu"], "relu"),
        ("main", "silu"),
        (None, "silu"),
    ):
        assert AlbertConfig.from_pretrained("me/tiny", revision=revision).hidden_act == expected
        with_cache_only = AlbertConfig.from_pretrained("me/tiny", revision=revision, local_files_only=True)
        assert with_cache_only.hidden_act == expected


def test_a_moved_branch_is_followed(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    assert AlbertConfig.from_pretrained("me/tiny").num_labels == 2
    hub.add("me/tiny", {**saved, "config.json": saved["config.json"].replace(b"gelu_new", b"relu")})
    assert AlbertConfig.from_pretrained("me/tiny").hidden_act == "relu"
    assert AlbertConfig.from_pretrained("me/tiny", local_files_only=True).hidden_act == "relu"


def test_configuration_and_weights_come_from_one_commit_though_the_branch_moves(
    hub: Hub, saved: dict[str, bytes], model: FlaxAlbertForMaskedLM
) -> None:
    hub.add("me/tiny", saved)

    def move() -> None:
        hub.on_list = lambda: None
        hub.add("me/tiny", {"config.json": b"{}", "model.safetensors": saved["model.safetensors"][:-4] + b"nope"})

    hub.on_list = move
    assert_equal(FlaxAlbertForMaskedLM.from_pretrained("me/tiny").params, model.params)


def test_the_auto_classes_load_from_the_hub_and_from_one_commit(
    hub: Hub, saved: dict[str, bytes], model: FlaxAlbertForMaskedLM
) -> None:
    hub.add("me/tiny", saved)
    loaded = FlaxAutoModelForMaskedLM.from_pretrained("me/tiny", revision="main", output_attentions=True)
    assert [request.path for request in hub.requests if request.path.startswith("/api")] == [
        "/api/models/me/tiny/revision/main"
    ]
    assert hub.downloaded() == ["config.json", "model.safetensors"]
    assert_equal(loaded.params, model.params)
    assert loaded.config.name_or_path == "me/tiny"
    assert loaded.config.output_attentions
    assert AutoConfig.from_pretrained("me/tiny").name_or_path == "me/tiny"


def test_a_subfolder_is_a_folder_of_its_own(hub: Hub, saved: dict[str, bytes], model: FlaxAlbertForMaskedLM) -> None:
    hub.add("me/many", {"config.json": b"{}", **{f"models/tiny/{name}": content for name, content in saved.items()}})
    assert_equal(FlaxAlbertForMaskedLM.from_pretrained("me/many", subfolder="models/tiny").params, model.params)
    assert AutoTokenizer.from_pretrained("me/many", subfolder="models/tiny/").mask_token == "[MASK]"
    assert AlbertConfig.from_pretrained("me/many", subfolder="models/tiny").hidden_size == model.config.hidden_size
    assert {name.rpartition("/")[0] for name in hub.downloaded()} == {"models/tiny"}
    with pytest.raises(OSError, match=r"'me/many' in 'model' holds no file config\.json on the hub"):
        AlbertConfig.from_pretrained("me/many", subfolder="model")


@pytest.mark.parametrize("name", ["token", "use_auth_token"])
@pytest.mark.filterwarnings("ignore:use_auth_token is the older name")
def test_a_token_opens_a_private_repository(hub: Hub, saved: dict[str, bytes], name: str) -> None:
    hub.add("me/secret", saved, private=True)
    options: Any = {name: TOKEN}
    FlaxAlbertModel.from_pretrained("me/secret", **options)
    AutoTokenizer.from_pretrained("me/secret", **options)
    assert {request.token for request in hub.requests if "storage" not in request.path} == {TOKEN}
    assert {request.token for request in hub.requests if "storage" in request.path} == {None}


def test_the_stored_token_is_used_unless_refused(
    hub: Hub, saved: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add("me/secret", saved, private=True)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    AlbertConfig.from_pretrained("me/secret")
    AlbertConfig.from_pretrained("me/secret", token=True, force_download=True)
    with pytest.raises(HubError, match="no token was sent"):
        AlbertConfig.from_pretrained("me/secret", token=False, force_download=True)


def test_cache_dir_is_where_downloads_go(hub: Hub, saved: dict[str, bytes], cache: Path, tmp_path: Path) -> None:
    hub.add("me/tiny", saved)
    AlbertConfig.from_pretrained("me/tiny", cache_dir=tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "models--me--tiny").is_dir()
    assert not cache.exists()


def test_an_interrupted_download_is_resumed(
    hub: Hub, saved: dict[str, bytes], model: FlaxAlbertForMaskedLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1024)  # what is kept is a multiple of this
    hub.add("me/tiny", saved)
    AlbertConfig.from_pretrained("me/tiny")
    hub.forget()
    size = len(saved["model.safetensors"])
    hub.cut = 10 * 1024
    try:  # version 2 of the client resumes by itself, version 0 when it is called again
        loaded = FlaxAlbertForMaskedLM.from_pretrained("me/tiny")
    except HubError:
        loaded = FlaxAlbertForMaskedLM.from_pretrained("me/tiny")
    parts = [request for request in hub.requests if request.method == "GET" and "storage" in request.path]
    assert [part.range for part in parts] == [None, "bytes=10240-"]
    assert sum(part.sent for part in parts) == size
    assert_equal(loaded.params, model.params)


def test_offline_the_cache_serves_and_a_warning_says_so(
    hub: Hub, saved: dict[str, bytes], model: FlaxAlbertForMaskedLM, caplog: pytest.LogCaptureFixture
) -> None:
    hub.add("me/tiny", saved)
    FlaxAlbertForMaskedLM.from_pretrained("me/tiny")
    AutoTokenizer.from_pretrained("me/tiny")
    hub.stop()
    with caplog.at_level(logging.WARNING):
        loaded = FlaxAlbertForMaskedLM.from_pretrained("me/tiny")
    assert "'me/tiny' is taken from the cache" in caplog.text
    assert_equal(loaded.params, model.params)
    assert AutoTokenizer.from_pretrained("me/tiny", local_files_only=True).mask_token == "[MASK]"


def test_a_hub_in_trouble_is_no_trouble_with_a_cache(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    AlbertConfig.from_pretrained("me/tiny")
    hub.failure = 503
    assert AlbertConfig.from_pretrained("me/tiny").num_labels == 2


def test_local_files_only_asks_nobody(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    FlaxAlbertForMaskedLM.from_pretrained("me/tiny")
    hub.forget()
    FlaxAlbertForMaskedLM.from_pretrained("me/tiny", local_files_only=True)
    assert not hub.requests


def test_a_repository_that_has_moved_is_followed(
    hub: Hub, saved: dict[str, bytes], model: FlaxAlbertForMaskedLM
) -> None:
    hub.add("albert/albert-base-v2", saved)
    hub.moved["albert-base-v2"] = "albert/albert-base-v2"
    for cached in (False, True):
        loaded = FlaxAlbertForMaskedLM.from_pretrained("albert-base-v2", local_files_only=cached)
        assert_equal(loaded.params, model.params)
    assert AutoTokenizer.from_pretrained("albert-base-v2").model_max_length == 512


def test_the_cache_is_shared_with_other_users_of_the_client(hub: Hub, saved: dict[str, bytes], cache: Path) -> None:
    hub.add("me/ours", saved)
    hub.add("me/theirs", saved)
    AlbertConfig.from_pretrained("me/ours")
    ours = Path(huggingface_hub.hf_hub_download("me/ours", "config.json", local_files_only=True))
    assert ours.read_bytes() == saved["config.json"]
    assert ours.is_relative_to(cache)
    huggingface_hub.hf_hub_download("me/theirs", "config.json")
    assert AlbertConfig.from_pretrained("me/theirs", local_files_only=True).model_type == "albert"


def test_a_file_of_weights_stands_for_its_directory(
    hub: Hub, saved: dict[str, bytes], tmp_path: Path, model: FlaxAlbertForMaskedLM
) -> None:
    for name in ("config.json", "model.safetensors", "flax_model.msgpack"):
        (tmp_path / name).write_bytes(saved[name])
    path = tmp_path / "flax_model.msgpack"
    other = tiny.model(seed=1).params
    for kind in (FlaxAlbertForMaskedLM, FlaxAutoModelForMaskedLM):
        assert_equal(kind.from_pretrained(path).params, other)
        assert_equal(kind.from_pretrained(str(path), config=model.config).params, other)
    with pytest.raises(OSError, match="weights are read from"):
        FlaxAlbertForMaskedLM.from_pretrained(tmp_path / "config.json")


def test_a_directory_wins_over_the_hub(
    hub: Hub, saved: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add("me/tiny", saved)
    monkeypatch.chdir(tmp_path)
    tiny.save(tmp_path / "me" / "tiny", seed=2)
    assert_equal(FlaxAlbertForMaskedLM.from_pretrained("me/tiny").params, tiny.model(seed=2).params)
    assert not hub.requests


def test_older_options_are_accepted_and_proxies_warn(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    with pytest.warns(UserWarning, match="proxies has no effect: set the environment variables HTTPS_PROXY"):
        AlbertConfig.from_pretrained("me/tiny", proxies={"http": "nowhere:1"}, resume_download=True)
    with pytest.warns(FutureWarning, match="use_auth_token is the older name of token"):
        AlbertConfig.from_pretrained("me/tiny", use_auth_token=False)
    with pytest.warns(FutureWarning), pytest.raises(ValueError, match="are the same"):
        AlbertConfig.from_pretrained("me/tiny", use_auth_token=TOKEN, token=TOKEN)
