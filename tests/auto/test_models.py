"""The auto classes of models: which class they pick, and that they pass on everything."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import flax_albert
from flax_albert import AlbertConfig, FlaxAlbertForMaskedLM, FlaxAlbertModel, FlaxAutoModel, FlaxAutoModelForMaskedLM
from tests.sizes import tiny

HEADS = {
    "": "FLAX_MODEL_MAPPING",
    "ForPreTraining": "FLAX_MODEL_FOR_PRETRAINING_MAPPING",
    "ForMaskedLM": "FLAX_MODEL_FOR_MASKED_LM_MAPPING",
    "ForSequenceClassification": "FLAX_MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
    "ForMultipleChoice": "FLAX_MODEL_FOR_MULTIPLE_CHOICE_MAPPING",
    "ForTokenClassification": "FLAX_MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING",
    "ForQuestionAnswering": "FLAX_MODEL_FOR_QUESTION_ANSWERING_MAPPING",
}


def auto(head: str) -> Any:
    return getattr(flax_albert, f"FlaxAutoModel{head}")


def concrete(head: str) -> Any:
    return getattr(flax_albert, f"FlaxAlbert{head or 'Model'}")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A masked-LM checkpoint with three labels, in a subfolder."""
    path = tmp_path_factory.mktemp("models") / "outer" / "inner"
    FlaxAlbertForMaskedLM(tiny(num_labels=3), seed=5).save_pretrained(path)
    return path


@pytest.mark.parametrize("head", HEADS)
def test_each_picks_the_class_of_its_head(head: str) -> None:
    config = tiny()
    assert getattr(flax_albert, HEADS[head])[AlbertConfig] is concrete(head)
    assert type(auto(head).from_config(config, _do_init=False)) is concrete(head)


def test_the_weights_are_those_of_the_directory(directory: Path) -> None:
    expected = FlaxAlbertForMaskedLM.from_pretrained(directory)
    model = FlaxAutoModelForMaskedLM.from_pretrained(directory)
    assert type(model) is FlaxAlbertForMaskedLM
    jax.tree.map(np.testing.assert_array_equal, model.params, expected.params)
    bare, params = FlaxAutoModel.from_pretrained(directory, add_pooling_layer=False, _do_init=False)
    assert type(bare) is FlaxAlbertModel
    jax.tree.map(np.testing.assert_array_equal, params, expected.params["albert"])


@pytest.mark.parametrize("head", HEADS)
def test_they_are_read_never_made(head: str) -> None:
    with pytest.raises(OSError, match=rf"FlaxAutoModel{head}\.from_pretrained"):
        auto(head)(tiny())


def test_every_option_reaches_the_class(directory: Path) -> None:
    model, report = flax_albert.FlaxAutoModelForSequenceClassification.from_pretrained(
        directory.parent,
        dtype=jnp.bfloat16,
        seed=3,
        subfolder="inner",
        num_labels=7,
        revision="main",
        trust_remote_code=False,
        code_revision="main",
        output_loading_info=True,
    )
    assert model.dtype == jnp.bfloat16
    assert model.seed == 3
    assert model.params["classifier"]["kernel"].shape[-1] == model.config.num_labels == 7
    assert "classifier/kernel" in report.missing


def test_dtype_may_follow_the_name_without_its_keyword(directory: Path) -> None:
    assert FlaxAutoModel.from_pretrained(directory, jnp.float16).dtype == jnp.float16


def test_a_configuration_may_be_given_or_named(directory: Path, tmp_path: Path) -> None:
    config = AlbertConfig.from_pretrained(directory, num_hidden_layers=2)
    assert FlaxAutoModelForMaskedLM.from_pretrained(directory, config=config).config.num_hidden_layers == 2
    config.save_pretrained(tmp_path)
    named = FlaxAutoModelForMaskedLM.from_pretrained(directory.parent, config=tmp_path, subfolder="inner")
    assert named.config.num_hidden_layers == 2


def test_an_unknown_keyword_is_an_error(directory: Path) -> None:
    with pytest.raises(TypeError, match="'colour'"):
        FlaxAutoModel.from_pretrained(directory, colour="blue")


def test_another_model_type_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "roberta"}')
    with pytest.raises(ValueError, match=r"config\.json.*'roberta'.*'albert'"):
        FlaxAutoModel.from_pretrained(tmp_path)


def test_a_configuration_of_another_class_is_refused() -> None:
    wrong: Any = {}
    with pytest.raises(ValueError, match="no class for a dict; it has one for AlbertConfig"):
        FlaxAutoModel.from_config(wrong)


def test_classes_of_ones_own_can_be_registered(directory: Path) -> None:
    class OtherConfig(AlbertConfig):
        model_type = "other-albert"

    class OtherModel(flax_albert.FlaxAlbertPreTrainedModel):
        config_class = OtherConfig
        module_class = FlaxAlbertForMaskedLM.module_class

    try:
        with pytest.raises(ValueError, match="is for OtherConfig and cannot be registered for AlbertConfig"):
            FlaxAutoModelForMaskedLM.register(AlbertConfig, OtherModel)
        FlaxAutoModelForMaskedLM.register(OtherConfig, OtherModel)
        with pytest.raises(ValueError, match="taken already"):
            FlaxAutoModelForMaskedLM.register(OtherConfig, OtherModel)
        config = OtherConfig(**{key: value for key, value in tiny().to_dict().items() if key != "model_type"})
        assert type(FlaxAutoModelForMaskedLM.from_config(config, _do_init=False)) is OtherModel
        assert type(FlaxAutoModelForMaskedLM.from_pretrained(directory, config=config)) is OtherModel
    finally:
        flax_albert.FLAX_MODEL_FOR_MASKED_LM_MAPPING.pop(OtherConfig, None)
