"""The documented classes: signatures, outputs, compiled calls, transforms, parameters, files, and what they refuse."""

import inspect
import logging
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


COMPILATIONS: list[str] = []


def count_compilation(event: str, duration_secs: float, **details: str | int) -> None:
    if event.endswith("backend_compile_duration"):
        COMPILATIONS.append(event)


jax.monitoring.register_event_duration_secs_listener(count_compilation)


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


def test_a_second_call_does_not_compile_again(masked_lm: FlaxAlbertForMaskedLM) -> None:
    masked_lm(IDS)
    other, on_device = FlaxAlbertForMaskedLM(tiny(), seed=1), jnp.asarray(IDS)
    before = len(COMPILATIONS)
    masked_lm(IDS + 0, attention_mask=np.ones_like(IDS))
    masked_lm(on_device, token_type_ids=[[0] * 9] * 2)
    masked_lm(IDS.tolist(), position_ids=np.tile(np.arange(9), (2, 1)), return_dict=False)
    masked_lm(IDS.astype(np.int64), attention_mask=np.ones(IDS.shape, bool))
    other(IDS)
    assert len(COMPILATIONS) == before
    masked_lm(IDS[:1])
    assert len(COMPILATIONS) == before + 1


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


def test_parameters_are_cast_where_the_mask_says(masked_lm: FlaxAlbertForMaskedLM) -> None:
    mask = jax.tree.map_with_path(lambda path, _: path[-1].key != "scale", masked_lm.params)
    cast = masked_lm.to_bf16(masked_lm.params, mask)
    for path, leaf in jax.tree.leaves_with_path(cast):
        assert leaf.dtype == (jnp.float32 if path[-1].key == "scale" else jnp.bfloat16)
    assert {leaf.dtype for leaf in jax.tree.leaves(masked_lm.to_fp16(cast))} == {jnp.dtype(jnp.float16)}
    assert {leaf.dtype for leaf in jax.tree.leaves(masked_lm.to_fp32(cast))} == {jnp.dtype(jnp.float32)}
    np.testing.assert_allclose(masked_lm(IDS, params=cast).logits, masked_lm(IDS).logits, atol=0.5)


def test_jit_grad_vmap_and_disable_jit_see_the_same_model(masked_lm: FlaxAlbertForMaskedLM) -> None:
    expected = masked_lm(IDS).logits
    np.testing.assert_allclose(jax.jit(lambda ids: masked_lm(ids).logits)(IDS), expected, atol=SMALL)
    mapped = jax.vmap(lambda row: masked_lm(row[None]).logits[0])(jnp.asarray(IDS))
    np.testing.assert_allclose(mapped, expected, atol=SMALL)
    with jax.disable_jit():
        np.testing.assert_allclose(masked_lm(IDS).logits, expected, atol=SMALL)

    def loss(params: Any) -> jax.Array:
        return jax.nn.logsumexp(masked_lm(IDS, params=params).logits).sum()

    gradient = jax.grad(loss)(masked_lm.params)
    step = 1e-3
    moved = jax.tree.map(lambda leaf, slope: leaf - step * slope, masked_lm.params, gradient)
    expected_change = -step * sum(float(jnp.square(leaf).sum()) for leaf in jax.tree.leaves(gradient))
    np.testing.assert_allclose(loss(moved) - loss(masked_lm.params), expected_change, rtol=0.1)


def test_masked_logits_are_those_of_the_full_call(masked_lm: FlaxAlbertForMaskedLM) -> None:
    positions = np.array([[0, 4, 4], [8, 2, 0]])
    chosen = masked_lm.masked_logits(IDS, positions)
    expected = np.take_along_axis(np.asarray(masked_lm(IDS).logits), positions[..., None], axis=1)
    np.testing.assert_allclose(chosen, expected, atol=SMALL)
    with pytest.raises(ValueError, match="masked_positions"):
        masked_lm.masked_logits(IDS, [[9]])


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
def test_half_precision_computes_in_it_and_stays_close(masked_lm: FlaxAlbertForMaskedLM, dtype: Any) -> None:
    half = FlaxAlbertForMaskedLM(tiny(), dtype=dtype)
    logits = half(IDS, attention_mask=[[1] * 9, [0] * 9]).logits
    assert logits.dtype == dtype
    assert all(leaf.dtype == jnp.float32 for leaf in jax.tree.leaves(half.params))
    exact = masked_lm(IDS, attention_mask=[[1] * 9, [0] * 9]).logits
    spread = float(jnp.std(exact))
    assert float(jnp.sqrt(jnp.square(logits.astype(jnp.float32) - exact).mean())) < 0.03 * spread


def test_multiple_choice_scores_each_choice_alone() -> None:
    model = FlaxAlbertForMultipleChoice(tiny(num_hidden_layers=1))
    both = model(IDS[None]).logits
    assert both.shape == (1, 2)
    np.testing.assert_allclose(both[0, 1], model(IDS[None, 1:]).logits[0, 0], atol=SMALL)
    with pytest.raises(ValueError, match="num_choices"):
        model(IDS)


def test_seeds_draw_parameters_and_do_init_false_draws_none() -> None:
    one, same, other = (FlaxAlbertModel(tiny(num_hidden_layers=1), seed=seed) for seed in (0, 0, 1))
    kernel = lambda model: model.params["pooler"]["kernel"]  # noqa: E731
    np.testing.assert_array_equal(kernel(one), kernel(same))
    assert (kernel(one) != kernel(other)).any()
    empty = FlaxAlbertModel(tiny(num_hidden_layers=1), _do_init=False)
    with pytest.raises(ValueError, match="_do_init"):
        empty(IDS)
    np.testing.assert_array_equal(empty(IDS, params=one.params)[0], one(IDS)[0])
    np.testing.assert_array_equal(kernel(one), empty.init_weights(jax.random.PRNGKey(0), (1, 1))["pooler"]["kernel"])
    completed = empty.init_weights(jax.random.PRNGKey(0), (1, 1), {"pooler": {"kernel": jnp.ones((24, 24))}})
    assert completed["pooler"]["kernel"].min() == 1
    assert len(jax.tree.leaves(completed)) == len(jax.tree.leaves(one.params))


def test_setting_parameters_checks_that_none_is_missing(masked_lm: FlaxAlbertForMaskedLM) -> None:
    model = FlaxAlbertForMaskedLM(tiny(), seed=5)
    model.params = masked_lm.params
    np.testing.assert_array_equal(model(IDS).logits, masked_lm(IDS).logits)
    lacking = {**masked_lm.params, "predictions": {}}
    with pytest.raises(ValueError, match="predictions/bias"):
        model.params = lacking
    assert model.required_params == {leaf.path for leaf in model._leaves}
    assert jax.tree.map(jnp.shape, model.params) == jax.tree.map(lambda leaf: leaf.shape, model.params_shape_tree)


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
    with caplog.at_level(logging.WARNING):
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


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"input_ids": IDS[0]}, r"\[batch, seq\]"),
        ({"input_ids": IDS.astype(np.float32)}, "integers"),
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


def test_ids_outside_the_vocabulary_give_nan_where_they_cannot_be_looked_at(masked_lm: FlaxAlbertForMaskedLM) -> None:
    logits = jax.jit(lambda ids: masked_lm(ids).logits)(jnp.asarray(IDS).at[0, 0].set(61))
    assert jnp.isnan(logits[0]).all()
    assert jnp.isfinite(logits[1]).all()


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
