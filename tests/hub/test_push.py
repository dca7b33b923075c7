"""What is pushed can be loaded again, by name, and is one commit. The client is the real one."""

import logging
from pathlib import Path
from typing import Any

import jax
import pytest

from flax_albert import AlbertConfig, AlbertTokenizerFast, FlaxAlbertForMaskedLM
from flax_albert.hub import HubError
from tests.hub.server import TOKEN, Hub
from tests.hub.test_download import assert_equal
from tests.tasks import tiny

# Version 2 of the client sends large files in a way that its own HTTP library has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

OTHERS = {".gitattributes", "README.md"}


@pytest.fixture(autouse=True)
def logged_in(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)


def test_a_model_makes_the_round_trip_in_one_commit(hub: Hub, model: FlaxAlbertForMaskedLM) -> None:
    said = model.push_to_hub("me/mine", commit_message="First", commit_description="More about it", private=True)
    assert_equal(FlaxAlbertForMaskedLM.from_pretrained("me/mine").params, model.params)
    repository = hub.repositories["me/mine"]
    assert repository.private
    assert repository.messages[1:] == ["First\nMore about it"]
    assert set(hub.files("me/mine")) == {"config.json", "model.safetensors", *OTHERS}
    assert said.oid == repository.refs["main"]
    assert said.commit_url.endswith(said.oid)
    assert {request.token for request in hub.requests if request.method == "POST"} == {TOKEN}


def test_model_tokenizer_and_configuration_share_a_repository(hub: Hub, model: FlaxAlbertForMaskedLM) -> None:
    tiny.tokenizer().push_to_hub("me/mine")
    model.push_to_hub("me/mine")
    AlbertConfig.from_pretrained("me/mine", num_labels=7).push_to_hub("me/mine")
    assert AlbertTokenizerFast.from_pretrained("me/mine").get_vocab() == tiny.tokenizer().get_vocab()
    assert AlbertConfig.from_pretrained("me/mine").num_labels == 7
    assert hub.repositories["me/mine"].messages[1:] == [
        "Upload tokenizer",
        "Upload FlaxAlbertForMaskedLM",
        "Upload config",
    ]


def test_a_name_without_owner_is_ones_own(hub: Hub) -> None:
    said = tiny.model().config.push_to_hub("mine")
    assert said.commit_url.startswith(f"{hub.url}/me/mine/commit/")
    assert "config.json" in hub.files("me/mine")


def test_a_pull_request_leaves_the_branch_alone(hub: Hub, model: FlaxAlbertForMaskedLM) -> None:
    hub.add("me/mine", {"README.md": b"# Mine\n"})
    said = model.push_to_hub("me/mine", create_pr=True)
    assert said.pr_url == f"{hub.url}/me/mine/discussions/1"
    assert set(hub.files("me/mine")) == {"README.md"}
    assert_equal(FlaxAlbertForMaskedLM.from_pretrained("me/mine", revision="refs/pr/1").params, model.params)


def test_a_revision_is_a_branch_that_is_made(hub: Hub, model: FlaxAlbertForMaskedLM) -> None:
    hub.add("me/mine", {"README.md": b"# Mine\n"})
    for _ in range(2):
        model.push_to_hub("me/mine", revision="next")
    assert set(hub.files("me/mine")) == {"README.md"}
    assert_equal(FlaxAlbertForMaskedLM.from_pretrained("me/mine", revision="next").params, model.params)


def test_shards_and_one_file_take_each_others_place(hub: Hub, model: FlaxAlbertForMaskedLM) -> None:
    other = tiny.model(seed=3)
    for pushed, size in ((model, "4KB"), (other, "5GB"), (model, "8KB")):
        pushed.push_to_hub("me/mine", max_shard_size=size)
        assert_equal(FlaxAlbertForMaskedLM.from_pretrained("me/mine").params, pushed.params)
    weights = [name for name in hub.files("me/mine") if name.startswith("model")]
    count = len(weights) - 1
    assert sorted(weights) == [
        *(f"model-{number:05d}-of-{count:05d}.safetensors" for number in range(1, count + 1)),
        "model.safetensors.index.json",
    ]


def test_weights_of_another_format_stay_and_a_warning_says_which_are_loaded(
    hub: Hub, model: FlaxAlbertForMaskedLM, caplog: pytest.LogCaptureFixture
) -> None:
    tiny.model(seed=3).push_to_hub("me/mine")
    with caplog.at_level(logging.WARNING):
        model.push_to_hub("me/mine", safe_serialization=False)
    assert "model.safetensors is there already, and is loaded before what is pushed now" in caplog.text
    assert {"model.safetensors", "flax_model.msgpack"} < set(hub.files("me/mine"))


def test_a_model_card_is_begun_and_gets_tags(hub: Hub) -> None:
    config = tiny.model().config
    config.push_to_hub("me/mine", tags=["albert"])
    assert hub.files("me/mine")["README.md"] == (b"---\nlibrary_name: transformers\ntags:\n- albert\n---\n\n# mine\n")
    config.push_to_hub("me/mine", tags=["chess", "albert"])
    assert b"tags:\n- albert\n- chess\n" in hub.files("me/mine")["README.md"]
    written = b"---\nlicense: mit\n---\n\n# My own words\n"
    hub.add("me/other", {"README.md": written})
    config.push_to_hub("me/other")
    assert hub.files("me/other")["README.md"] == written


def test_saving_can_push_as_well(hub: Hub, model: FlaxAlbertForMaskedLM, tmp_path: Path) -> None:
    directory = tmp_path / "mine"
    directory.mkdir()
    (directory / "notes.txt").write_text("not for others")
    params = jax.tree.map(lambda leaf: 2 * leaf, model.params)
    model.save_pretrained(directory, params=params, push_to_hub=True, token=TOKEN)
    tiny.tokenizer().save_pretrained(directory, push_to_hub=True, repo_id="me/mine", commit_message="Words")
    model.config.save_pretrained(directory, push_to_hub=True, repo_id="me/config", private=True)
    assert_equal(FlaxAlbertForMaskedLM.from_pretrained("me/mine").params, params)
    assert "notes.txt" not in hub.files("me/mine")
    assert hub.repositories["me/mine"].messages[-1] == "Words"
    assert AlbertTokenizerFast.from_pretrained("me/mine").mask_token == "[MASK]"
    assert set(hub.files("me/config")) == {"config.json", ".gitattributes"}
    assert hub.repositories["me/config"].private
    assert_equal(FlaxAlbertForMaskedLM.from_pretrained(directory).params, params)


def test_a_directory_of_the_repositorys_name_is_saved_to(
    hub: Hub, model: FlaxAlbertForMaskedLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model.config.push_to_hub("me/mine")
    assert not list(tmp_path.glob("mine"))
    (tmp_path / "mine").mkdir()
    model.config.push_to_hub("me/mine", use_temp_dir=True)
    assert not list((tmp_path / "mine").iterdir())
    model.config.push_to_hub("me/mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["config.json"]


@pytest.mark.parametrize(("token", "state"), [(False, "no token was sent"), ("hf_wrong", "the token that was sent")])
def test_pushing_needs_the_right(hub: Hub, model: FlaxAlbertForMaskedLM, token: Any, state: str) -> None:
    hub.add("me/mine", {"README.md": b""})
    with pytest.raises(HubError, match=f"does not let you write to 'me/mine': {state}.* a token with the right"):
        model.push_to_hub("me/mine", token=token)
    assert set(hub.files("me/mine")) == {"README.md"}


def test_what_else_can_go_wrong_is_told(
    hub: Hub, model: FlaxAlbertForMaskedLM, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(HubError, match="cannot be the id of a repository"):
        model.push_to_hub("a/b/c")
    with pytest.raises(TypeError, match="push_to_hub does not know the argument 'repo_url'"):
        model.push_to_hub("me/mine", repo_url=hub.url)
    with pytest.raises(TypeError, match="save_pretrained does not know the argument 'commit'"):
        model.save_pretrained(tmp_path, push_to_hub=True, commit="x")
    hub.refuse_uploads = True
    with pytest.raises(HubError, match="does not let you write to 'me/mine'"):
        model.push_to_hub("me/mine")
    assert set(hub.files("me/mine")) == {".gitattributes"}
    hub.failure = 503
    with pytest.raises(HubError, match=r"answered 503 to the push to 'me/mine'.*\. Push again later"):
        model.push_to_hub("me/mine")
    hub.stop()
    with pytest.raises(HubError, match=r"cannot be reached .*: push to 'me/mine' again once connected"):
        model.push_to_hub("me/mine")
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(HubError, match="token=True asks for the stored token, and there is none"):
        model.push_to_hub("me/mine", token=True)
