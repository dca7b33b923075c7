"""The documented classes on disk: what is saved answers as before, in whatever head it is loaded."""

import logging
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax.core import unfreeze

from flax_albert.config import AlbertConfig
from flax_albert.models import (
    FlaxAlbertForMaskedLM,
    FlaxAlbertForSequenceClassification,
)
from tests.sizes import tiny

IDS = np.random.default_rng(0).integers(5, 61, (2, 9)).astype(np.int32)


@pytest.fixture(scope="module")
def masked_lm() -> FlaxAlbertForMaskedLM:
    return FlaxAlbertForMaskedLM(tiny())


@pytest.mark.parametrize("safe_serialization", [True, False])
def test_a_saved_model_answers_as_before(
    tmp_path: Path, masked_lm: FlaxAlbertForMaskedLM, safe_serialization: bool
) -> None:
    masked_lm.save_pretrained(tmp_path / "m", max_shard_size="10KB", safe_serialization=safe_serialization)
    again, report = FlaxAlbertForMaskedLM.from_pretrained(tmp_path / "m", output_loading_info=True)
    assert (report.missing, report.unexpected, report.mismatched) == ((), (), ())
    assert again.config.architectures == ["AlbertForMaskedLM"]
    np.testing.assert_array_equal(again(IDS).logits, masked_lm(IDS).logits)
    model, params = FlaxAlbertForMaskedLM.from_pretrained(
        tmp_path, subfolder="m", revision="refs/pr/11", local_files_only=True, _do_init=False
    )
    np.testing.assert_array_equal(model(IDS, params=params).logits, masked_lm(IDS).logits)


def test_loading_into_another_head_says_what_is_new(
    tmp_path: Path, masked_lm: FlaxAlbertForMaskedLM, caplog: pytest.LogCaptureFixture
) -> None:
    masked_lm.save_pretrained(tmp_path)
    with caplog.at_level(logging.INFO):
        model = FlaxAlbertForSequenceClassification.from_pretrained(tmp_path, num_labels=5, hidden_dropout_prob=0.1)
    assert model.config.num_labels == 5
    assert model.config.hidden_dropout_prob == 0.1
    assert model(IDS).logits.shape == (2, 5)
    assert "classifier/kernel" in caplog.text
    assert "predictions.bias" in caplog.text
    np.testing.assert_array_equal(
        model.params["albert"]["embeddings"]["word_embeddings"]["embedding"],
        masked_lm.params["albert"]["embeddings"]["word_embeddings"]["embedding"],
    )
    model.save_pretrained(tmp_path / "five")
    with pytest.raises(ValueError, match=r"classifier.*\(24, 5\)|classifier.*\(5,"):
        FlaxAlbertForSequenceClassification.from_pretrained(tmp_path / "five", num_labels=3)
    fewer = FlaxAlbertForSequenceClassification.from_pretrained(
        tmp_path / "five", num_labels=3, ignore_mismatched_sizes=True
    )
    assert fewer(IDS).logits.shape == (2, 3)


def test_saving_writes_safetensors_unless_msgpack_is_asked_for(
    tmp_path: Path, masked_lm: FlaxAlbertForMaskedLM
) -> None:
    masked_lm.save_pretrained(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", "model.safetensors"}
    masked_lm.save_pretrained(tmp_path / "flax", safe_serialization=False)
    assert {path.name for path in (tmp_path / "flax").iterdir()} == {"config.json", "flax_model.msgpack"}


def test_without_initialisation_what_the_file_lacks_is_left_to_init_weights(
    tmp_path: Path, masked_lm: FlaxAlbertForMaskedLM, caplog: pytest.LogCaptureFixture
) -> None:
    part = {**masked_lm.params, "predictions": {"bias": masked_lm.params["predictions"]["bias"] + 1}}
    masked_lm.save_pretrained(tmp_path, params=part)
    assert "predictions/LayerNorm/bias, predictions/LayerNorm/scale, predictions/dense/bias" in caplog.text
    model, params = FlaxAlbertForMaskedLM.from_pretrained(tmp_path, _do_init=False)
    assert params["predictions"].keys() == {"bias"}
    complete = model.init_weights(model.key, model.input_shape, params=params)
    assert jax.tree.map(jnp.shape, unfreeze(complete)) == jax.tree.map(jnp.shape, masked_lm.params)
    np.testing.assert_array_equal(complete["predictions"]["bias"], part["predictions"]["bias"])
    with pytest.raises(ValueError, match="unexpected 'heads'"):
        masked_lm.save_pretrained(tmp_path, params={**masked_lm.params, "heads": jnp.ones(1)})


class OtherConfig:
    """What transformers' own configuration object offers."""

    model_type = "albert"

    def __init__(self, config: AlbertConfig) -> None:
        self.to_dict = config.to_dict


def test_a_configuration_object_of_transformers_is_understood(tmp_path: Path, masked_lm: FlaxAlbertForMaskedLM) -> None:
    config: Any = OtherConfig(masked_lm.config)
    model = FlaxAlbertForMaskedLM(config, seed=3)
    assert model.config == masked_lm.config
    masked_lm.save_pretrained(tmp_path)
    loaded = FlaxAlbertForMaskedLM.from_pretrained(tmp_path, config=config)
    np.testing.assert_array_equal(loaded(IDS).logits, masked_lm(IDS).logits)
    config.model_type = "bert"
    with pytest.raises(TypeError, match="OtherConfig"):
        FlaxAlbertForMaskedLM(config)
