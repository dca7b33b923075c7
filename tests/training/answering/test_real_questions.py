"""Real questions: what a fine-tuning measures is what the directory that it writes answers, and where answers stand."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from flax_albert import AutoTokenizer
from flax_albert.data.examples import QuestionExample
from flax_albert.data.readers import read_questions
from flax_albert.tasks import QuestionAnswering
from flax_albert.training.answering.answer import Answer
from flax_albert.training.answering.questions import Windows, encode_questions
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.fitting import fit
from flax_albert.training.metrics.squad import Answers, answer_score
from flax_albert.training.settings import OptimizerSettings

pytestmark = pytest.mark.slow


def real(shared_data: Path, name: str) -> list[QuestionExample]:
    return list(read_questions(shared_data / "tasks/qa" / name))


@pytest.mark.parametrize("name", ["squad1-style.json", "qamr-dev.squad.json"])
def test_answers_stand_at_their_tokens(name: str, shared_data: Path) -> None:
    """Of the windows' labels, put back into text, at least 99.9% are the answers that were given."""
    examples = real(shared_data, name)
    tokenizer = AutoTokenizer.from_pretrained(str(shared_data / "tokenizer"))
    encoded = encode_questions(examples, tokenizer, Windows(384, 128, 64), align_to_words=False)
    rows, right = iter(encoded.rows), 0
    for example, question in zip(examples, encoded.questions, strict=True):
        shown = set()
        for window in question.windows:
            row = next(rows)
            if row["start_positions"]:
                shift = window.start - question.first
                first, last = int(row["start_positions"]) + shift, int(row["end_positions"]) + shift
                shown.add(example.context[question.context.starts[first] : question.context.ends[last]])
        assert shown, example.where  # every answer stands in a window as a whole
        right += all(answer_score(one, [answer.text for answer in example.answers], "1.1").exact for one in shown)
    assert right / len(examples) > 0.999


@pytest.mark.parametrize("name", ["squad1-style.json", "squad2-dev.json"])
def test_the_directory_answers_what_was_measured(name: str, shared_data: Path, tmp_path: Path) -> None:
    examples = real(shared_data, name)
    held_out = list(itertools.islice(examples, 0, len(examples), 60))
    fitted = fit(
        Answer(),
        model="albert-mini-en",
        train=examples[1:400],
        evaluation=held_out,
        output=tmp_path / "out",
        settings=FineTuningSettings(
            steps=8,
            devices=1,
            batch_size=8,
            max_length=128,
            optimizer=OptimizerSettings(name="optax.adam", learning_rate=1e-3, weight_decay=0.0),
        ),
    )
    metrics = fitted.evaluations["dev"].metrics
    task = QuestionAnswering.from_pretrained(str(tmp_path / "out"))
    said = [one["answer"] for one in task([{"question": one.question, "context": one.context} for one in held_out])]
    right = [[answer.text for answer in one.answers] for one in held_out]
    if name == "squad1-style.json":
        assert {one: metrics[one] for one in ("exact_match", "f1")} == pytest.approx(Answers(said, right).squad1())
        return
    scores = [answer_score(one, answers) for one, answers in zip(said, right, strict=True)]
    assert metrics["exact_match"] == pytest.approx(100 * sum(score.exact for score in scores) / len(scores))
    assert metrics["f1"] == pytest.approx(100 * sum(score.f1 for score in scores) / len(scores))
    assert metrics["f1"] == pytest.approx(metrics["best_f1"])
