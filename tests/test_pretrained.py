"""The documented classes: signatures, outputs, settings, and what they refuse."""

import importlib
import inspect
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import flax_albert
from flax_albert.config import AlbertConfig
from flax_albert.models import (
    FlaxAlbertForMaskedLM,
    FlaxAlbertForMultipleChoice,
    FlaxAlbertForPreTraining,
    FlaxAlbertForQuestionAnswering,
    FlaxAlbertForSequenceClassification,
    FlaxAlbertForTokenClassification,
    FlaxAlbertModel,
)
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from tests.sizes import tiny
from tests.tolerances import SMALL

IDS = np.random.default_rng(0).integers(5, 61, (2, 9)).astype(np.int32)
HEADS = [
    FlaxAlbertModel,
    FlaxAlbertForPreTraining,
    FlaxAlbertForMaskedLM,
    FlaxAlbertForSequenceClassification,
    FlaxAlbertForMultipleChoice,
    FlaxAlbertForTokenClassification,
    FlaxAlbertForQuestionAnswering,
]


@pytest.fixture(scope="module")
def masked_lm() -> FlaxAlbertForMaskedLM:
    return FlaxAlbertForMaskedLM(tiny())


@pytest.mark.parametrize("cls", HEADS)
def test_signatures_are_the_documented_ones(cls: type[FlaxAlbertPreTrainedModel]) -> None:
    made = [(p.name, p.default) for p in inspect.signature(cls.__init__).parameters.values()]
    assert made == [
        ("self", inspect.Parameter.empty),
        ("config", inspect.Parameter.empty),
        ("input_shape", (1, 1)),
        ("seed", 0),
        ("dtype", jnp.float32),
        ("_do_init", True),
        ("kwargs", inspect.Parameter.empty),
    ]
    called = [(p.name, p.default) for p in inspect.signature(cls.__call__).parameters.values()]
    names = ["attention_mask", "token_type_ids", "position_ids", "params", "dropout_rng"]
    assert called == [
        ("self", inspect.Parameter.empty),
        ("input_ids", inspect.Parameter.empty),
        *((name, None) for name in names),
        ("train", False),
        *((name, None) for name in ("output_attentions", "output_hidden_states", "return_dict")),
    ]


@pytest.mark.parametrize("cls", HEADS)
def test_facts_about_a_class(cls: type[FlaxAlbertPreTrainedModel]) -> None:
    assert (cls.framework, cls.base_model_prefix, cls.main_input_name) == ("flax", "albert", "input_ids")
    assert cls.config_class is AlbertConfig
    assert not cls.can_generate()
    # transformers names a module after its class, and has both in one file.
    module = cls.__name__ + "Module" if cls is not FlaxAlbertModel else "FlaxAlbertModule"
    assert getattr(importlib.import_module(cls.__module__), module) is cls.module_class


def test_ids_may_be_whole_floats() -> None:
    model = FlaxAlbertModel(tiny(num_hidden_layers=1))
    np.testing.assert_array_equal(model(np.ones((1, 1)))[0], model([[1]])[0])


def test_the_public_list_holds_what_it_names() -> None:
    for name in flax_albert.__all__:
        assert getattr(flax_albert, name) is not None
    with pytest.raises(AttributeError, match="FlaxBertModel"):
        flax_albert.FlaxBertModel  # noqa: B018


def test_outputs_read_by_attribute_key_and_index(masked_lm: FlaxAlbertForMaskedLM) -> None:
    output = masked_lm(IDS, output_hidden_states=True)
    assert output.logits.shape == (2, 9, 61)
    assert output.logits is output["logits"]
    assert output.logits is output[0]
    assert list(output) == ["logits", "hidden_states"]
    assert dict(output).keys() == {"logits", "hidden_states"}
    assert output.attentions is None
    plain = masked_lm(IDS, output_hidden_states=True, return_dict=False)
    assert isinstance(plain, tuple)
    assert len(plain) == 2
    doubled = jax.tree.map(lambda leaf: 2 * leaf, output)
    np.testing.assert_array_equal(doubled.logits, 2 * output.logits)


def test_the_configuration_gives_the_defaults_of_a_call() -> None:
    model = FlaxAlbertModel(tiny(num_hidden_layers=1, output_attentions=True, return_dict=False))
    assert [len(part) for part in model(IDS)] == [2, 2, 1]
    model.config.output_attentions = False
    assert len(model(IDS)) == 2


def test_changing_the_configuration_takes_effect() -> None:
    model = FlaxAlbertModel(tiny(num_hidden_layers=1, hidden_dropout_prob=0.5))
    key = jax.random.key(0)
    dropped = model(IDS, train=True, dropout_rng=key).last_hidden_state
    model.config.hidden_dropout_prob = 0.0
    np.testing.assert_allclose(model(IDS, train=True).last_hidden_state, model(IDS).last_hidden_state, atol=SMALL)
    assert jnp.abs(dropped - model(IDS).last_hidden_state).max() > 0.1


def test_another_number_of_labels_makes_another_model() -> None:
    config = tiny(num_hidden_layers=1)
    assert FlaxAlbertForTokenClassification(config)(IDS).logits.shape == (2, 9, 2)
    config.num_labels = 5
    model = FlaxAlbertForTokenClassification(config)
    assert model.params["classifier"]["kernel"].shape == (24, 5)
    assert model(IDS).logits.shape == (2, 9, 5)


def test_sentence_order_logits_are_those_of_the_full_call() -> None:
    model = FlaxAlbertForPreTraining(tiny())
    inputs = {"input_ids": IDS, "attention_mask": np.ones_like(IDS), "token_type_ids": np.ones_like(IDS)}
    inputs["attention_mask"][:, -1] = 0
    expected = model(**inputs).sop_logits
    np.testing.assert_allclose(model.sentence_order_logits(**inputs), expected, atol=SMALL)
    other = jax.tree.map(lambda leaf: leaf * 2, model.params)
    doubled = model.sentence_order_logits(**inputs, params=other)
    np.testing.assert_allclose(doubled, model(**inputs, params=other).sop_logits, atol=SMALL)


def test_masked_logits_are_those_of_the_full_call(masked_lm: FlaxAlbertForMaskedLM) -> None:
    positions = np.array([[0, 4, 4], [8, 2, 0]])
    chosen = masked_lm.masked_logits(IDS, positions)
    expected = np.take_along_axis(np.asarray(masked_lm(IDS).logits), positions[..., None], axis=1)
    np.testing.assert_allclose(chosen, expected, atol=SMALL)
    with pytest.raises(ValueError, match="masked_positions"):
        masked_lm.masked_logits(IDS, [[9]])


def test_multiple_choice_scores_each_choice_alone() -> None:
    model = FlaxAlbertForMultipleChoice(tiny(num_hidden_layers=1))
    both = model(IDS[None]).logits
    assert both.shape == (1, 2)
    np.testing.assert_allclose(both[0, 1], model(IDS[None, 1:]).logits[0, 0], atol=SMALL)
    with pytest.raises(ValueError, match="num_choices"):
        model(IDS)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"input_ids": IDS[0]}, r"\[batch, seq\]"),
        ({"input_ids": IDS + 0.5}, "integers"),
        ({"input_ids": IDS + 61}, "input_ids holds"),
        ({"input_ids": -IDS}, "input_ids holds -"),
        ({"input_ids": IDS, "attention_mask": IDS[:, :3]}, "attention_mask has shape"),
        ({"input_ids": IDS, "token_type_ids": IDS * 0 + 2}, "token_type_ids holds 2"),
        ({"input_ids": IDS, "position_ids": IDS * 0 + 20}, "position_ids holds 20"),
        ({"input_ids": np.zeros((1, 21), int)}, "21 tokens.*20 positions"),
        ({"input_ids": [["a"]]}, "integers"),
        ({"input_ids": [[1, 2], [1]]}, "input_ids: the sequences differ in length"),
        ({"input_ids": np.zeros((0, 4), int)}, "holds nothing"),
        ({"input_ids": IDS.astype(np.int64) + 2**32}, "input_ids holds 429"),
        ({"input_ids": jnp.asarray(IDS) + 61}, "input_ids holds"),
    ],
)
def test_bad_inputs_get_one_sentence(masked_lm: FlaxAlbertForMaskedLM, inputs: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        masked_lm(**inputs)


def test_dropout_without_a_key_is_refused() -> None:
    for head, rate in (
        (FlaxAlbertModel, "hidden_dropout_prob"),
        (FlaxAlbertForTokenClassification, "classifier_dropout_prob"),
    ):
        model = head(tiny(num_hidden_layers=1, **{rate: 0.5}))
        with pytest.raises(ValueError, match="dropout_rng"):
            model(IDS, train=True)
        assert jnp.isfinite(model(IDS, train=True, dropout_rng=jax.random.PRNGKey(0))[0]).all()


def test_classifier_dropout_falls_back_to_hidden_dropout() -> None:
    model = FlaxAlbertForTokenClassification(tiny(num_hidden_layers=1, classifier_dropout_prob=None))
    np.testing.assert_allclose(model(IDS, train=True).logits, model(IDS).logits, atol=SMALL)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"config": {"hidden_size": 4}}, "AlbertConfig"),
        ({"config": tiny(), "add_poolign_layer": False}, "add_poolign_layer"),
        ({"config": tiny(), "dtype": "int32"}, "int32"),
        ({"config": tiny(), "dtype": "float33"}, "float33"),
    ],
)
def test_bad_construction_names_what_is_wrong(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        FlaxAlbertModel(**arguments)


def test_impossible_models_are_refused(tmp_path: Path, masked_lm: FlaxAlbertForMaskedLM) -> None:
    with pytest.raises(TypeError, match="abstract"):
        FlaxAlbertPreTrainedModel(tiny())
    with pytest.raises(TypeError, match="abstract"):
        FlaxAlbertPreTrainedModel.from_pretrained(tmp_path)
    with pytest.raises(ValueError, match="num_labels=2"):
        FlaxAlbertForQuestionAnswering(tiny(num_labels=3))
    with pytest.raises(OSError, match="no-such-model"):
        FlaxAlbertModel.from_pretrained("no-such-model")
    with pytest.raises(OSError, match=r"config\.json"):
        FlaxAlbertModel.from_pretrained(tmp_path)
    masked_lm.save_pretrained(tmp_path)
    with pytest.raises(TypeError, match="hiden_size"):
        FlaxAlbertModel.from_pretrained(tmp_path, hiden_size=3)
    changed = masked_lm.config
    broken = AlbertConfig.from_dict(changed.to_dict())
    broken.hidden_size = 25
    with pytest.raises(ValueError, match="hidden_size"):
        FlaxAlbertModel(broken)
