"""``pipeline``: the right task, with the right model, on the right device."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from flax_albert import FlaxAlbertForMaskedLM, FlaxAlbertModel, pipeline
from flax_albert.tasks import FillMask
from flax_albert.tasks.pipelines import ALIASES, TASKS
from tests.tasks import tiny


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("models") / "tiny")


def test_a_task_is_found_by_name_or_by_what_the_model_was_trained_for(directory: Path) -> None:
    by_name, by_model = pipeline("fill-mask", model=str(directory)), pipeline(model=directory)
    assert isinstance(by_name, FillMask)
    assert isinstance(by_model, FillMask)
    assert by_name("a [MASK]") == by_model("a [MASK]")
    loaded = pipeline(model=FlaxAlbertForMaskedLM.from_pretrained(directory))
    assert loaded("a [MASK]") == by_name("a [MASK]")
    assert pipeline("fill-mask").model.config.vocab_size == 8000  # the bundled one


def test_settings_reach_model_tokenizer_and_task(directory: Path) -> None:
    task = pipeline(
        "fill-mask",
        directory,
        tokenizer=str(directory),
        dtype="bfloat16",
        device=jax.devices()[3],
        batch_size=2,
        top_k=2,
        model_kwargs={"attn_implementation": "xla"},
        framework="flax",
        trust_remote_code=False,
        num_workers=4,
    )
    assert task.model.dtype == jnp.bfloat16
    assert {device for leaf in jax.tree.leaves(task.model.params) for device in leaf.devices()} == {jax.devices()[3]}
    assert len(task("a [MASK]")) == 2
    assert len(task("a [MASK]", top_k=3)) == 3
    assert pipeline("fill-mask", directory, torch_dtype=jnp.float16, device=-1).model.dtype == jnp.float16
    assert pipeline("fill-mask", directory, torch_dtype="auto").model.dtype == jnp.float32
    assert pipeline("fill-mask", directory, torch_dtype="torch.bfloat16").model.dtype == jnp.bfloat16


def test_a_tokenizer_may_be_given_or_be_slow(directory: Path) -> None:
    tokenizer = tiny.tokenizer()
    assert pipeline("fill-mask", directory, tokenizer).tokenizer is tokenizer
    assert not pipeline("fill-mask", "albert-mini-en", use_fast=False).tokenizer.is_fast


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"task": "translation"}, ValueError, "There is no task 'translation'; there are fill-mask"),
        ({}, ValueError, "pipeline needs a task"),
        ({"task": "text-classification"}, ValueError, "needs a model: a directory"),
        (
            {"task": "text-classification", "model": "albert-mini-en"},
            ValueError,
            "was not trained for TextClassification",
        ),
        ({"task": "fill-mask", "model": 3}, TypeError, "model must be a model or where to read one, got int"),
        ({"task": "fill-mask", "tokenizer": 3}, TypeError, "tokenizer must be a tokenizer"),
        ({"task": "fill-mask", "dtype": "float17"}, TypeError, "dtype must be a dtype or its name"),
        ({"task": "fill-mask", "framework": "pt"}, ValueError, "framework must be left out"),
        ({"task": "fill-mask", "device": "tpu:7"}, ValueError, "There is no device 'tpu:7'"),
        ({"task": "fill-mask", "device": 99}, ValueError, "There is no device 99"),
        ({"task": "fill-mask", "topk": 99}, TypeError, "FillMask has no option 'topk'"),
        ({"task": "fill-mask", "on_error": "ignore"}, ValueError, 'on_error must be "raise" or "yield"'),
        ({"task": "fill-mask", "model": "/no/such/place"}, OSError, "/no/such/place"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        pipeline(**arguments)


def test_a_loaded_model_must_fit() -> None:
    with pytest.raises(TypeError, match="FillMask needs a FlaxAlbertForMaskedLM, got FlaxAlbertModel"):
        pipeline("fill-mask", tiny.model_of(FlaxAlbertModel), tiny.tokenizer())
    with pytest.raises(ValueError, match="knows no tokenizer; pass tokenizer="):
        pipeline("fill-mask", tiny.model())
    with pytest.raises(ValueError, match="dtype cannot be changed"):
        pipeline("fill-mask", tiny.model(), tiny.tokenizer(), dtype="bfloat16")


class Items:
    """A data set of PyTorch's kind: a length, and an item for every number whatever."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, number: int) -> str:
        return "a [MASK] " + "cat " * number


def test_a_data_set_of_items_is_answered_in_its_order() -> None:
    task = FillMask(tiny.model(), tiny.tokenizer(), top_k=1)
    answers = list(task(Items(), batch_size=1))
    assert answers == [task(Items()[number]) for number in range(3)]


@pytest.mark.parametrize("inputs", [b"a [MASK]", {"text": "a [MASK]"}, None, 3])
def test_what_is_neither_input_nor_several_is_told_apart(inputs: Any) -> None:
    task = FillMask(tiny.model(), tiny.tokenizer())
    with pytest.raises(TypeError, match=rf"inputs must be .* got {type(inputs).__name__}"):
        task(inputs)
    with pytest.raises(TypeError, match=r"inputs must be .* got str"):
        task.iterate("a [MASK]")


def test_results_of_sized_inputs_have_a_length(directory: Path) -> None:
    task = pipeline("fill-mask", directory, top_k=1)
    results = task(np.array(["a [MASK]"] * 3))
    assert len(results) == 3
    assert len(list(results)) == 3
    assert results
    assert not hasattr(task(text for text in ["a [MASK]"]), "__len__")


def test_a_task_can_be_saved_and_read_again(directory: Path, tmp_path: Path) -> None:
    task = pipeline("fill-mask", directory)
    task.save_pretrained(tmp_path / "saved")
    read = pipeline(model=tmp_path / "saved", tokenizer=(str(directory), {"padding_side": "left"}), device_map="auto")
    assert read.task == "fill-mask"
    assert read.tokenizer.padding_side == "left"
    assert read.predict("a [MASK]") == read.transform("a [MASK]") == task("a [MASK]")


def test_aliases_name_tasks() -> None:
    assert set(ALIASES.values()) <= {*TASKS, "token-classification"}
