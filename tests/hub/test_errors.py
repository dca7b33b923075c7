"""What a user is told when the hub, the network, the cache or the name is not as hoped."""

import errno
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub import constants

from flax_albert import AlbertConfig, AlbertTokenizerFast, AutoTokenizer, FlaxAlbertForMaskedLM
from flax_albert.hub import HubError, HubOptions
from tests.hub.server import TOKEN, Hub


def told(error: pytest.ExceptionInfo[OSError]) -> str:
    """The message, which is short and on one line."""
    message = str(error.value)
    assert "\n" not in message
    assert len(message) < 600
    return message


def test_a_missing_repository_may_be_private(hub: Hub) -> None:
    with pytest.raises(HubError) as error:
        FlaxAlbertForMaskedLM.from_pretrained("me/nothing")
    message = told(error)
    assert f"{hub.url} has no repository 'me/nothing', or it is private and no token was sent." in message
    assert 'log in with `hf auth login` or pass token="hf_..."' in message
    assert isinstance(error.value.__cause__, huggingface_hub.errors.RepositoryNotFoundError)
    with pytest.raises(HubError, match="the token that was sent does not open it"):
        AutoTokenizer.from_pretrained("me/nothing", token=TOKEN)


def test_a_private_repository_wants_a_token(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/secret", saved, private=True)
    with pytest.raises(HubError, match="or it is private and no token was sent"):
        FlaxAlbertForMaskedLM.from_pretrained("me/secret")
    with pytest.raises(HubError, match="refuses the token: get a valid one"):
        FlaxAlbertForMaskedLM.from_pretrained("me/secret", token="hf_wrong")
    with pytest.raises(HubError, match="token=True asks for the stored token, and there is none: log in"):
        FlaxAlbertForMaskedLM.from_pretrained("me/secret", token=True)


def test_a_gated_repository_wants_to_be_asked(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/gated", saved, gated=True)
    with pytest.raises(HubError) as error:
        FlaxAlbertForMaskedLM.from_pretrained("me/gated")
    assert f"'me/gated' is gated and no token was sent: ask for access at {hub.url}/me/gated" in told(error)


def test_a_missing_revision_is_named(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    with pytest.raises(HubError) as error:
        AlbertConfig.from_pretrained("me/tiny", revision="v9")
    assert "'me/tiny' has no branch, tag or commit 'v9'" in told(error)


def test_missing_files_are_told_from_those_there(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/odd", {"config.json": saved["config.json"], "rust_model.ot": b""}, "v1")
    with pytest.raises(OSError, match="holds no weights on the hub") as error:
        FlaxAlbertForMaskedLM.from_pretrained("me/odd", revision="v1")
    message = told(error)
    assert "'me/odd' at revision 'v1' holds no weights" in message
    assert "looked for model.safetensors" in message
    assert "found 'config.json', 'rust_model.ot'" in message
    with pytest.raises(OSError, match=r"holds no tokenizer on the hub: looked for spiece\.model"):
        AlbertTokenizerFast.from_pretrained("me/odd", revision="v1")
    hub.add("me/empty", {"README.md": b""})
    with pytest.raises(OSError, match=r"holds no file config\.json on the hub: .* found 'README\.md'"):
        FlaxAlbertForMaskedLM.from_pretrained("me/empty")
    assert not hub.downloaded() or hub.downloaded() == ["config.json"]


def test_an_index_that_names_an_absent_shard_is_told(hub: Hub, saved: dict[str, bytes]) -> None:
    index = b'{"weight_map": {"a": "model-00001-of-00002.safetensors"}}'
    hub.add("me/odd", {"config.json": saved["config.json"], "model.safetensors.index.json": index})
    with pytest.raises(OSError, match=r"holds no file model-00001-of-00002\.safetensors on the hub"):
        FlaxAlbertForMaskedLM.from_pretrained("me/odd")


def test_no_network_and_no_cache(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    hub.stop()
    with pytest.raises(HubError) as error:
        FlaxAlbertForMaskedLM.from_pretrained("me/tiny")
    message = told(error)
    assert f"{hub.url} cannot be reached (Connection refused)" in message
    assert "'me/tiny' is not in the cache" in message
    assert message.endswith("connect once, or pass a directory.")


@pytest.mark.parametrize("forbid", ["local_files_only", "environment", "stopped"])
def test_a_part_in_the_cache_is_told_from_the_whole(
    hub: Hub, saved: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, forbid: str
) -> None:
    hub.add("me/tiny", saved)
    AlbertConfig.from_pretrained("me/tiny")
    if forbid == "environment":
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        renew_session()
    if forbid == "stopped":
        hub.stop()
    options: Any = {"local_files_only": True} if forbid == "local_files_only" else {}
    assert AlbertConfig.from_pretrained("me/tiny", **options).model_type == "albert"
    with pytest.raises(OSError, match="weights of 'me/tiny'") as error:
        FlaxAlbertForMaskedLM.from_pretrained("me/tiny", **options)
    message = told(error)
    assert "is not in the cache" in message
    reasons = {
        "local_files_only": "local_files_only=True forbids to connect: load it once without",
        "environment": "HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids to connect: unset it once",
        "stopped": "connect once",
    }
    assert reasons[forbid] in message
    with pytest.raises(OSError, match=r"The tokenizer of 'me/tiny' .* is not in the cache"):
        AutoTokenizer.from_pretrained("me/tiny", **options)


def test_local_files_only_with_an_empty_cache(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    with pytest.raises(HubError, match=r"'me/tiny' is not in the cache .* without local_files_only, or pass a dir"):
        AlbertConfig.from_pretrained("me/tiny", local_files_only=True)
    assert not hub.requests
    with pytest.raises(ValueError, match="force_download=True and local_files_only=True contradict each other"):
        AlbertConfig.from_pretrained("me/tiny", local_files_only=True, force_download=True)


def test_force_download_does_not_make_do_with_the_cache(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    AlbertConfig.from_pretrained("me/tiny")
    hub.stop()
    with pytest.raises(HubError, match=r"cannot be reached .*, and force_download=True passes over the cache"):
        AlbertConfig.from_pretrained("me/tiny", force_download=True)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (500, r"is in trouble \(server error 500\), and 'me/tiny' is not in the cache .*: try again later"),
        (503, r"is in trouble \(server error 503\)"),
        (429, "has had too many requests"),
        (403, "forbids this for 'me/tiny', and no token was sent"),
        (418, "answered 418 when asked for 'me/tiny'"),
    ],
)
def test_a_hub_in_trouble(hub: Hub, saved: dict[str, bytes], status: int, expected: str) -> None:
    hub.add("me/tiny", saved)
    hub.failure = status
    with pytest.raises(HubError, match=expected) as error:
        AlbertConfig.from_pretrained("me/tiny")
    assert "\n" not in str(error.value)


def test_a_download_of_another_size_than_announced(hub: Hub, saved: dict[str, bytes]) -> None:
    hub.add("me/tiny", saved)
    hub.announce_longer = True
    with pytest.raises(HubError) as error:
        FlaxAlbertForMaskedLM.from_pretrained("me/tiny")
    expected = (
        f"The download of model.safetensors of 'me/tiny' broke off or is not what {hub.url} announced: try again."
    )
    assert told(error) == expected


def test_a_full_disk(hub: Hub, saved: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    hub.add("me/tiny", saved)
    monkeypatch.setattr("huggingface_hub.file_download.http_get", _full)
    with pytest.raises(HubError) as error:
        AlbertConfig.from_pretrained("me/tiny")
    assert told(error) == f"The disk of {cache} is full: free some space, or pass another cache_dir."


def _full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_cache_that_cannot_be_written(hub: Hub, saved: dict[str, bytes], tmp_path: Path) -> None:
    hub.add("me/tiny", saved)
    (tmp_path / "file").write_text("")
    with pytest.raises(HubError, match=r"file.* cannot be written \(.*\): pass another cache_dir"):
        AlbertConfig.from_pretrained("me/tiny", cache_dir=tmp_path / "file")


@pytest.mark.parametrize(
    "name", ["./missing", "/missing", "~/missing", "a/b/c", "models\\tiny", "a b", "https://hub/me/tiny", "me/", "-x/y"]
)
def test_what_cannot_be_an_id_is_a_path_that_is_not_there(hub: Hub, name: str) -> None:
    for kind in (AlbertConfig, AlbertTokenizerFast, AutoTokenizer, FlaxAlbertForMaskedLM):
        with pytest.raises(OSError, match=r"neither a directory nor a bundled model .* Check the path") as error:
            kind.from_pretrained(name)
        assert repr(name) in told(error)
    assert not hub.requests


@pytest.mark.parametrize("name", ["me/a..b", "me/tiny.git", "a--b"])
def test_what_the_client_finds_impossible(hub: Hub, name: str) -> None:
    with pytest.raises(HubError, match="cannot be the id of a repository"):
        AlbertConfig.from_pretrained(name)
    assert not hub.requests


def test_a_name_alone_may_be_a_bundled_one_misspelt(hub: Hub) -> None:
    with pytest.raises(HubError, match=r"neither a directory nor a bundled model \(bundled: albert-mini-en\)"):
        AlbertConfig.from_pretrained("albert-mini")


@pytest.mark.parametrize("option", [{"revision": "../x"}, {"subfolder": "../../x"}, {"revision": "/etc"}])
def test_options_do_not_lead_out_of_the_cache(hub: Hub, saved: dict[str, bytes], option: Any) -> None:
    hub.add("me/tiny", saved)
    with pytest.raises(HubError, match="names nothing in a repository"):
        AlbertConfig.from_pretrained("me/tiny", **option)


def test_a_hub_that_lies_about_the_commit_is_not_believed(hub: Hub, saved: dict[str, bytes], cache: Path) -> None:
    hub.add("me/tiny", saved)
    repository = hub.repositories["me/tiny"]
    repository.commits["../../../escaped"] = dict(saved)
    repository.refs["main"] = "../../../escaped"
    with pytest.raises(HubError, match="does not say at which commit"):
        AlbertConfig.from_pretrained("me/tiny")
    assert not cache.exists() or not any(cache.rglob("*.json"))


def test_options_of_a_wrong_type_are_named() -> None:
    with pytest.raises(TypeError, match="revision must be a text, got int"):
        HubOptions(revision=1)  # type: ignore[arg-type]


def renew_session() -> None:
    """Version 0 of the client keeps its decision for or against the network in the session."""
    reset = getattr(huggingface_hub.utils._http, "reset_sessions", None)
    if reset:
        reset()
