"""Answers: learnt where they stand, measured as the task finds them, and none where none is best."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from flax_albert import AutoTokenizer
from flax_albert.data.examples import QuestionExample, Span
from flax_albert.tasks import QuestionAnswering
from flax_albert.tasks.errors import InputError
from flax_albert.training.answering.answer import Answer
from flax_albert.training.answering.questions import EncodedQuestions, Windows, encode_questions
from flax_albert.training.metrics.squad import Answers, answer_score
from tests.tolerances import SMALL
from tests.training.finetuning import tiny

ANIMALS = ("dog", "cat", "horse", "bird")
PLACES = ("house", "river", "garden", "forest", "lighthouse")
KIND = Answer(doc_stride=4, max_question_len=6, max_answer_len=4)


def questions(count: int, seed: int, impossible: float = 0.0, facts: int = 2) -> list[QuestionExample]:
    """Where an animal is, in contexts of some facts, some of them too long for a row."""
    random = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        animals = random.permutation(ANIMALS)[: facts + 1].tolist()
        context, answer = "", ()
        about = animals[int(random.integers(facts))]
        for animal in animals[:facts]:
            context += f"A {animal} in the "
            place = str(random.choice(PLACES))
            if animal == about:
                answer = (Span(place, len(context)),)
            context += f"{place}. "
        if random.random() < impossible:
            about, answer = animals[facts], ()
        examples.append(QuestionExample(str(number), f"Where: {about}?", context, answer, None, f"line {number + 1}"))
    return examples


def made(kind: Answer, examples: list[QuestionExample], seed: int = 1) -> Any:
    return kind.model_class(tiny.config(**kind.settings(examples, tiny.config())), seed=seed)


def said_by_the_task(model: Any, settings: Any, examples: list[QuestionExample]) -> list[str]:
    """What a user gets from the model that is kept, without any option."""
    config = type(model.config).from_dict({**model.config.to_dict(), **settings})
    kept = type(model)(config, seed=0)
    kept.params = model.params
    task = QuestionAnswering(kept, tiny.TOKENIZER)
    return [one["answer"] for one in task([{"question": one.question, "context": one.context} for one in examples])]


def right(examples: list[QuestionExample]) -> list[list[str]]:
    return [[answer.text for answer in one.answers] for one in examples]


class TestMeasuring:
    def test_answers_are_learnt_and_are_those_of_the_task(self) -> None:
        held_out = questions(30, seed=1)
        model, evaluation = tiny.learnt(KIND, questions(150, seed=0), held_out, steps=150, rate=5e-3)
        said = said_by_the_task(model, evaluation.settings, held_out)
        figures = Answers(said, right(held_out)).squad1()
        assert {name: evaluation.metrics[name] for name in figures} == pytest.approx(figures)
        assert evaluation.metrics["exact_match"] > 55.0  # a place in the context, were it by chance, is right in half
        assert all(sample.right == (sample.expected == sample.predicted) for sample in evaluation.samples)

    @pytest.mark.parametrize("threshold", [None, -1.0])
    def test_questions_without_answer_get_none_where_that_is_best(self, threshold: float | None) -> None:
        examples = questions(40, seed=2, impossible=0.25)
        kind = Answer(4, 6, 4, no_answer_threshold=threshold)
        model = made(kind, examples)
        evaluation = tiny.evaluated(tiny.evaluator(kind, examples, model), model.params)
        kept = evaluation.settings["task_specific_params"]["question-answering"]
        said = said_by_the_task(model, evaluation.settings, examples)
        pairs = list(zip(said, right(examples), strict=True))
        assert {bool(answer) for answer in said} == {True, False}
        # What the threshold decides is what the figures count.
        scores = np.mean([answer_score(answer, answers) for answer, answers in pairs], axis=0)
        assert [evaluation.metrics["exact_match"], evaluation.metrics["f1"]] == pytest.approx(100 * scores)
        assert kept["handle_impossible_answer"] is True
        assert kept["max_seq_len"] == tiny.LENGTH
        if threshold is None:
            assert evaluation.metrics["f1"] == pytest.approx(evaluation.metrics["best_f1"])
        else:
            assert kept["no_answer_threshold"] == threshold
            assert evaluation.metrics["f1"] <= evaluation.metrics["best_f1"]
        none = 100 * np.mean([not answers for _, answers in pairs])
        assert evaluation.baselines == pytest.approx({"exact_match": none, "f1": none})
        assert any(sample.expected == "(no answer)" for sample in evaluation.samples)

    def test_figures_do_not_depend_on_batches(self) -> None:
        examples = questions(13, seed=2, impossible=0.3)
        model = made(KIND, examples)
        found = [tiny.evaluated(tiny.evaluator(KIND, examples, model, size), model.params) for size in (5, 16)]
        assert found[1].metrics == pytest.approx(found[0].metrics, abs=SMALL)

    def test_options_that_are_kept_leave_others_alone(self) -> None:
        config = tiny.config(task_specific_params={"fill-mask": {"top_k": 3}, "question-answering": {"top_k": 2}})
        kept = KIND.settings(questions(3, seed=0), config)["task_specific_params"]
        assert kept["fill-mask"] == {"top_k": 3}
        assert kept["question-answering"]["top_k"] == 2
        assert kept["question-answering"]["handle_impossible_answer"] is False


class TestRows:
    def test_they_are_those_of_the_task(self) -> None:
        examples = questions(20, seed=3, facts=3)
        model = made(KIND, examples)
        encoded = KIND.encode(examples, tiny.TOKENIZER, model.config, tiny.LENGTH, training=False)
        task = QuestionAnswering(model, tiny.TOKENIZER, max_seq_len=tiny.LENGTH)
        asked = [{"question": one.question, "context": one.context} for one in examples]
        ready = task._encode(asked, task._bound(task.options))
        theirs = [row for one in ready for row in one.rows]  # pyrefly: ignore
        assert len(theirs) > len(examples)
        for row, other in zip(encoded.rows, theirs, strict=True):
            np.testing.assert_array_equal(row["input_ids"], other.ids)
            np.testing.assert_array_equal(row["token_type_ids"], other.segments)

    def test_answers_stand_where_their_characters_are(self) -> None:
        examples = questions(40, seed=4, impossible=0.3, facts=3)
        encoded = KIND.encode(examples, tiny.TOKENIZER, tiny.config(), tiny.LENGTH, training=True)
        rows = iter(encoded.rows)
        for example, question in zip(examples, encoded.questions, strict=True):
            shown = 0
            for _ in question.rows:
                row = next(rows)
                start, end = int(row["start_positions"]), int(row["end_positions"])
                tokens = tiny.TOKENIZER.decode(row["input_ids"][start : end + 1])
                if example.answers and start:
                    assert tokens == example.answers[0].text
                    shown += 1
                else:
                    assert (start, end, tokens) == (0, 0, "[CLS]")
            assert bool(shown) == bool(example.answers)

    def test_an_answer_that_a_window_cuts_is_not_in_it(self) -> None:
        context = "the old dog and the young cat and the grey horse slept near the wide river in the dark forest"
        start = context.index("the grey horse slept near")
        example = QuestionExample("1", "Who?", context, (Span("the grey horse slept near", start),), None, "line 1")
        encoded = encode_questions([example], tiny.TOKENIZER, Windows(16, 6, 8), align_to_words=False)
        [question] = encoded.questions
        answer = range(8, 13)  # each word is a token
        for row, window in zip(encoded.rows, question.windows, strict=True):
            whole = window.start <= answer.start and answer.stop <= window.stop
            expected = answer.start - window.start + question.first if whole else 0
            assert row["start_positions"] == expected
            assert row["end_positions"] == (expected + 4 if whole else 0)
        kinds = [bool(row["start_positions"]) for row in encoded.rows]
        assert True in kinds
        assert False in kinds

    def test_the_answer_that_most_gave_is_learnt(self) -> None:
        context = "the old dog slept"
        spans = (Span("dog", 8), Span("the old dog", 0), Span("old dog", 4), Span("the old dog", 0))
        [row] = encode_questions(
            [QuestionExample("1", "Who?", context, spans, None, "1")], tiny.TOKENIZER, Windows(16, 4, 8), False
        ).rows
        answer = row["input_ids"][row["start_positions"] : row["end_positions"] + 1]
        assert tiny.TOKENIZER.decode(answer) == "the old dog"

    @pytest.mark.parametrize(
        ("context", "answer", "covers"),
        [
            ("It cost $1990s.", "1990", "1990"),
            ("It was\n\n  Ada!", "Ada", "Ada"),
            ("In Zürich’s “old” town", "Zürich", "Zürich"),
            ("Rock'n'roll", "roll", "roll"),
            ("東京 is large", "東京", "東京"),
        ],
    )
    def test_tokens_cover_the_characters(self, context: str, answer: str, covers: str) -> None:
        example = QuestionExample("1", "What?", context, (Span(answer, context.index(answer)),), None, "line 1")
        encoded = encode_questions([example], tiny.TOKENIZER, Windows(48, 4, 8), align_to_words=False)
        [row], [question] = encoded.rows, encoded.questions
        first, last = (int(row[name]) - question.first for name in ("start_positions", "end_positions"))
        found = question.context.text[question.context.starts[first] : question.context.ends[last]]
        assert covers in found
        assert len(found) <= len(covers) + 3  # the piece that a character shares with its neighbours

    def test_long_questions_are_cut_and_counted(self) -> None:
        example = QuestionExample("1", "where " * 30, "the dog", (Span("dog", 4),), None, "line 1")
        encoded = encode_questions([example], tiny.TOKENIZER, Windows(16, 4, 6), align_to_words=False)
        assert isinstance(encoded, EncodedQuestions)
        assert encoded.truncated == 1
        assert len(encoded.rows[0]["input_ids"]) == 3 + 6 + 2


def test_the_loss_is_that_of_both_ends_and_knows_no_padding() -> None:
    examples = questions(3, seed=8)
    model = made(KIND, examples)
    objective, encoded = KIND.objective(model.module), tiny.encode(KIND, examples, model.config)
    batch: Any = jax.tree.map(jnp.asarray, dict(KIND.batches(encoded, tiny.TOKENIZER, 16, 64, 0).batch(0)))
    padded = {name: jnp.pad(array, ((0, 0), (0, 7))) if array.ndim == 2 else array for name, array in batch.items()}
    losses = []

    @jax.jit
    def alone(params: Any, ids: Any, segments: Any) -> Any:
        return model.module.apply({"params": params}, ids, token_type_ids=segments)

    for row in encoded.rows:
        outputs = alone(model.params, jnp.asarray(row["input_ids"])[None], jnp.asarray(row["token_type_ids"])[None])
        for logits, name in ((outputs.start_logits, "start_positions"), (outputs.end_logits, "end_positions")):
            losses.append(optax.softmax_cross_entropy_with_integer_labels(logits[0], int(row[name])))
    for some in (batch, padded):
        loss = objective.loss(model.params, some, objective.weights(some))[0]
        assert float(loss) == pytest.approx(float(np.mean(losses)), abs=SMALL)


class TestRefusals:
    def test_an_answer_must_stand_at_its_place(self) -> None:
        example = QuestionExample("1", "Who?", "the dog", (Span("cat", 4),), None, "line 3 of a.json")
        with pytest.raises(ValueError, match=r"^line 3 of a\.json has the answer 'cat', which does not stand at char"):
            KIND.settings([example], tiny.config())

    def test_an_answer_needs_tokens(self) -> None:
        example = QuestionExample("1", "Who?", "the \u0301 dog", (Span("\u0301", 4),), None, "line 3 of a.json")
        with pytest.raises(ValueError, match=r"^line 3 of a\.json has the answer .* finds no words in\.$"):
            tiny.encode(KIND, [example], tiny.config())

    def test_a_question_must_leave_room(self) -> None:
        example = QuestionExample("1", "where " * 30, "the dog " * 20, (Span("dog", 4),), None, "line 3")
        with pytest.raises(ValueError, match=r"^line 3 has a 'question' of 20 tokens, which leaves windows of "):
            tiny.encode(Answer(max_question_len=20), [example], tiny.config())

    @pytest.mark.parametrize("name", ["max_question_len", "max_answer_len"])
    def test_numbers_have_a_range(self, name: str) -> None:
        with pytest.raises(ValueError, match=name):
            dataclasses.replace(KIND, **dict[str, Any]({name: 0}))
        with pytest.raises(ValueError, match="doc_stride"):
            Answer(doc_stride=-1)
        with pytest.raises(ValueError, match="no_answer_threshold"):
            Answer(no_answer_threshold=float("nan"))

    def test_a_slow_tokenizer_is_refused(self) -> None:
        slow = AutoTokenizer.from_pretrained("albert-mini-en", use_fast=False)
        with pytest.raises(ValueError, match="fast tokenizer"):
            encode_questions(questions(1, 0), slow, Windows(16, 4, 8), False)


class TestTask:
    """What the task of question answering does with what a model keeps."""

    def test_options_of_the_model_take_the_place_of_the_usual_ones(self) -> None:
        kept = {"question-answering": {"max_answer_len": 3, "no_such": 1}, "fill-mask": {"top_k": 2}}
        model = KIND.model_class(tiny.config(task_specific_params=kept), seed=0)
        assert QuestionAnswering(model, tiny.TOKENIZER).options.max_answer_len == 3
        assert QuestionAnswering(model, tiny.TOKENIZER, max_answer_len=7).options.max_answer_len == 7
        assert QuestionAnswering(model, tiny.TOKENIZER).options.top_k == 1

    def test_the_threshold_says_when_there_is_none(self) -> None:
        model = KIND.model_class(tiny.config(), seed=0)
        task = QuestionAnswering(model, tiny.TOKENIZER, handle_impossible_answer=True)
        asked = {"question": "Who?", "context": "the old dog slept"}
        answers = task(asked, top_k=50)
        [none] = [one for one in answers if not one["answer"]]
        best = max(one["score"] for one in answers if one["answer"])
        edge = float(np.log(none["score"]) - np.log(best))
        for threshold, is_none in ((edge - 0.01, True), (edge + 0.01, False), (-1e9, True), (1e9, False)):
            assert (task(asked, no_answer_threshold=threshold)["answer"] == "") is is_none
        assert task(asked, top_k=50, no_answer_threshold=0.0) == answers
        with pytest.raises(ValueError, match="no_answer_threshold must be a finite number"):
            task(asked, no_answer_threshold=float("inf"))
        with pytest.raises(InputError):
            task({"question": "", "context": "x"})
