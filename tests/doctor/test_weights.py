"""A good checkpoint passes; each way to spoil its weights is found and named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from flax_albert.checkpoint import formats
from flax_albert.doctor import Level, Outcome, examine
from tests.doctor.checkpoints import Arrays, change_config, change_weights, codes, save

WORDS = "albert.embeddings.word_embeddings.weight"
LAYER = "albert.encoder.albert_layer_groups.0.albert_layers.0"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("good") / "model")


@pytest.fixture
def copy(good: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(good, tmp_path / "model"))


def outcomes(directory: Path) -> dict[str, Outcome]:
    return {verdict.model.removeprefix("FlaxAlbert"): verdict.outcome for verdict in examine(directory).verdicts}


def test_a_good_checkpoint_is_blameless(good: Path) -> None:
    report = examine(good)
    assert report.findings == ()
    assert report.usable
    assert report.weights is not None
    assert report.weights.heads == ("pooler", "masked language model", "sentence order")
    assert report.weights.decoder == "tied"
    assert report.weights.dtypes == {"float32": report.weights.tensors}
    assert report.parameters is not None
    size = (good / report.weights.file).stat().st_size
    assert 0 < size - 4 * report.parameters.total < 10_000, "the file is its numbers and a header"
    assert json.loads(json.dumps(report.to_dict()))["usable"] is True


def test_verdicts_of_a_pretraining_checkpoint(good: Path) -> None:
    whole, part = Outcome.WHOLE, Outcome.FRESH
    assert outcomes(good) == {
        "Model": whole,
        "ForPreTraining": whole,
        "ForMaskedLM": whole,
        "ForSequenceClassification": part,
        "ForMultipleChoice": part,
        "ForTokenClassification": part,
        "ForQuestionAnswering": part,
    }
    fresh = {verdict.model: verdict.fresh for verdict in examine(good).verdicts}
    assert fresh["FlaxAlbertForQuestionAnswering"] == ("qa_outputs/kernel", "qa_outputs/bias")


def drop(*parts: str) -> Callable[[Arrays], None]:
    """Takes out every array whose name has one of these parts."""

    def change(arrays: Arrays) -> None:
        for name in [name for name in arrays if any(part in name for part in parts)]:
            del arrays[name]

    return change


def put(name: str, value: Any) -> Callable[[Arrays], None]:
    """Sets one number of an array, or with a function the whole of it."""

    def change(arrays: Arrays) -> None:
        if callable(value):
            arrays[name] = value(arrays)
        else:
            arrays[name][(0,) * arrays[name].ndim] = value

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (put(WORDS, np.nan), ["not-finite", "does-not-load"]),
        (put(f"{LAYER}.ffn.weight", -np.inf), ["not-finite", "does-not-load"]),
        (put(WORDS, lambda arrays: 0 * arrays[WORDS]), ["constant"]),
        (put(f"{LAYER}.ffn.weight", lambda arrays: 0 * arrays[f"{LAYER}.ffn.weight"] + 2), ["constant"]),
        (put(f"{LAYER}.attention.LayerNorm.weight", lambda arrays: np.zeros(24, "float32")), ["constant"]),
        (put(f"{LAYER}.attention.LayerNorm.bias", lambda arrays: np.zeros(24, "float32")), []),
        (put(f"{LAYER}.attention.LayerNorm.weight", lambda arrays: np.ones(24, "float32")), []),
        (put(WORDS, lambda arrays: arrays[WORDS].astype("float16")), ["mixed-dtypes"]),
        (put(WORDS, lambda arrays: arrays[WORDS].astype("int32")), ["not-floating-point", "does-not-load", "mixed"]),
        (put(f"{LAYER}.ffn.bias", lambda arrays: np.ones(7, "float32")), ["shapes", "does-not-load"]),
        (put("predictions.decoder.weight", lambda arrays: arrays[WORDS]), []),
        (put("predictions.decoder.weight", lambda arrays: arrays[WORDS] + 1), ["decoder-not-tied"]),
        (put("embeddings.word_embeddings.weight", lambda arrays: arrays[WORDS]), ["held-twice"]),
        (drop("sop_classifier"), ["parameters-missing"]),
        (drop("ffn_output"), ["parameters-missing"]),
        (drop(*"abcdefghijklmnopqrstuvwxyz"), ["not-an-albert"]),
    ],
)
def test_spoiled_tensors(change: Callable[[Arrays], None], expected: list[str], copy: Path) -> None:
    def spoil(arrays: Arrays) -> None:
        change(arrays)
        if not arrays:
            arrays["model.layers.0.weight"] = np.ones(3, "float32")

    change_weights(copy, spoil)
    report = examine(copy)
    found = codes(report)
    assert len(found) == len(expected), report.findings
    assert all(any(code.startswith(start) for start in expected) for code in found), found
    problems = {"constant", "mixed-dtypes", "decoder-not-tied"}
    assert report.usable == (not set(expected) - problems)


def test_names_of_bad_tensors_are_told(copy: Path) -> None:
    change_weights(copy, put(f"{LAYER}.ffn.weight", np.nan))
    report = examine(copy)
    assert report.weights is not None
    assert report.weights.not_finite == (f"{LAYER}.ffn.weight",)
    assert f"{LAYER}.ffn.weight" in report.findings[0].message


def test_tensors_of_nobody_are_named(copy: Path) -> None:
    change_weights(copy, put("adapter.weight", lambda arrays: np.ones((2, 2), "float32")))
    report = examine(copy)
    assert codes(report, Level.NOTE) == ["unexpected"]
    assert report.weights is not None
    assert report.weights.unexpected == ("adapter.weight",)


def test_a_model_never_trained_is_recognised(copy: Path) -> None:
    def forget(arrays: Arrays) -> None:
        for name, array in arrays.items():
            if name.endswith("bias") or "orm" in name:
                arrays[name] = np.full_like(array, 0.0 if name.endswith("bias") else 1.0)

    change_weights(copy, forget)
    assert codes(examine(copy)) == ["untrained"]


@pytest.mark.parametrize("dtype", ["float16", ml_dtypes.bfloat16])
def test_half_precision_is_noted(dtype: Any, copy: Path) -> None:
    def halve(arrays: Arrays) -> None:
        arrays.update({name: array.astype(dtype) for name, array in arrays.items()})

    change_weights(copy, halve)
    report = examine(copy)
    assert codes(report) == []
    assert codes(report, Level.NOTE) == ["half-precision"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"hidden_size": 48, "num_attention_heads": 3}, {"sizes-differ", "does-not-load"}),
        ({"vocab_size": 100}, {"sizes-differ", "does-not-load"}),
        ({"max_position_embeddings": 512}, {"sizes-differ", "does-not-load"}),
        ({"num_hidden_groups": 2}, {"groups-differ", "parameters-missing"}),
        ({"inner_group_num": 2}, {"groups-differ", "parameters-missing"}),
        ({"tie_word_embeddings": False}, {"decoder-missing", "parameters-missing"}),
        ({"architectures": ["AlbertForQuestionAnswering"]}, {"parameters-missing"}),
        ({"architectures": None}, set()),
        ({"num_attention_heads": 2}, set()),
    ],
)
def test_a_configuration_of_another_model(values: dict[str, Any], expected: set[str], copy: Path) -> None:
    change_config(copy, **values)
    report = examine(copy)
    assert set(codes(report)) == expected
    assert report.usable == (not expected)


def test_more_groups_than_the_configuration_uses(tmp_path: Path) -> None:
    directory = save(tmp_path, num_hidden_groups=3, inner_group_num=2)
    report = examine(directory)
    assert report.findings == ()
    assert report.weights is not None
    assert report.weights.sizes["num_hidden_groups"] == 3
    assert report.weights.sizes["inner_group_num"] == 2
    change_config(directory, num_hidden_groups=1)
    assert "groups-differ" in codes(examine(directory))


@pytest.mark.parametrize("groups", [2, 5, 12])
def test_groups_are_counted_however_many(groups: int, tmp_path: Path) -> None:
    directory = save(tmp_path, num_hidden_groups=groups, num_hidden_layers=12)
    weights = examine(directory).weights
    assert weights is not None
    assert weights.sizes["num_hidden_groups"] == groups
    assert weights.unexpected == ()


def test_a_decoder_of_its_own(tmp_path: Path) -> None:
    directory = save(tmp_path, tie_word_embeddings=False)
    report = examine(directory)
    assert report.findings == ()
    assert report.weights is not None
    assert report.weights.decoder == "own"


def test_labels_of_a_classifier(tmp_path: Path) -> None:
    directory = save(tmp_path, "ForSequenceClassification", num_labels=5)
    assert examine(directory).findings == ()
    change_config(directory, id2label=None, label2id=None)
    report = examine(directory)
    assert set(codes(report)) == {"does-not-load", "labels-differ"}
    verdict = next(verdict for verdict in report.verdicts if verdict.model.endswith("SequenceClassification"))
    assert verdict.outcome is Outcome.FAILS
    assert "num_labels=5" in verdict.reason


def test_without_a_configuration_one_is_suggested_that_loads(copy: Path) -> None:
    before = examine(copy)
    (copy / "config.json").unlink()
    report = examine(copy)
    assert codes(report) == ["config-missing"]
    assert not report.usable
    assert report.suggested_config is not None
    assert set(report.guessed) == {"num_attention_heads", "num_hidden_layers", "hidden_act"}
    assert [verdict.outcome for verdict in report.verdicts] == [verdict.outcome for verdict in before.verdicts]
    (copy / "config.json").write_text(json.dumps(report.suggested_config))
    assert codes(examine(copy)) == []


def test_the_guess_of_a_released_size_is_that_release(tmp_path: Path) -> None:
    from flax_albert.doctor.sizes import suggest
    from flax_albert.doctor.weights import Opened, take_census

    sizes = {"vocab_size": 30000, "hidden_size": 4096, "intermediate_size": 16384}
    arrays = {
        "embeddings.word_embeddings.weight": np.broadcast_to(np.float32(1), (30000, 128)),
        "embeddings.position_embeddings.weight": np.broadcast_to(np.float32(1), (512, 128)),
        "embeddings.token_type_embeddings.weight": np.broadcast_to(np.float32(1), (2, 128)),
        "encoder.albert_layer_groups.0.albert_layers.0.ffn.weight": np.broadcast_to(np.float32(1), (16384, 4096)),
    }
    census = take_census(Opened(tmp_path / "model.bin", arrays, dict.fromkeys(arrays, tmp_path)))
    values, _ = suggest(census, "none")
    assert sizes.items() <= values.items()
    assert (values["num_attention_heads"], values["num_hidden_layers"]) == (64, 12)


@pytest.mark.parametrize("content", [b"", b"\xff" * 64, b"version https://git-lfs.github.com/spec/v1\n"])
def test_a_broken_file_is_a_finding_in_the_loaders_words(content: bytes, copy: Path) -> None:
    (copy / "model.safetensors").write_bytes(content)
    report = examine(copy)
    assert codes(report) == ["weights-unreadable"]
    assert "model.safetensors" in report.findings[0].message
    assert {verdict.outcome for verdict in report.verdicts} == {Outcome.FAILS}
    assert report.configuration is not None
    assert report.tokenizer is not None


@pytest.mark.parametrize("name", ["classifier", "groups", "hub-module", "pretraining", "race", "squad1", "squad2"])
def test_googles_checkpoints_are_understood(name: str, tmp_path: Path) -> None:
    source = Path(__file__).parents[1] / "checkpoint" / "tensorflow" / name
    directory = Path(shutil.copytree(source, tmp_path / name))
    report = examine(directory)
    # Google's configuration does not say how many classes a classifier has.
    expected = ["labels-differ"] if name == "classifier" else []
    assert codes(report) == expected
    roles = {file.name: file.role for file in report.files}
    assert roles["albert_config.json"] == "configuration"
    assert {role for file, role in roles.items() if file.startswith("model.ckpt")} == {"weights"}
    assert report.weights is not None
    assert (report.weights.skipped > 0) == any("adam_m" in key for key in formats.read(directory / report.weights.file))
    assert ("SQuAD 2.0" in " ".join(item.message for item in report.findings)) == (name == "squad2")
    # An earlier moment of the same training is no second format.
    (directory / "checkpoint").unlink(missing_ok=True)
    last = report.weights.file.removesuffix(".index")
    for path in list(directory.glob(f"{last}.*")):
        shutil.copy(path, directory / path.name.replace(last, "model.ckpt-10"))
    assert codes(examine(directory)) == ["weights-unreadable"], "which of them is meant?"
    (directory / "checkpoint").write_text(f'model_checkpoint_path: "{last}"\n')
    assert codes(examine(directory)) == expected


def test_formats_side_by_side(copy: Path, tmp_path: Path) -> None:
    shutil.copy(save(tmp_path / "other", safe_serialization=False) / "flax_model.msgpack", copy)
    report = examine(copy)
    assert report.findings == (), "the same numbers"
    assert report.weights is not None
    assert (report.weights.file, report.weights.others) == ("model.safetensors", ("flax_model.msgpack",))
    change_weights(copy, put(WORDS, 3.0))
    report = examine(copy)
    assert codes(report) == ["formats-disagree"]
    assert "word_embeddings" in report.findings[0].message
    # The one that would be read is broken, the other tells what can be told.
    (copy / "model.safetensors").write_bytes(b"")
    report = examine(copy)
    assert codes(report) == ["weights-unreadable"]
    assert report.weights is not None
    assert report.weights.file == "flax_model.msgpack"
    assert {verdict.outcome for verdict in report.verdicts} == {Outcome.FAILS}


def test_a_broken_second_format_is_told_and_harmless(copy: Path) -> None:
    (copy / "pytorch_model.bin").write_bytes(b"\x80\x02.")
    report = examine(copy)
    assert codes(report) == ["other-format-unreadable"]
    assert report.usable


def test_shards_count_as_one_file(copy: Path) -> None:
    import flax_albert

    model = flax_albert.FlaxAlbertForPreTraining.from_pretrained(copy)
    expected = examine(copy)
    (copy / "model.safetensors").unlink()
    model.save_pretrained(copy, max_shard_size="8KB")
    report = examine(copy)
    assert report.findings == ()
    assert report.parameters == expected.parameters
    roles = {file.name: file.role for file in report.files if file.name.startswith("model")}
    assert len(roles) > 2
    assert set(roles.values()) == {"weights"}
    min(copy.glob("model-*.safetensors")).unlink()
    assert codes(examine(copy)) == ["weights-unreadable"]


def test_weights_without_anything_else(copy: Path) -> None:
    for path in copy.iterdir():
        if path.name != "model.safetensors":
            path.unlink()
    report = examine(copy)
    assert codes(report) == ["config-missing"]
    assert report.weights is not None
    assert report.parameters is not None


def test_a_directory_of_nothing_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(OSError, match="holds no configuration, no weights and no tokenizer"):
        examine(tmp_path)


def test_a_trained_model_of_others_is_no_problem(shared_data: Path) -> None:
    report = examine(shared_data / "checkpoints" / "plbert")
    assert codes(report) == []
    assert codes(report, Level.NOTE) == ["no-pooler", "tokenizer-missing"]
    assert report.weights is not None
    assert report.weights.heads == ()


def test_the_bundled_model_is_blameless() -> None:
    report = examine("albert-mini-en")
    assert report.findings == ()
    assert report.tokenizer is not None
    assert report.tokenizer.vocabulary == 8000
