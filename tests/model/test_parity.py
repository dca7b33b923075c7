"""Our classes against the committed answers of transformers 4.37.2 (tests/reference says how they were made)."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import flax_albert
from tests import tolerances
from tests.reference.cases import GOLDEN, GOLDEN_GRADIENTS, HEADS, Case, inputs
from tests.reference.evaluate import Arrays, Evaluation, leaves, signature, worst

FOLDER = Path(__file__).parents[1] / "reference" / "golden"
FLOAT32 = [case for case in GOLDEN if case.dtype == "float32"]
HALF = [case for case in GOLDEN if case.dtype != "float32"]
SURFACE = json.loads((FOLDER / "surface.json").read_text())


def each(cases: Iterable[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


each_head = pytest.mark.parametrize("head", HEADS)


@functools.cache
def output(case: Case) -> Arrays:
    return Evaluation(flax_albert, case).output()


@functools.cache
def training(case: Case) -> Arrays:
    return Evaluation(flax_albert, case).training()


@functools.cache
def oracle(case: Case) -> Arrays:
    with np.load(FOLDER / f"{case.name}.npz") as arrays:
        return dict(arrays)


@each(FLOAT32)
def test_every_field_of_the_answer_is_the_oracles(case: Case) -> None:
    assert worst(output(case), oracle(case), "output") <= tolerances.SMALL


@each(GOLDEN_GRADIENTS)
def test_every_gradient_is_the_oracles(case: Case) -> None:
    assert worst(training(case), oracle(case), "gradient") <= tolerances.GRADIENT


@each(GOLDEN_GRADIENTS)
def test_training_without_dropout_answers_as_evaluation_does(case: Case) -> None:
    train = {name.replace("train/", "output/"): x for name, x in training(case).items() if name.startswith("train/")}
    assert worst(train, output(case), "output") <= tolerances.SMALL


@pytest.mark.parametrize("layout", ["inner-two", "uneven"])
def test_the_other_loop_over_the_layers_computes_the_same(layout: str) -> None:
    case = Case("ForPreTraining", layout)
    other = "scan" if jax.default_backend() == "gpu" else "unroll"
    evaluation = Evaluation(flax_albert, case, layer_loop=other)
    assert worst(evaluation.output(), oracle(case), "output") <= tolerances.SMALL
    assert worst(evaluation.training(), oracle(case), "gradient") <= tolerances.GRADIENT


@each(GOLDEN_GRADIENTS)
def test_the_parameter_tree_is_the_oracles_leaf_for_leaf(case: Case) -> None:
    model_class = getattr(flax_albert, f"FlaxAlbert{case.head}")
    model = model_class(flax_albert.AlbertConfig(**case.config), **case.module_options)
    tree = {f"gradient/{name}": (x.shape, x.dtype) for name, x in leaves(model.params).items()}
    gradients = {name: x for name, x in oracle(case).items() if name.startswith("gradient/")}
    assert tree == {name: (x.shape, x.dtype) for name, x in gradients.items()}


@each_head
def test_a_plain_tuple_has_the_fields_in_the_oracles_order(head: str) -> None:
    case = Case(head)
    model = getattr(flax_albert, f"FlaxAlbert{head}")(flax_albert.AlbertConfig(**case.config))
    options = {"output_attentions": True, "output_hidden_states": True}
    named = model(**inputs(case), **options)
    plain = model(**inputs(case), **options, return_dict=False)
    fields = dict.fromkeys(name.split("/")[1] for name in oracle(case) if name.startswith("output/"))
    assert isinstance(plain, tuple)
    assert len(plain) == len(fields)
    for field, value in zip(fields, plain, strict=True):
        np.testing.assert_array_equal(jnp.stack(jnp.asarray(value)), jnp.stack(jnp.asarray(named[field])))


@each(HALF)
def test_half_precision_is_no_farther_from_float32_than_the_oracles(case: Case) -> None:
    exact = oracle(Case(case.head, case.layout, case.inputs))
    ours_error, their_error = (
        np.sqrt(np.mean([np.mean((answer[name].astype(np.float64) - exact[name]) ** 2) for name in oracle(case)]))
        for answer in (output(case), oracle(case))
    )
    assert 0 < ours_error <= 1.1 * their_error


@pytest.mark.parametrize("inputs", ["padded", "given"])
def test_a_row_without_a_token_attends_uniformly(inputs: str) -> None:
    answer = output(Case("ForPreTraining", inputs=inputs))
    attentions = [x for name, x in answer.items() if name.startswith("output/attentions/")]
    assert len(attentions) == 3
    for attention in attentions:
        np.testing.assert_allclose(attention[3], 1 / attention.shape[-1], rtol=1e-6)
        assert attention[0].std() > 0.05


@each_head
@pytest.mark.parametrize("method", ["__init__", "__call__"])
def test_signatures_are_the_oracles(head: str, method: str) -> None:
    name = f"FlaxAlbert{head}"
    assert signature(getattr(getattr(flax_albert, name), method)) == SURFACE["signatures"][name][method]


def test_a_configuration_without_arguments_is_the_oracles() -> None:
    config = flax_albert.AlbertConfig()
    assert {key: getattr(config, key) for key in SURFACE["config"]} == SURFACE["config"]
