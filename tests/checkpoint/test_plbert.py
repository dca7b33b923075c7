"""A real trained checkpoint, PL-BERT, reproduces the activations that other implementations computed from it."""

from pathlib import Path

import numpy as np
import pytest

from flax_albert.models import FlaxAlbertModel
from tests.tolerances import BASE


@pytest.fixture(scope="module")
def plbert(shared_data: Path) -> Path:
    return shared_data / "checkpoints" / "plbert"


def test_activations(plbert: Path) -> None:
    reference = np.load(plbert / "reference.npz")
    model, report = FlaxAlbertModel.from_pretrained(plbert, add_pooling_layer=False, output_loading_info=True)
    assert (report.missing, report.unexpected, report.mismatched) == ((), (), ())
    output = model(reference["input_ids"], output_hidden_states=True)
    worst = {
        name: float(np.abs(output.last_hidden_state - reference[name]).max())
        for name in ("numpy_float32_last_hidden", "ort_fp32_last_hidden")
    }
    steps = np.stack(output.hidden_states[1:])[:, 0, :4, :8]
    worst["ort_fp32_all_layers_first4x8"] = float(np.abs(steps - reference["ort_fp32_all_layers_first4x8"]).max())
    assert max(worst.values()) < BASE


def test_a_copy_saved_here_holds_the_same_numbers(plbert: Path, tmp_path: Path) -> None:
    model = FlaxAlbertModel.from_pretrained(plbert, add_pooling_layer=False)
    model.save_pretrained(tmp_path, max_shard_size="5MB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 2
    copy = FlaxAlbertModel.from_pretrained(tmp_path, add_pooling_layer=False)
    ids = np.load(plbert / "reference.npz")["input_ids"]
    np.testing.assert_array_equal(copy(ids).last_hidden_state, model(ids).last_hidden_state)
