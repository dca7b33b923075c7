"""Tags of words: the rows that the task makes, learnt where they stand, and measured as the task finds them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from flax_albert import AutoTokenizer
from flax_albert.data.examples import TaggedExample
from flax_albert.tasks import TokenClassification
from flax_albert.training.tagging.measuring import EntityEvaluator, Tagged
from flax_albert.training.tagging.sentences import encode_sentences
from flax_albert.training.tagging.tag import Tag
from tests.tolerances import SMALL
from tests.training.finetuning import tiny

NAMES = ("Ada", "Thaddeus")
SURNAMES = ("Byron", "Featherstone")
PLACES = ("London", "Wolverhampton")
OTHERS = {"the": "DET", "dog": "NOUN", "lighthouse": "NOUN", "slept": "VERB", ".": "PUNCT", "near": "ADP"}


def sentences(count: int, seed: int, longest: int = 4) -> list[TaggedExample]:
    """Sentences in which names of one or two words stand among others, in IOB2."""
    random = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        words, tags = [], []
        for _ in range(random.integers(1, longest)):
            pick = random.random()
            if pick < 0.3:
                words += [str(random.choice(NAMES)), str(random.choice(SURNAMES))]
                tags += ["B-PER", "I-PER"]
            elif pick < 0.5:
                words.append(str(random.choice(PLACES)))
                tags.append("B-LOC")
            else:
                words.append(str(random.choice(list(OTHERS))))
                tags.append("O")
        examples.append(TaggedExample(tuple(words), tuple(tags), f"line {number + 1}"))
    return examples


def parts_of_speech(examples: Sequence[TaggedExample]) -> list[TaggedExample]:
    tags = [tuple(OTHERS.get(word, "PROPN") for word in one.words) for one in examples]
    return [dataclasses.replace(one, tags=some) for one, some in zip(examples, tags, strict=True)]


def said_by_the_task(model: Any, examples: Sequence[TaggedExample]) -> list[list[str]]:
    task = TokenClassification(model, tiny.TOKENIZER, is_split_into_words=True, label_words=True)
    return [[word["entity"] for word in answer] for answer in task([list(one.words) for one in examples])]


class TestEntities:
    def test_they_are_learnt_and_measured_as_the_task_finds_them(self) -> None:
        held_out = sentences(40, seed=1)
        model, evaluation = tiny.learnt(Tag(), sentences(120, seed=0), held_out, steps=120, rate=1e-2)
        predicted, true = said_by_the_task(model, held_out), [list(one.tags or ()) for one in held_out]
        assert evaluation.metrics["f1"] == pytest.approx(f1_score(true, predicted))
        assert evaluation.metrics["f1"] > 0.9
        assert {"precision", "recall", "accuracy", "f1_PER", "f1_LOC", "loss"} <= evaluation.metrics.keys()
        assert evaluation.baselines["accuracy"] == np.mean([tag == "O" for some in true for tag in some])
        assert model.config.id2label == {0: "B-LOC", 1: "B-PER", 2: "I-PER", 3: "O"}

    def test_the_report_shows_kinds_and_entities(self) -> None:
        examples, kind = sentences(30, seed=2), Tag()
        model = kind.model_class(tiny.config(**kind.settings(examples, tiny.config())), seed=1)
        evaluation = tiny.evaluated(tiny.evaluator(kind, examples, model), model.params)
        confusion, predicted = evaluation.confusion, said_by_the_task(model, examples)
        assert confusion is not None
        assert confusion.labels == ["LOC", "O", "PER"]
        pairs = [
            (tag[2:] or tag, other[2:] or other)
            for one, some in zip(examples, predicted, strict=True)
            for tag, other in zip(one.tags or (), some, strict=True)
        ]
        for row, true in enumerate(confusion.labels):
            for column, got in enumerate(confusion.labels):
                assert confusion.counts[row, column] == pairs.count((true, got))
        by_text = {" ".join(one.words): one for one in examples}
        assert evaluation.samples
        for sample in evaluation.samples:
            assert sample.right or sample.expected != sample.predicted or "(none)" in sample.expected
            for name in (*NAMES, *SURNAMES):
                assert sample.expected.count(name) == by_text[sample.text].words.count(name)

    def test_iob1_is_learnt_as_iob2(self) -> None:
        example = TaggedExample(("Ada", "Bob", "of", "York"), ("I-PER", "B-PER", "O", "I-LOC"), "line 1")
        config = tiny.config(**Tag().settings([example], tiny.config()))
        assert set(config.label2id) == {"B-PER", "B-LOC", "O"}
        alone = dataclasses.replace(example, words=("Ada", "came"), tags=("I-PER", "O"))  # has no B- to tell by
        Tag().check([alone], config)
        [row] = tiny.encode(Tag(), [alone], config).rows
        assert row["labels"][row["labelled"]].tolist() == [config.label2id["B-PER"], config.label2id["O"]]

    @pytest.mark.parametrize(
        "tags", [("I-PER", "I-PER", "O"), ("B-PER", "E-PER", "S-LOC"), ("B-PER", "L-PER", "U-LOC")], ids=str
    )
    def test_other_schemes_stay_as_they_are(self, tags: tuple[str, ...]) -> None:
        example = TaggedExample(("Ada", "Byron", "came"), tags, "line 1")
        config = tiny.config(**Tag().settings([example], tiny.config()))
        assert set(config.label2id) == set(tags)

    def test_a_strict_scheme_counts_what_it_allows(self) -> None:
        examples = sentences(20, seed=5)
        model = Tag.model_class(tiny.config(**Tag().settings(examples, tiny.config())), seed=1)
        true = [list(one.tags or ()) for one in examples]
        predicted = [[tag.replace("B-PER", "I-PER") for tag in some] for some in true]
        found = []
        for kind in (Tag(), Tag(scheme="IOB2")):
            evaluator = tiny.evaluator(kind, examples, model)
            assert isinstance(evaluator, EntityEvaluator)
            found.append(evaluator.measured(Tagged(true, predicted, np.ones(20))).metrics["f1"])
        strict: Any = {"mode": "strict", "scheme": IOB2}
        assert found == pytest.approx([f1_score(true, predicted), f1_score(true, predicted, **strict)])
        assert found[0] > found[1]  # an I- that goes on from nothing is no entity


class TestWords:
    @pytest.mark.slow
    def test_they_are_learnt_and_measured_as_the_task_finds_them(self) -> None:
        held_out = parts_of_speech(sentences(40, seed=1))
        model, evaluation = tiny.learnt(Tag(), parts_of_speech(sentences(120, seed=0)), held_out, steps=100, rate=1e-2)
        predicted = said_by_the_task(model, held_out)
        true = [tag for one in held_out for tag in one.tags or ()]
        assert evaluation.metrics["accuracy"] == np.mean(
            np.array(true) == np.array([t for some in predicted for t in some])
        )
        assert evaluation.metrics["accuracy"] > 0.95 > 0.6 > evaluation.baselines["accuracy"]

    def test_samples_name_the_words_that_are_wrong(self) -> None:
        examples = parts_of_speech(sentences(30, seed=2))
        model = Tag.model_class(tiny.config(**Tag().settings(examples, tiny.config())), seed=1)
        evaluation = tiny.evaluated(tiny.evaluator(Tag(), examples, model), model.params)
        wrong = [sample for sample in evaluation.samples if not sample.right]
        assert wrong
        for sample in wrong:
            pairs = zip(sample.expected.split(), sample.predicted.split(), strict=True)
            for one, other in pairs:
                assert one.rpartition("/")[0] == other.rpartition("/")[0]
                assert one != other

    def test_what_is_measured_can_be_chosen(self) -> None:
        examples = sentences(20, seed=3)
        model = Tag.model_class(tiny.config(**Tag().settings(examples, tiny.config())), seed=1)
        assert tiny.evaluator(Tag(), examples, model).decisive == "f1"
        assert tiny.evaluator(Tag(entities=False), examples, model).decisive == "accuracy"
        assert tiny.evaluator(Tag(entities=True), parts_of_speech(examples), with_labels(examples)).decisive == "f1"


def with_labels(examples: Sequence[TaggedExample]) -> Any:
    named = parts_of_speech(examples)
    return Tag.model_class(tiny.config(**Tag().settings(named, tiny.config())), seed=1)


class TestRows:
    def test_they_are_those_of_the_task(self) -> None:
        examples = [*sentences(20, seed=0), *sentences(3, seed=1, longest=90)]
        config = tiny.config(**Tag().settings(examples, tiny.config()))
        model = Tag.model_class(config, seed=0)
        task = TokenClassification(model, tiny.TOKENIZER, is_split_into_words=True)
        bound = task._bound(task.options)
        ready = task._encode([list(one.words) for one in examples], bound)
        theirs = [row.ids.tolist() for one in ready for row in one.rows]  # pyrefly: ignore
        ours = Tag().encode(examples, tiny.TOKENIZER, config, 16, training=False)
        assert [row["input_ids"].tolist() for row in ours.rows] == theirs
        assert len(theirs) > len(examples)  # some sentences are longer than the model

    @pytest.mark.parametrize("every_piece", [False, True])
    def test_long_sentences_lose_nothing_and_teach_nothing_twice(self, every_piece: bool) -> None:
        examples = sentences(12, seed=4, longest=60)
        kind = Tag(every_piece=every_piece)
        config = tiny.config(**kind.settings(examples, tiny.config()))
        encoded = kind.encode(examples, tiny.TOKENIZER, config, 16, training=True)
        assert len(encoded.rows) > 3 * len(examples)
        assert encoded.truncated == 0
        learnt: list[dict[int, list[str]]] = [{} for _ in examples]
        for row, place in zip(encoded.rows, encoded.places, strict=True):
            assert len(row["input_ids"]) <= 16
            for position, word in zip(place.positions.tolist(), place.words.tolist(), strict=True):
                if row["labelled"][position]:
                    tag = config.id2label[int(row["labels"][position])]
                    learnt[place.sentence].setdefault(word, []).append(tag)
        for example, words in zip(examples, learnt, strict=True):
            for number, (word, tag) in enumerate(zip(example.words, example.tags or (), strict=True)):
                pieces = len(tiny.TOKENIZER([word], is_split_into_words=True)["input_ids"]) - 2
                inside = tag.replace("B-PER", "I-PER")  # there is no I-LOC
                assert words[number] == ([tag] + [inside] * (pieces - 1) if every_piece else [tag])

    def test_a_long_sentence_is_measured_as_the_task_stitches_it(self) -> None:
        examples = sentences(6, seed=6, longest=90)
        model = Tag.model_class(tiny.config(**Tag().settings(examples, tiny.config())), seed=2)
        evaluation = tiny.evaluated(tiny.evaluator(Tag(), examples, model, size=4), model.params)
        true = [list(one.tags or ()) for one in examples]
        assert evaluation.metrics["f1"] == pytest.approx(f1_score(true, said_by_the_task(model, examples)))

    def test_figures_do_not_depend_on_batches(self) -> None:
        examples = sentences(13, seed=2)
        model = Tag.model_class(tiny.config(**Tag().settings(examples, tiny.config())), seed=3)
        found = [tiny.evaluated(tiny.evaluator(Tag(), examples, model, size), model.params) for size in (5, 16)]
        for other in found[1:]:
            assert other.metrics == pytest.approx(found[0].metrics, abs=SMALL)
            assert other.samples == found[0].samples

    def test_the_loss_is_the_mean_over_words(self) -> None:
        examples = sentences(5, seed=8, longest=3)
        kind = Tag()
        model = kind.model_class(tiny.config(**kind.settings(examples, tiny.config())), seed=3)
        objective = kind.objective(model.module)
        batches = kind.batches(tiny.encode(kind, examples, model.config), tiny.TOKENIZER, 8, 64, 0)
        batch: Any = jax.tree.map(jnp.asarray, dict(batches.batch(0)))
        loss = objective.loss(model.params, batch, objective.weights(batch))[0]
        losses = []
        for one in examples:
            encoded = tiny.TOKENIZER([list(one.words)], is_split_into_words=True, return_tensors="np")
            words = (encoded.encodings or [])[0].word_ids
            outputs = model(**encoded).logits[0]
            for number, tag in enumerate(one.tags or ()):
                logits = outputs[words.index(number)]
                losses.append(optax.softmax_cross_entropy_with_integer_labels(logits, model.config.label2id[tag]))
        assert float(loss) == pytest.approx(float(np.mean(losses)), abs=SMALL)

    def test_a_word_without_tokens_is_outside(self) -> None:
        examples = [TaggedExample(("Ada", "\u0301", "slept"), ("B-PER", "O", "O"), "line 1"), *sentences(4, seed=0)]
        model = Tag.model_class(tiny.config(**Tag().settings(examples, tiny.config())), seed=1)
        encoded = encode_sentences(examples[:1], tiny.TOKENIZER, 16)
        assert set(encoded.places[0].words) == {0, 2}
        evaluation = tiny.evaluated(tiny.evaluator(Tag(), examples, model), model.params)
        true = [list(one.tags or ()) for one in examples]
        assert evaluation.metrics["f1"] == pytest.approx(f1_score(true, said_by_the_task(model, examples)))


class TestRefusals:
    def test_an_unknown_tag_is_named_with_its_place(self) -> None:
        config = tiny.config(**Tag().settings(sentences(20, seed=0), tiny.config()))
        example = TaggedExample(("Acme",), ("B-ORG",), "line 9 of dev.conll")
        with pytest.raises(ValueError, match=r"^line 9 of dev\.conll: the label 'B-ORG' is none of the model's: "):
            Tag().check([example], config)

    def test_sentences_need_as_many_tags_as_words(self) -> None:
        with pytest.raises(ValueError, match=r"^line 1 has no tags\.$"):
            Tag().settings([TaggedExample(("Ada",), None, "line 1")], tiny.config())
        with pytest.raises(ValueError, match=r"^line 1 has 1 words and 2 tags\.$"):
            Tag().settings([TaggedExample(("Ada",), ("O", "O"), "line 1")], tiny.config())

    def test_one_tag_teaches_nothing(self) -> None:
        with pytest.raises(ValueError, match="nothing to tell apart"):
            Tag().settings([TaggedExample(("Ada",), ("O",), "line 1")], tiny.config())

    def test_there_must_be_room(self) -> None:
        with pytest.raises(ValueError, match="leave no room for words"):
            encode_sentences(sentences(1, seed=0), tiny.TOKENIZER, 2)

    def test_a_slow_tokenizer_is_refused(self) -> None:
        slow = AutoTokenizer.from_pretrained("albert-mini-en", use_fast=False)
        with pytest.raises(ValueError, match="fast tokenizer"):
            encode_sentences(sentences(1, seed=0), slow, 16)


def test_the_outputs_of_a_batch_are_small() -> None:
    """No more than a number or two a token leaves the device, however many tags there are."""
    examples = sentences(4, seed=0)
    model = Tag.model_class(tiny.config(**Tag().settings(examples, tiny.config())), seed=1)
    evaluator = tiny.evaluator(Tag(), examples, model)
    batch: Any = dict(evaluator.batches.batch(0))
    shapes = jax.eval_shape(evaluator.outputs, model.params, batch)
    assert {len(array.shape) for array in shapes.values()} == {1, 2}
