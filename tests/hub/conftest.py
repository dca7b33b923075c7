"""A hub on loopback, and a client that knows no other."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from flax_albert import FlaxAlbertForMaskedLM
from tests.hub.server import Hub
from tests.tasks import tiny


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that the client asks, with an empty cache and nobody logged in."""
    with Hub() as served:
        _point_client_at(served.url, tmp_path, monkeypatch)
        yield served


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where the client keeps downloads."""
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def model() -> FlaxAlbertForMaskedLM:
    """A tiny model."""
    return tiny.model()


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Everything a repository may hold of the model, name to content. The msgpack file holds other weights."""
    directory = tiny.save(tmp_path_factory.mktemp("saved"))
    tiny.model(seed=1).save_pretrained(directory, safe_serialization=False)
    files = {path.name: path.read_bytes() for path in directory.iterdir()}
    return files | {"README.md": b"# Tiny\n", "pytorch_model.bin": b"not asked for", "tf_model.h5": b"nor this"}


def _point_client_at(url: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The client reads its environment once, when it is imported.
    file_download = importlib.import_module("huggingface_hub.file_download")
    for module in (constants, file_download):
        monkeypatch.setattr(
            module, "HUGGINGFACE_CO_URL_TEMPLATE", f"{url}/{{repo_id}}/resolve/{{revision}}/{{filename}}", raising=False
        )
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(directory / "cache"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(directory / "token"))
    monkeypatch.setattr(constants, "HF_STORED_TOKENS_PATH", str(directory / "stored_tokens"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    renew = (
        getattr(huggingface_hub.utils, "close_session", None)
        or importlib.import_module("huggingface_hub.utils._http").reset_sessions
    )
    renew()
