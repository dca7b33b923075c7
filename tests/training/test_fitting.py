"""Fine-tuning in one call: what it writes, what it says, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import pytest

from flax_albert import AutoTokenizer, FlaxAlbertForPreTraining, FlaxAlbertForSequenceClassification, pipeline
from flax_albert.data.errors import DataError
from flax_albert.data.examples import TextExample
from flax_albert.training.events import Evaluated
from flax_albert.training.finetuning.classify import Classify
from flax_albert.training.finetuning.kind import Kind
from flax_albert.training.finetuning.multi_label import MultiLabel
from flax_albert.training.finetuning.plan import Plan, plan
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.fitting import Fitted, fit
from flax_albert.training.settings import OptimizerSettings
from tests.training.finetuning import tiny
from tests.training.finetuning.test_text_kinds import labels_of, relabelled, texts

QUICK: dict[str, Any] = {"batch_size": 8, "max_length": 16, "devices": 1, "log_every": 2}
SHORT = FineTuningSettings(**QUICK, steps=2)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pretrained model: it has no classifier."""
    folder = tmp_path_factory.mktemp("pretrained")
    FlaxAlbertForPreTraining(tiny.config(), seed=5).save_pretrained(folder)
    tiny.TOKENIZER.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def fitted(model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Fitted, Path]:
    """A model that has learnt something."""
    folder = tmp_path_factory.mktemp("fitted")
    settings = FineTuningSettings(
        **QUICK,
        steps=100,
        warmup=0,
        optimizer=OptimizerSettings(name="optax.adam", learning_rate=3e-3, weight_decay=0, schedule="constant"),
        classifier_dropout=0.1,
        evaluate_every=50,
    )
    dev = {"dev": texts(30, seed=1), "other": texts(20, seed=2)}
    done = fit(Classify(), model=model, train=texts(90, seed=0), evaluation=dev, output=folder, settings=settings)
    return done, folder


def planned(model: Any, kind: Kind[Any] | None = None, **arguments: Any) -> Plan[Any]:
    """What would be trained, with few texts."""
    chosen: dict[str, Any] = {**QUICK, "steps": 2, **arguments.pop("settings", {})}
    settings = FineTuningSettings(**chosen)
    train = arguments.pop("train", texts(20, seed=0))
    return plan(kind or Classify(), model=model, train=train, settings=settings, **arguments)


class TestOutput:
    def test_it_holds_all_that_a_model_needs(self, fitted: tuple[Fitted, Path]) -> None:
        done, folder = fitted
        names = {path.name for path in folder.iterdir()}
        assert {"config.json", "model.safetensors", "tokenizer.json", "README.md", "report.html", "training"} <= names
        config = json.loads((folder / "config.json").read_text())
        assert config["id2label"] == {"0": "cat", "1": "dog", "2": "horse"}
        assert config["architectures"] == ["AlbertForSequenceClassification"]
        assert config["classifier_dropout_prob"] == 0.1
        assert done.reason == "finished"

    def test_the_task_says_what_was_measured(self, fitted: tuple[Fitted, Path]) -> None:
        done, folder = fitted
        classify = pipeline("text-classification", str(folder))
        for name, held_out in (("dev", texts(30, seed=1)), ("other", texts(20, seed=2))):
            inputs = [{"text": one.text, "text_pair": one.pair} if one.pair else one.text for one in held_out]
            right = [found["label"] == one.label for found, one in zip(classify(inputs), held_out, strict=True)]
            assert done.evaluations[name].metrics["accuracy"] == np.mean(right)
        assert done.evaluations["dev"].metrics["accuracy"] > 0.8

    def test_history_tells_every_evaluation(self, fitted: tuple[Fitted, Path]) -> None:
        history = fitted[0].history
        assert {name: [event.step for event in events] for name, events in history.evaluated.items()} == {
            "dev": [50, 100],
            "other": [50, 100],
        }
        assert all(isinstance(event, Evaluated) for event in history.evaluated["dev"])
        assert history.logged[-1].step == 100
        assert history.run["data"]["train"]["examples"] == 90

    def test_a_finished_run_can_be_resumed_and_stays_what_it_is(self, fitted: tuple[Fitted, Path], model: Path) -> None:
        done, folder = fitted
        with pytest.raises(FileExistsError, match="not empty: name another, or go on with the run in it"):
            fit(Classify(), model=model, train=texts(90, seed=0), output=folder)
        with pytest.raises(ValueError, match="cannot go on with another "):
            fit(Classify(), model=model, train=texts(90, 0), output=folder, settings=SHORT, resume=True)
        assert done.model.config.num_labels == 3


class TestRefusals:
    def test_an_output_with_something_in_it(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.txt").write_text("precious")
        with pytest.raises(FileExistsError, match="is not empty: name another, or empty it first"):
            fit(Classify(), model="albert-mini-en", train=texts(4, 0), output=tmp_path)
        with pytest.raises(NotADirectoryError, match="is a file"):
            fit(Classify(), model="albert-mini-en", train=texts(4, 0), output=tmp_path / "thesis.txt")
        with pytest.raises(FileNotFoundError, match="no run to resume"):
            fit(Classify(), model="albert-mini-en", train=texts(4, 0), output=tmp_path / "new", resume=True)

    def test_nothing_is_written_before_data_is_known_to_be_good(self, tmp_path: Path, model: Path) -> None:
        dev = [*texts(3, seed=1), TextExample("a cow", None, "cow", "line 4 of dev.csv")]
        with pytest.raises(ValueError, match=r"^line 4 of dev\.csv: the label 'cow'"):
            fit(Classify(), model=model, train=texts(20, 0), evaluation=dev, output=tmp_path / "out", settings=SHORT)
        assert not (tmp_path / "out").exists()

    def test_settings_that_make_no_sense(self, model: Path) -> None:
        for settings, message in (
            ({"max_length": 65}, "max_length is 65, and the model takes 64"),
            ({"warmup": 5}, "warm-up of 5 steps is longer than the run, which has 2"),
            ({"select": "best"}, "only be chosen where there are examples to measure on"),
            ({"batch_size": 0}, "batch_size must be at least 1"),
            ({"epochs": 0}, "epochs must be positive"),
            ({"warmup": -1}, "warmup must not be negative"),
        ):
            with pytest.raises(ValueError, match=message):
                planned(model, settings=settings)

    def test_a_model_and_a_tokenizer_that_do_not_belong_together(self) -> None:
        small = FlaxAlbertForPreTraining(tiny.config(vocab_size=50))
        with pytest.raises(ValueError, match="the model 50: they do not belong together"):
            planned(small, tokenizer=tiny.TOKENIZER)
        with pytest.raises(TypeError, match="needs a tokenizer"):
            planned(small)

    @pytest.mark.parametrize("name", ["../dev", "train", ""])
    def test_names_that_files_cannot_have(self, name: str, model: Path) -> None:
        with pytest.raises(ValueError, match="cannot be called"):
            planned(model, evaluation={name: texts(3, 1)})


class TestBeginning:
    def test_a_head_that_is_missing_is_drawn_and_spoken_of(self, model: Path) -> None:
        ready = planned(model)
        assert ready.notes == (
            "Drawn at random, because the checkpoint has none that fit: 'classifier/bias', 'classifier/kernel'.",
        )
        encoder = FlaxAlbertForPreTraining.from_pretrained(model).params["albert"]
        assert jax.tree.all(jax.tree.map(np.array_equal, dict(ready.model.params["albert"]), encoder))

    def test_a_model_object_is_as_good_as_a_directory(self, model: Path) -> None:
        ready = planned(FlaxAlbertForPreTraining.from_pretrained(model), tokenizer=tiny.TOKENIZER)
        again = planned(model)
        assert jax.tree.all(jax.tree.map(np.array_equal, ready.model.params, again.model.params))
        assert ready.notes == again.notes

    def test_going_on_with_a_classifier(self, fitted: tuple[Fitted, Path]) -> None:
        ready = planned(fitted[1])
        assert ready.notes == ("Every parameter comes from the checkpoint, the head's too.",)
        other = relabelled(texts(20, 0), lambda one: "yes" if one.label == "cat" else "no")
        ready = planned(fitted[1], train=other)
        assert "classifier" in ready.notes[0]
        assert ready.model.config.num_labels == 2

    def test_random_parameters_as_a_control(self, model: Path) -> None:
        ready = planned(model, from_scratch=True)
        encoder = FlaxAlbertForPreTraining.from_pretrained(model).params["albert"]
        same = jax.tree.map(np.array_equal, dict(ready.model.params["albert"]), encoder)
        assert not same["embeddings"]["word_embeddings"]["embedding"]
        assert ready.notes == ("All parameters are drawn at random, as asked for.",)

    def test_another_encoder_is_refused(self, model: Path, tmp_path: Path) -> None:
        config = tiny.config(intermediate_size=32)
        FlaxAlbertForPreTraining.from_pretrained(model).save_pretrained(tmp_path)
        config.save_pretrained(tmp_path)
        tiny.TOKENIZER.save_pretrained(tmp_path)
        with pytest.raises(ValueError, match="does not fit its configuration: it lacks 'albert"):
            planned(tmp_path)

    def test_what_is_trained_is_float32(self, model: Path, tmp_path: Path) -> None:
        half = FlaxAlbertForPreTraining.from_pretrained(model)
        half.save_pretrained(tmp_path, params=half.to_bf16(half.params))
        tiny.TOKENIZER.save_pretrained(tmp_path)
        params = planned(tmp_path, settings={"dtype": "bfloat16"}).model.params
        assert {leaf.dtype for leaf in jax.tree.leaves(params)} == {np.dtype("float32")}

    def test_dropout_rates_are_those_of_the_settings(self, model: Path) -> None:
        config = planned(model, settings={"hidden_dropout": 0.2, "attention_dropout": 0.3}).model.config
        assert (config.hidden_dropout_prob, config.attention_probs_dropout_prob) == (0.2, 0.3)
        assert config.classifier_dropout_prob == 0


class TestData:
    def test_a_share_is_held_out_the_same_each_time(self, model: Path) -> None:
        one, other = (planned(model, evaluation_share=0.25) for _ in range(2))
        assert one.described["data"] == other.described["data"]
        counts = [one.described["data"][name]["examples"] for name in ("train", "dev")]
        assert sum(counts) == 20
        assert abs(counts[1] - 5) <= 1
        with pytest.raises(ValueError, match="none are to be held out besides"):
            planned(model, evaluation=texts(5, 1), evaluation_share=0.25)
        with pytest.raises(ValueError, match="lies between 0 and 1, and 1 does not"):
            planned(model, evaluation_share=1)

    def test_rows_at_fault(self, model: Path, tmp_path: Path) -> None:
        path = tmp_path / "train.csv"
        path.write_text("text,label\na dog,yes\nno label,\na cat,no\n")
        with pytest.raises(DataError, match=r"line 3 of train\.csv has no 'label'"):
            planned(model, train=path)
        ready = planned(model, train=path, skip_bad=True)
        assert ready.described["data"]["train"]["examples"] == 2
        assert ready.notes[-2:] == (
            "1 rows at fault were left out, among them these.",
            "line 3 of train.csv has no 'label'.",
        )

    def test_the_classes_of_a_data_set_keep_their_numbers(self, model: Path) -> None:
        class ClassLabel:
            names = ("zebra", "ant", "never")

        class DataSet(list[Any]):
            features: ClassVar = {"text": None, "label": ClassLabel()}

        ready = planned(model, train=DataSet([{"text": "a", "label": 0}, {"text": "b", "label": 1}]))
        assert ready.labels == ("zebra", "ant", "never")
        assert [row["labels"] for row in ready.batches._rows] == [0, 1]  # pyrefly: ignore

    def test_examples_that_are_cut_are_counted(self, model: Path) -> None:
        ready = planned(model, train=[*texts(9, 0), TextExample("dog " * 50, None, "dog", "")])
        assert "1 of 10 examples of train are longer than 16 tokens and were cut." in ready.notes

    def test_batches_to_measure_on_suit_all_devices(self, model: Path) -> None:
        ready = planned(model, evaluation=texts(5, 1), settings={"evaluation_batch_size": 3, "devices": 2})
        assert ready.evaluators[0].batches.size == 4


def test_a_chosen_threshold_is_kept_with_the_model(model: Path, tmp_path: Path) -> None:
    train = relabelled(texts(20, 0), labels_of)
    settings = FineTuningSettings(**QUICK, steps=2, optimizer=OptimizerSettings(frozen=("albert/*",)))
    done = fit(
        MultiLabel(threshold=None), model=model, train=train, evaluation_share=0.5, output=tmp_path, settings=settings,
        tensorboard=False,
    )  # fmt: skip
    loaded = FlaxAlbertForSequenceClassification.from_pretrained(tmp_path)
    threshold = done.evaluations["dev"].metrics["threshold"]
    assert loaded.config.task_specific_params == {"text-classification": {"threshold": threshold}}
    assert threshold != 0.5
    before = FlaxAlbertForPreTraining.from_pretrained(model).params["albert"]
    assert jax.tree.all(jax.tree.map(np.array_equal, dict(loaded.params["albert"]), before))  # frozen
    assert AutoTokenizer.from_pretrained(tmp_path)("a dog") == tiny.TOKENIZER("a dog")
