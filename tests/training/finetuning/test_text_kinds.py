"""Labels, sets of labels and numbers of texts: learnt, measured, and refused where they make no sense."""

from __future__ import annotations

import math

import numpy as np
import optax
import pytest
from sklearn.metrics import accuracy_score, f1_score

from flax_albert.data.examples import TextExample
from flax_albert.tasks import TextClassification
from flax_albert.training.finetuning.classify import Classify
from flax_albert.training.finetuning.multi_label import MultiLabel, best_threshold
from flax_albert.training.finetuning.regress import Regress
from tests.tolerances import SMALL
from tests.training.finetuning import tiny

ANIMALS = ("dog", "cat", "horse")
PLACES = ("house", "river", "garden")


def texts(count: int, seed: int) -> list[TextExample]:
    """Sentences of an animal in a place; some are pairs, some much longer than others."""
    random = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        animal, place = random.choice(ANIMALS), random.choice(PLACES)
        text = f"the {animal} is " + "very " * int(random.integers(0, 4)) + f"old in the {place}"
        examples.append(TextExample(text, "so it is" if number % 3 == 0 else None, animal, f"line {number + 1}"))
    return examples


def relabelled(examples: list[TextExample], label: object) -> list[TextExample]:
    return [TextExample(one.text, one.pair, label(one), one.where) for one in examples]  # pyrefly: ignore


def labels_of(example: TextExample) -> tuple[str, ...]:
    return tuple(word for word in (*ANIMALS, *PLACES) if word in example.text.split())


class TestClassify:
    def test_it_learns_and_agrees_with_the_task(self) -> None:
        held_out = texts(30, seed=1)
        model, evaluation = tiny.learnt(Classify(), texts(90, seed=0), held_out)
        assert evaluation.metrics["accuracy"] > 0.9 > 0.6 > evaluation.baselines["accuracy"]
        assert model.config.id2label == {0: "cat", 1: "dog", 2: "horse"}
        assert model.config.problem_type == "single_label_classification"
        task = TextClassification(model, tiny.TOKENIZER)
        inputs = [one.text if one.pair is None else {"text": one.text, "text_pair": one.pair} for one in held_out]
        answers = [answer["label"] for answer in task(inputs)]
        assert evaluation.metrics["accuracy"] == accuracy_score([one.label for one in held_out], answers)

    def test_figures_are_those_of_the_texts_in_whatever_batches(self) -> None:
        examples, kind = texts(13, seed=2), Classify()
        settings = kind.settings(examples, tiny.config())
        model = kind.model_class(tiny.config(**settings), seed=3)
        found = [tiny.evaluated(tiny.evaluator(kind, examples, model, size), model.params) for size in (1, 5, 16)]
        for other in found[1:]:
            assert other.metrics == pytest.approx(found[0].metrics, abs=SMALL)
            assert other.confusion is not None
            np.testing.assert_array_equal(other.confusion.counts, found[0].confusion.counts)  # pyrefly: ignore
        logits = [
            np.asarray(model(**tiny.TOKENIZER(one.text, one.pair, return_tensors="np")).logits[0]) for one in examples
        ]
        true = np.array([model.config.label2id[str(one.label)] for one in examples])
        losses = optax.softmax_cross_entropy_with_integer_labels(np.stack(logits), true)
        assert found[0].metrics["loss"] == pytest.approx(float(losses.mean()), abs=SMALL)

    def test_wrong_examples_come_first_among_the_samples(self) -> None:
        examples, kind = texts(40, seed=2), Classify()
        model = kind.model_class(tiny.config(**kind.settings(examples, tiny.config())), seed=3)
        samples = tiny.evaluated(tiny.evaluator(kind, examples, model), model.params).samples
        right = [sample.right for sample in samples]
        assert right == sorted(right)
        assert {sample.right for sample in samples} == {True, False}
        assert all(sample.right == (sample.expected == sample.predicted) for sample in samples)

    def test_numbers_are_labels_in_order_of_value(self) -> None:
        examples = [TextExample("a", None, label, "") for label in ("10", "2", "2", "-1")]
        assert Classify().settings(examples, tiny.config())["id2label"] == {0: "-1", 1: "2", 2: "10"}

    def test_a_model_that_knows_the_labels_keeps_their_numbers(self) -> None:
        known = tiny.config(id2label={0: "horse", 1: "cat", 2: "dog"})
        assert Classify().settings(texts(20, seed=0), known)["label2id"] == {"horse": 0, "cat": 1, "dog": 2}

    def test_an_unknown_label_is_named_with_its_place(self) -> None:
        config = tiny.config(id2label={0: "cat", 1: "dog", 2: "horse"})
        with pytest.raises(ValueError, match=r"^line 7 of dev\.csv: the label 'cow' is none of the model's: 'cat', "):
            Classify().check([TextExample("a cow", None, "cow", "line 7 of dev.csv")], config)
        with pytest.raises(ValueError, match="'horse'"):
            Classify(labels=("dog", "cat")).settings(texts(30, seed=0), tiny.config())

    def test_one_label_teaches_nothing(self) -> None:
        with pytest.raises(ValueError, match="nothing to tell apart"):
            Classify().settings(relabelled(texts(5, 0), lambda one: "same"), tiny.config())

    def test_f1_of_two_labels_needs_two(self) -> None:
        with pytest.raises(ValueError, match="'f1' is for two labels, and there are 3"):
            Classify(metrics=("f1",)).settings(texts(30, seed=0), tiny.config())
        with pytest.raises(ValueError, match="no metric 'bleu' here; there are accuracy"):
            Classify(metrics=("bleu",))


class TestTruncation:
    def test_long_texts_are_cut_and_counted(self) -> None:
        examples = [
            TextExample("dog " * 100, None, "a", "1"),
            TextExample("dog " * 100, "cat " * 100, "a", "2"),
            TextExample("dog", "cat", "b", "3"),
        ]
        config = tiny.config(**Classify().settings(examples, tiny.config()))
        encoded = tiny.encode(Classify(), examples, config)
        assert encoded.truncated == 2
        assert [len(row["input_ids"]) for row in encoded.rows] == [tiny.LENGTH, tiny.LENGTH, 5]
        segments = encoded.rows[1]["token_type_ids"]
        assert abs(int((segments == 0).sum()) - int((segments == 1).sum())) <= 2  # both texts are cut alike


class TestMultiLabel:
    @pytest.mark.slow
    def test_it_learns_sets_of_labels(self) -> None:
        train, held_out = (relabelled(texts(90, seed), labels_of) for seed in (0, 1))
        held_out.append(TextExample("it is so very old", None, (), "line 99"))
        kind = MultiLabel()
        model, evaluation = tiny.learnt(kind, train, held_out)
        assert evaluation.metrics["f1_micro"] > 0.9 > evaluation.baselines["f1_micro"]
        assert evaluation.metrics["threshold"] == 0.5
        assert evaluation.settings == {"task_specific_params": {"text-classification": {"threshold": 0.5}}}
        assert model.config.problem_type == "multi_label_classification"
        task = TextClassification(model, tiny.TOKENIZER, top_k=None)
        inputs = [one.text if one.pair is None else {"text": one.text, "text_pair": one.pair} for one in held_out]
        predicted = [{answer["label"] for answer in answers if answer["score"] >= 0.5} for answers in task(inputs)]
        matrix = np.array([[name in one for name in model.config.label2id] for one in predicted])
        true = np.array([[name in (one.label or ()) for name in model.config.label2id] for one in held_out])  # pyrefly: ignore
        assert evaluation.metrics["f1_micro"] == f1_score(true, matrix, average="micro")
        assert evaluation.metrics["accuracy"] == accuracy_score(true, matrix)

    def test_the_best_threshold_is_the_best_of_all(self) -> None:
        random = np.random.default_rng(0)
        for _ in range(5):
            true = random.random((12, 3)) < 0.4
            probabilities = np.round(0.3 * true + 0.7 * random.random(true.shape), 1)  # with ties
            threshold = best_threshold(true, probabilities)
            scores = {t: f1_score(true, probabilities >= t, average="micro") for t in np.arange(0.05, 1, 0.1)}
            assert f1_score(true, probabilities >= threshold, average="micro") == max(scores.values())

    def test_a_threshold_is_a_probability(self) -> None:
        with pytest.raises(ValueError, match="between 0 and 1, got 2"):
            MultiLabel(threshold=2)


class TestRegress:
    @pytest.mark.slow
    def test_it_learns_numbers(self) -> None:
        def number(example: TextExample) -> float:
            return float(ANIMALS.index(str(example.label)) - PLACES.index(example.text.split()[-1]))

        train, held_out = (relabelled(texts(90, seed), number) for seed in (0, 1))
        model, evaluation = tiny.learnt(Regress(), train, held_out)
        assert evaluation.metrics["pearson"] > 0.9
        assert evaluation.metrics["mean_squared_error"] < evaluation.baselines["mean_squared_error"] / 4
        assert evaluation.metrics["loss"] == pytest.approx(evaluation.metrics["mean_squared_error"], abs=SMALL)
        assert "pearson" not in evaluation.baselines
        assert (model.config.num_labels, model.config.problem_type) == (1, "regression")

    @pytest.mark.parametrize("label", ["good", None, math.nan])
    def test_what_is_no_number_is_named_with_its_place(self, label: object) -> None:
        with pytest.raises(ValueError, match=r"^line 3: the label .* is no finite number\.$"):
            Regress().check([TextExample("a", None, label, "line 3")], tiny.config())  # pyrefly: ignore

    def test_an_error_is_to_be_small(self) -> None:
        kind, config = Regress(metrics=("mean_squared_error",)), tiny.config(num_labels=1)
        model = kind.model_class(config, _do_init=False)
        assert not tiny.evaluator(kind, [TextExample("a", None, 1.0, "")], model).larger_is_better
