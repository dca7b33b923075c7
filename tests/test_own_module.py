"""A user's own head: a linen module around the backbone, and a class that names it, as with transformers 4.37."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from flax_albert.checkpoint.formats import safetensors
from flax_albert.config import AlbertConfig
from flax_albert.model.encoder import FlaxAlbertModule
from flax_albert.model.outputs import FlaxSequenceClassifierOutput
from flax_albert.models import FlaxAlbertModel
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from tests.sizes import tiny

IDS = np.arange(5, 15, dtype=np.int32).reshape(2, 5)


class RegressorModule(nn.Module):
    config: AlbertConfig
    dtype: Any = jnp.float32

    def setup(self) -> None:
        self.albert = FlaxAlbertModule(config=self.config, dtype=self.dtype)
        self.regressor = nn.Dense(3, dtype=self.dtype)

    def __call__(
        self,
        input_ids: Any,
        attention_mask: Any,
        token_type_ids: Any,
        position_ids: Any,
        deterministic: bool = True,
        output_attentions: bool = False,
        output_hidden_states: bool = False,
        return_dict: bool = True,
    ) -> Any:
        outputs: Any = self.albert(
            input_ids,
            attention_mask,
            token_type_ids,
            position_ids,
            deterministic=deterministic,
            output_attentions=output_attentions,
            output_hidden_states=output_hidden_states,
            return_dict=return_dict,
        )
        logits = self.regressor(outputs[1])
        if not return_dict:
            return (logits, *outputs[2:])
        return FlaxSequenceClassifierOutput(logits, outputs.hidden_states, outputs.attentions)


class Regressor(FlaxAlbertPreTrainedModel):
    module_class = RegressorModule


@pytest.fixture(scope="module")
def model() -> Regressor:
    return Regressor(tiny(), seed=1)


def test_its_parameters_are_the_backbones_and_its_own(model: Regressor) -> None:
    own = {("regressor", "kernel"), ("regressor", "bias")}
    backbone = {("albert", *path) for path in FlaxAlbertModel(model.config, _do_init=False).required_params}
    assert model.required_params == backbone | own
    assert model.params_shape_tree["regressor"]["kernel"].shape == model.params["regressor"]["kernel"].shape


def test_it_computes_what_its_module_says(model: Regressor) -> None:
    pooled = FlaxAlbertModel(model.config, _do_init=False)(IDS, params=model.params["albert"]).pooler_output
    expected = pooled @ model.params["regressor"]["kernel"] + model.params["regressor"]["bias"]
    outputs = model(IDS, output_hidden_states=True)
    np.testing.assert_allclose(outputs.logits, expected, atol=1e-5)
    assert len(outputs.hidden_states) == model.config.num_hidden_layers + 1
    np.testing.assert_array_equal(model(IDS, return_dict=False)[0], outputs.logits)


def test_it_starts_from_a_base_checkpoint(model: Regressor, tmp_path: Path) -> None:
    base = FlaxAlbertModel(model.config, seed=7)
    base.save_pretrained(tmp_path)
    loaded, report = Regressor.from_pretrained(tmp_path, output_loading_info=True)
    assert report.missing == ("regressor/bias", "regressor/kernel")
    jax.tree.map(np.testing.assert_array_equal, loaded.params["albert"], base.params)


@pytest.mark.parametrize("safe_serialization", [True, False])
def test_it_is_saved_and_loaded(model: Regressor, tmp_path: Path, safe_serialization: bool) -> None:
    model.save_pretrained(tmp_path, safe_serialization=safe_serialization)
    jax.tree.map(np.testing.assert_array_equal, Regressor.from_pretrained(tmp_path).params, model.params)


def test_its_file_has_pytorchs_names_and_layout(model: Regressor, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path)
    arrays = safetensors.read(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(arrays["regressor.weight"], np.asarray(model.params["regressor"]["kernel"]).T)
    assert "albert.pooler.weight" in arrays
