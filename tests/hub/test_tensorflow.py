"""Google's checkpoints and Keras's files on the hub: the configuration, and of the weights what belongs together."""

from pathlib import Path

import numpy as np
import pytest

from flax_albert import FlaxAlbertForPreTraining
from flax_albert.conversion import convert_checkpoint
from tests.hub.server import Hub

WRITTEN = Path(__file__).parents[1] / "checkpoint" / "tensorflow"


def files_of(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.mark.parametrize("name", ["pretraining", "keras"])
def test_only_what_belongs_to_the_checkpoint_is_downloaded(hub: Hub, name: str) -> None:
    if name == "keras":
        pytest.importorskip("h5py")
    hub.add("me/tiny", files_of(WRITTEN / name) | {"README.md": b"# Tiny"})
    model = FlaxAlbertForPreTraining.from_pretrained("me/tiny")
    here = FlaxAlbertForPreTraining.from_pretrained(WRITTEN / name)
    kernel = model.params["albert"]["pooler"]["kernel"]
    np.testing.assert_array_equal(kernel, here.params["albert"]["pooler"]["kernel"])
    assert set(hub.downloaded()) == {path.name for path in (WRITTEN / name).iterdir()} - {"expected.npz"}


def test_a_checkpoint_on_the_hub_is_converted(hub: Hub, tmp_path: Path) -> None:
    hub.add("me/tiny", files_of(WRITTEN / "pretraining"))
    done = convert_checkpoint("me/tiny", tmp_path / "new")
    assert set(done.written) == {"model.safetensors", "config.json"}
