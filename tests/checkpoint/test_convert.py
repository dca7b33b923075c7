"""Names and layouts: any checkpoint into any model."""

from pathlib import Path

import numpy as np
import pytest

from flax_albert.checkpoint import convert
from flax_albert.checkpoint.convert import LoadReport, Mismatch
from flax_albert.checkpoint.errors import CheckpointError
from flax_albert.model.parameters import Leaf
from tests.checkpoint import tiny

FILE = Path("model.safetensors")
CLEAN = LoadReport((), (), ())


def convert_from(
    arrays: dict[str, np.ndarray], leaves: list[Leaf], *, ignore: bool = False
) -> tuple[dict[str, np.ndarray], LoadReport]:
    found, report = convert.from_arrays(arrays, dict.fromkeys(arrays, FILE), leaves, ignore_mismatched_sizes=ignore)
    return {"/".join(path): array for path, array in found.items()}, report


def assert_same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)


def pytorch(leaves: list[Leaf], params: dict) -> dict[str, np.ndarray]:
    return convert.to_arrays(params, leaves, "pytorch")


@pytest.mark.parametrize("head", tiny.HEADS)
@pytest.mark.parametrize("layout", convert.LAYOUTS)
def test_there_and_back(head: str, layout: str) -> None:
    leaves = tiny.leaves(head)
    params = tiny.params(leaves)
    found, report = convert_from(convert.to_arrays(params, leaves, layout), leaves)
    assert report == CLEAN
    assert_same(found, tiny.flat(params))


def test_several_groups_and_inner_layers() -> None:
    leaves = tiny.leaves(num_hidden_groups=2, inner_group_num=3)
    params = tiny.params(leaves)
    arrays = pytorch(leaves, params)
    assert "albert.encoder.albert_layer_groups.1.albert_layers.2.ffn.weight" in arrays
    found, report = convert_from(arrays, leaves)
    assert report == CLEAN
    assert_same(found, tiny.flat(params))


def test_pytorch_kernels_are_transposed_and_embeddings_are_not() -> None:
    leaves = tiny.leaves("base", intermediate_size=16)
    params = tiny.params(leaves)
    arrays, flat = pytorch(leaves, params), tiny.flat(params)
    layer = "encoder{0}albert_layer_groups{0}0{0}albert_layers{0}0{0}ffn{0}"
    np.testing.assert_array_equal(arrays[layer.format(".") + "weight"], flat[layer.format("/") + "kernel"].T)
    np.testing.assert_array_equal(
        arrays["embeddings.word_embeddings.weight"], flat["embeddings/word_embeddings/embedding"]
    )


@pytest.mark.parametrize("layout", convert.LAYOUTS)
@pytest.mark.parametrize("target", tiny.HEADS)
@pytest.mark.parametrize("source", tiny.HEADS)
def test_any_head_loads_from_any_other(source: str, target: str, layout: str) -> None:
    """What both share is loaded; what only the model has is missing; what only the file has is unexpected."""

    def bare(path: str) -> str:
        return path.removeprefix("albert/")

    source_leaves, target_leaves = tiny.leaves(source), tiny.leaves(target)
    params = tiny.params(source_leaves)
    arrays = convert.to_arrays(params, source_leaves, layout)
    held = {bare(name): array for name, array in tiny.flat(params).items()}
    wanted = {bare("/".join(leaf.path)) for leaf in target_leaves}
    found, report = convert_from(arrays, target_leaves)
    assert_same({bare(name): array for name, array in found.items()}, {n: a for n, a in held.items() if n in wanted})
    assert {bare(name) for name in report.missing} == wanted - held.keys()
    assert len(report.unexpected) == len(held.keys() - wanted)
    assert not report.mismatched


def test_a_real_pytorch_checkpoint_fits_with_its_tied_copies() -> None:
    arrays = dict(np.load(tiny.DATA / "albert.npz"))
    assert {"predictions.decoder.weight", "predictions.decoder.bias"} <= arrays.keys()
    found, report = convert_from(arrays, tiny.leaves())
    assert report == CLEAN
    np.testing.assert_array_equal(found["predictions/bias"], arrays["predictions.decoder.bias"])


def test_a_tied_copy_stands_in_for_what_it_copies() -> None:
    leaves = tiny.leaves("masked_lm")
    arrays = pytorch(leaves, tiny.params(leaves))
    words = arrays.pop("albert.embeddings.word_embeddings.weight")
    bias = arrays.pop("predictions.bias")
    found, report = convert_from(
        arrays | {"predictions.decoder.weight": words, "predictions.decoder.bias": bias}, leaves
    )
    assert report == CLEAN
    np.testing.assert_array_equal(found["albert/embeddings/word_embeddings/embedding"], words)
    np.testing.assert_array_equal(found["predictions/bias"], bias)


def test_a_decoder_that_is_no_copy_is_reported() -> None:
    leaves = tiny.leaves("masked_lm")
    arrays = pytorch(leaves, tiny.params(leaves))
    arrays["predictions.decoder.weight"] = arrays["albert.embeddings.word_embeddings.weight"] + 1
    assert convert_from(arrays, leaves)[1] == LoadReport((), ("predictions.decoder.weight",), ())


def test_an_untied_decoder_is_a_parameter() -> None:
    rows = tiny.table.under("albert", tiny.table.backbone_rows(add_pooling_layer=False)) + tiny.table.under(
        "predictions", tiny.table.prediction_rows(tiny.config(tie_word_embeddings=False))
    )
    leaves = tiny.table.expand(rows, tiny.config(tie_word_embeddings=False))
    params = tiny.params(leaves)
    arrays = pytorch(leaves, params)
    assert arrays["predictions.decoder.weight"].shape == (12, 4)
    arrays["predictions.decoder.bias"] = arrays["predictions.bias"]
    found, report = convert_from(arrays, leaves)
    assert report == CLEAN
    assert_same(found, tiny.flat(params))
    del arrays["predictions.decoder.weight"]
    assert convert_from(arrays, leaves)[1].missing == ("predictions/decoder/kernel",)


def test_constants_and_old_names_of_pytorch() -> None:
    leaves = tiny.leaves()
    params = tiny.params(leaves)
    arrays = {
        key.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): array
        for key, array in pytorch(leaves, params).items()
    }
    assert "predictions.LayerNorm.gamma" in arrays
    arrays["albert.embeddings.position_ids"] = np.arange(8)[None]
    arrays["albert.embeddings.token_type_ids"] = np.zeros((1, 8), np.int64)
    found, report = convert_from(arrays, leaves)
    assert report == CLEAN
    assert_same(found, tiny.flat(params))


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_precision_is_kept_in_memory_of_its_own(dtype: str) -> None:
    leaves = tiny.leaves("base")
    arrays = pytorch(leaves, tiny.params(leaves, dtype=tiny.np.dtype(dtype)))
    found, _ = convert_from(arrays, leaves)
    assert {array.dtype for array in found.values()} == {np.dtype(dtype)}
    assert not any(np.shares_memory(array, other) for array in found.values() for other in arrays.values())


def test_float64_becomes_what_jax_computes_in() -> None:
    leaves = tiny.leaves("base")
    found, _ = convert_from(pytorch(leaves, tiny.params(leaves, dtype=np.float64)), leaves)
    assert {array.dtype for array in found.values()} == {np.dtype("float32")}


def test_another_shape_is_an_error_that_names_everything() -> None:
    leaves = tiny.leaves("classifier")
    arrays = pytorch(leaves, tiny.params(leaves)) | {"classifier.weight": np.zeros((5, 8), np.float32)}
    with pytest.raises(ValueError, match=r"model\.safetensors: 'classifier\.weight' .*\(8, 5\).*\(8, 2\).*ignore_mis"):
        convert_from(arrays, leaves)
    found, report = convert_from(arrays, leaves, ignore=True)
    assert report == LoadReport((), (), (Mismatch("classifier.weight", (8, 5), (8, 2)),))
    assert "classifier/kernel" not in found
    assert "classifier/bias" in found


def test_one_parameter_under_two_names_is_an_error() -> None:
    leaves = tiny.leaves("base")
    arrays = pytorch(leaves, tiny.params(leaves))
    with pytest.raises(CheckpointError, match=r"model\.safetensors holds pooler/bias twice, as .* and as"):
        convert_from(arrays | {"albert.pooler.bias": arrays["pooler.bias"]}, leaves)


def test_saving_refuses_what_is_not_the_model() -> None:
    leaves = tiny.leaves("base")
    params = tiny.params(leaves)
    misspelt = {"kernel": params["pooler"]["kernel"], "biased": params["pooler"]["bias"]}
    with pytest.raises(ValueError, match=r"missing 'pooler/bias', unexpected 'pooler/biased'"):
        convert.to_arrays(params | {"pooler": misspelt}, leaves, "flax")
    with pytest.raises(ValueError, match=r"pooler/bias has the shape \(3,\) and not the model's \(8,\)"):
        convert.to_arrays(params | {"pooler": params["pooler"] | {"bias": np.zeros(3)}}, leaves, "flax")
    with pytest.raises(ValueError, match="pooler/bias holds NaN"):
        convert.to_arrays(params | {"pooler": params["pooler"] | {"bias": np.full(8, np.nan)}}, leaves, "flax")
