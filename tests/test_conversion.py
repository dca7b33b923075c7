"""Any checkpoint into any format: the same model afterwards, whole files or none."""

import json
import shutil
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import flax_albert
from flax_albert.checkpoint import formats
from flax_albert.checkpoint.errors import CheckpointError
from flax_albert.config import AlbertConfig
from flax_albert.conversion import CLASSES, Conversion, convert_checkpoint
from tests.checkpoint import tiny
from tests.tolerances import SMALL

WRITTEN = Path(__file__).parent / "checkpoint" / "tensorflow"
FILES = {"safetensors": "model.safetensors", "msgpack": "flax_model.msgpack", "bin": "pytorch_model.bin"}
SOURCES = {
    "pretraining": "FlaxAlbertForPreTraining",
    "hub-module": "FlaxAlbertForPreTraining",
    "groups": "FlaxAlbertForPreTraining",
    "no-projection": "FlaxAlbertForPreTraining",
    "classifier": "FlaxAlbertForSequenceClassification",
    "race": "FlaxAlbertForSequenceClassification",
    "squad1": "FlaxAlbertForQuestionAnswering",
    "squad2": "FlaxAlbertModel",
    "keras": "FlaxAlbertForPreTraining",
}


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def assert_same_outputs(directory: Path, model: str, expected: Path) -> None:
    loaded, report = getattr(flax_albert, model).from_pretrained(directory, output_loading_info=True)
    assert (report.missing, report.unexpected, report.mismatched) == ((), (), ())
    arrays = dict(np.load(expected))
    outputs = loaded(**{key: array for key, array in arrays.items() if "/" not in key})
    for key, array in arrays.items():
        if key.startswith("out/"):
            np.testing.assert_allclose(outputs[key.removeprefix("out/")], array, atol=SMALL, rtol=0)


@pytest.mark.parametrize("to", FILES)
def test_every_format_gives_the_same_outputs(to: str, tmp_path: Path) -> None:
    done = convert_checkpoint(WRITTEN / "pretraining", tmp_path / "new", to=to)
    assert names(tmp_path / "new") == {FILES[to], "config.json"} == set(done.written)
    assert_same_outputs(tmp_path / "new", done.model, WRITTEN / "pretraining" / "expected.npz")


@pytest.mark.parametrize("source", SOURCES)
def test_the_class_is_the_one_that_the_weights_fill(source: str, tmp_path: Path) -> None:
    if source == "keras":
        pytest.importorskip("h5py")
    done = convert_checkpoint(WRITTEN / source, tmp_path / "new")
    assert done.model == SOURCES[source]
    config = AlbertConfig.from_pretrained(tmp_path / "new")
    assert config.architectures == [done.model.removeprefix("Flax")]
    if source != "race":
        assert_same_outputs(tmp_path / "new", done.model, WRITTEN / source / "expected.npz")


def test_another_class_can_be_asked_for(tmp_path: Path) -> None:
    done = convert_checkpoint(WRITTEN / "race", tmp_path, model="FlaxAlbertForMultipleChoice")
    assert_same_outputs(tmp_path, done.model, WRITTEN / "race" / "expected.npz")


def test_the_class_that_the_configuration_names_comes_first(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(WRITTEN / "classifier", source)
    config = AlbertConfig.from_pretrained(source)
    config.architectures = ["AlbertForTokenClassification"]
    config.save_pretrained(source)
    done = convert_checkpoint(source, tmp_path / "new")
    assert done.model == "FlaxAlbertForTokenClassification"
    assert AlbertConfig.from_pretrained(tmp_path / "new").num_labels == 3


def test_every_array_is_accounted_for(tmp_path: Path) -> None:
    done = convert_checkpoint(WRITTEN / "squad2", tmp_path / "squad2")
    arrays = formats.read(WRITTEN / "squad2" / "model.ckpt-best.index")
    assert sorted([row.source for row in done.mapped] + [row.source for row in done.skipped]) == sorted(arrays)
    assert all("SQuAD 2.0" in row.reason for row in done.skipped if row.source.startswith("end_logits/"))
    rows = {row.source: row for row in done.mapped}
    assert rows["bert/pooler/dense/kernel"].parameter == "pooler/kernel"
    rows = {row.source: row for row in convert_checkpoint(WRITTEN / "classifier", tmp_path / "classifier").mapped}
    assert (rows["output_weights"].shape, rows["output_weights"].transposed) == ((8, 3), True)


def test_training_state_is_named_as_such(tmp_path: Path) -> None:
    done = convert_checkpoint(WRITTEN / "classifier", tmp_path)
    assert {row.reason for row in done.skipped} == {"state of the training"}
    assert len(done.skipped) == 55


@pytest.mark.parametrize("place", ["model.ckpt-125000", "model.ckpt-125000.index"])
def test_a_prefix_or_an_index_will_do(place: str, tmp_path: Path) -> None:
    done = convert_checkpoint(WRITTEN / "pretraining" / place, tmp_path)
    assert done.source.endswith("model.ckpt-125000.index")


def test_shards_and_half_precision(tmp_path: Path) -> None:
    done = convert_checkpoint(WRITTEN / "groups", tmp_path, to="bin", dtype="bfloat16", max_shard_size="2KB")
    assert "pytorch_model.bin.index.json" in done.written
    assert len(done.written) > 4
    assert {row.dtype for row in done.mapped} == {"bfloat16"}
    model = flax_albert.FlaxAlbertForPreTraining.from_pretrained(tmp_path)
    assert model.params["albert"]["pooler"]["kernel"].dtype == jnp.bfloat16
    assert model.config.torch_dtype == "bfloat16"


def save(directory: Path, scale: float = 1.0) -> Path:
    """A tiny checkpoint with a tokenizer."""
    leaves = tiny.leaves("classifier")
    params = tiny.params(leaves)
    params["classifier"]["bias"] *= scale
    flax_albert.checkpoint.save.save(directory, params, leaves, tiny.config())
    (directory / "30k-clean.model").write_bytes(b"pieces")
    (directory / "tokenizer_config.json").write_text("{}")
    (directory / "model-card.md").write_text("hello")
    return directory


def test_the_tokenizer_comes_along_under_the_name_that_all_know(tmp_path: Path) -> None:
    convert_checkpoint(save(tmp_path / "old"), tmp_path / "new", to="msgpack")
    assert names(tmp_path / "new") == {"flax_model.msgpack", "config.json", "spiece.model", "tokenizer_config.json"}
    assert (tmp_path / "new" / "spiece.model").read_bytes() == b"pieces"


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    before = contents(save(tmp_path))
    with pytest.raises(
        FileExistsError, match=r"holds 'config\.json', 'model\.safetensors' already, and nothing was wr"
    ):
        convert_checkpoint(WRITTEN / "groups", tmp_path)
    assert contents(tmp_path) == before


def test_replacing_leaves_no_mixture(tmp_path: Path) -> None:
    save(tmp_path)
    convert_checkpoint(WRITTEN / "groups", tmp_path, overwrite=True, max_shard_size="2KB")
    shards = {name for name in names(tmp_path) if "-of-" in name}
    assert len(shards) > 2
    assert names(tmp_path) - shards == {
        "30k-clean.model",
        "config.json",
        "model-card.md",
        "model.safetensors.index.json",
        "tokenizer_config.json",
    }
    assert_same_outputs(tmp_path, "FlaxAlbertForPreTraining", WRITTEN / "groups" / "expected.npz")


def test_in_place(tmp_path: Path) -> None:
    done = convert_checkpoint(save(tmp_path), tmp_path, dtype="bfloat16", overwrite=True)
    assert (tmp_path / "spiece.model").read_bytes() == b"pieces"
    assert formats.read(tmp_path / "model.safetensors")["classifier.bias"].dtype == jnp.bfloat16
    assert done.source == str(tmp_path / "model.safetensors")


def failing(directory: Path, **arguments: Any) -> Conversion:
    return convert_checkpoint(directory, directory.parent / "new", **arguments)


def test_what_cannot_be_converted_leaves_nothing_behind(tmp_path: Path) -> None:
    source = save(tmp_path / "old", scale=1e30)
    for name, arguments, error in (
        ("to must be one of safetensors, msgpack, bin, got 'h5'", {"to": "h5"}, ValueError),
        ("model must be one of .*, got 'FlaxBert'", {"model": "FlaxBert"}, ValueError),
        ("dtype must be one of .*, got 'int8'", {"dtype": "int8"}, ValueError),
        ("max_shard_size must be", {"max_shard_size": "lots"}, ValueError),
        ("classifier/bias has numbers that float16 cannot hold", {"dtype": "float16"}, ValueError),
        ("lacks these parameters of FlaxAlbertForPreTraining, .*: .*'predictions/dense/kernel'", {}, CheckpointError),
    ):
        wanted = arguments or {"model": "FlaxAlbertForPreTraining"}
        with pytest.raises(error, match=name):
            failing(source, **wanted)
    (source / "model.safetensors").write_bytes(b"\x00" * 100)
    with pytest.raises(CheckpointError, match="damaged"):
        failing(source)
    (source / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(ValueError, match="model_type is 'bert'"):
        failing(source)
    with pytest.raises(OSError, match=r"nowhere"):
        failing(tmp_path / "nowhere")
    assert names(tmp_path) == {"old"}


def test_another_model_is_called_what_it_is(tmp_path: Path) -> None:
    source = save(tmp_path / "old")
    formats.write(source / "model.safetensors", {"bert/embeddings/word_embeddings_2": np.zeros((2, 2), np.float32)})
    with pytest.raises(CheckpointError, match="early Chinese ALBERT"):
        failing(source)
    formats.write(source / "model.safetensors", {"something": np.zeros((2, 2), np.float32)})
    with pytest.raises(CheckpointError, match="no parameter of an ALBERT"):
        failing(source)


def test_every_documented_class_can_be_had() -> None:
    documented = {name for name in flax_albert.__all__ if name.startswith("FlaxAlbert")}
    models = {name for name in documented if "Output" not in name and name != "FlaxAlbertPreTrainedModel"}
    assert set(CLASSES) == models
