"""The doctor of a repository: what it downloads, and what it says."""

from pathlib import Path

import pytest

from flax_albert.doctor import Outcome, examine
from flax_albert.hub import HubError
from tests.doctor.checkpoints import codes, save
from tests.hub.server import Hub


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    directory = save(tmp_path / "model")
    return {path.name: path.read_bytes() for path in directory.iterdir()} | {"flax_model.msgpack": b"left there"}


def test_only_what_is_looked_at_is_downloaded(hub: Hub, files: dict[str, bytes]) -> None:
    hub.add("me/tiny", files)
    report = examine("me/tiny")
    assert report.findings == ()
    assert "flax_model.msgpack" not in hub.downloaded()
    sizes = {file.name: (file.bytes, file.role) for file in report.files}
    assert sizes["model.safetensors"] == (len(files["model.safetensors"]), "weights")
    assert sizes["flax_model.msgpack"] == (None, "other weights")


def test_a_shard_that_is_missing_is_a_finding(hub: Hub, files: dict[str, bytes]) -> None:
    del files["model.safetensors"]
    del files["flax_model.msgpack"]
    files["model.safetensors.index.json"] = b'{"weight_map": {"a": "model-00001-of-00001.safetensors"}}'
    hub.add("me/tiny", files)
    report = examine("me/tiny")
    assert codes(report) == ["weights-unreadable"]
    assert {verdict.outcome for verdict in report.verdicts} == {Outcome.FAILS}


def test_a_repository_that_is_not_there_is_an_error(hub: Hub) -> None:
    with pytest.raises(HubError):
        examine("me/nothing")
