"""A model exported for any batch and length answers as the model does, after a way through bytes."""

from typing import Any

import jax
import numpy as np
import pytest
from jax import export

from flax_albert.models import FlaxAlbertForMaskedLM, FlaxAlbertForMultipleChoice
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from tests.sizes import tiny
from tests.tolerances import SMALL

pytest.importorskip("flatbuffers", reason="jax.export writes bytes with flatbuffers: pip install flatbuffers")


def exported(function: Any, model: FlaxAlbertPreTrainedModel, shape: str, inputs: int) -> Any:
    """The function of parameters and some ids, exported for a symbolic shape, serialised and read back."""
    sizes = export.symbolic_shape(shape)
    arrays = [jax.ShapeDtypeStruct(sizes, np.int32)] * inputs
    params = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), model.params)
    return export.deserialize(export.export(jax.jit(function))(params, *arrays).serialize())


def ids_and_mask(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    mask = generator.integers(0, 2, shape).astype(np.int32)
    return generator.integers(5, 61, shape).astype(np.int32), mask


def test_symbolic_batch_and_length() -> None:
    model = FlaxAlbertForMaskedLM(tiny(num_hidden_layers=2))
    call = exported(lambda params, ids, mask: model(ids, mask, params=params).logits, model, "batch, seq", 2).call
    for shape in ((1, 1), (2, 9), (3, 20)):
        ids, mask = ids_and_mask(*shape)
        np.testing.assert_allclose(call(model.params, ids, mask), model(ids, mask).logits, atol=SMALL)


def test_missing_inputs_and_a_third_axis_are_symbolic_too() -> None:
    model = FlaxAlbertForMultipleChoice(tiny(num_hidden_layers=1))
    call = exported(lambda params, ids: model(ids, params=params).logits, model, "batch, choices, seq", 1).call
    for shape in ((1, 2, 5), (2, 3, 4)):
        ids, _ = ids_and_mask(*shape)
        np.testing.assert_allclose(call(model.params, ids), model(ids).logits, atol=SMALL)


def test_the_module_alone_and_unrolled() -> None:
    model = FlaxAlbertForMaskedLM(tiny(num_hidden_layers=1), layer_loop="unroll")
    module: Any = model.module
    function = lambda params, ids: module.apply({"params": params}, ids).logits  # noqa: E731
    ids, _ = ids_and_mask(2, 7)
    call = exported(function, model, "batch, seq", 1).call
    np.testing.assert_allclose(call(model.params, ids), model(ids).logits, atol=SMALL)
