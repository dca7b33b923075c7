"""SQuAD's figures: by its definitions worked out by hand, and against the metrics of transformers."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flax_albert.training.metrics.squad import Answers, answer_score, best_threshold, normalized

CHECKER = Path(__file__).parents[2] / "reference" / "squad.py"


@pytest.mark.parametrize(
    ("text", "as_compared"),
    [
        ("The cat", "cat"),
        ("an apple, a pear", "apple pear"),
        ("U.S.A.", "usa"),
        ("  two\t words\n", "two words"),
        ("theatre", "theatre"),
        ("the-a", "thea"),
        ("l’été", "l’été"),
        ("a", ""),
        ("«The» end", "« » end"),
        ("«The end»", "« end»"),
    ],
)
def test_answers_are_normalized(text: str, as_compared: str) -> None:
    assert normalized(text) == as_compared


def test_the_most_similar_answer_counts() -> None:
    assert answer_score("Denver Broncos", ["Broncos", "the Denver Broncos!"]) == (1.0, 1.0)
    score = answer_score("blue blue sky", ["blue sky", "sea"])
    assert score.exact == 0.0
    assert score.f1 == pytest.approx(2 * (2 / 3) * 1 / (2 / 3 + 1))


def test_versions_differ_in_answers_of_which_nothing_stays() -> None:
    assert answer_score("the", ["a"], "1.1") == (1.0, 0.0)
    assert answer_score("the", ["a"], "2.0") == (1.0, 1.0)
    assert answer_score("the cat", ["the", "cat"], "2.0") == (1.0, 1.0)
    assert answer_score("", ["the", "cat"], "2.0") == (0.0, 0.0)
    with pytest.raises(ValueError, match="every question has an answer"):
        answer_score("x", [], "1.1")


def test_figures_of_questions_without_answers() -> None:
    # Two with an answer: one right, one half right. Two without: one surely none, one that seems to have one.
    answers = Answers(["Rome", "old Rome", "1984", "Paris"], [["Rome"], ["Rome"], [], []], np.array([-5.0, 0.5, 9, -2]))
    figures = answers.squad2(threshold=1.0)
    f1 = 2 * (1 / 2) * 1 / (1 / 2 + 1)
    assert figures["exact_match"] == 50.0
    assert figures["f1"] == pytest.approx(100 * (1 + f1 + 1 + 0) / 4)
    assert figures["has_answer_exact_match"] == 50.0
    assert figures["no_answer_f1"] == 50.0
    assert (figures["best_exact_match"], figures["best_exact_match_threshold"]) == (75.0, -5.0)
    assert figures["best_f1"] == pytest.approx(75.0)  # giving the second question its answer costs the fourth


def test_a_threshold_is_the_best_there_is() -> None:
    draw = np.random.default_rng(0)
    for _ in range(50):
        count = int(draw.integers(1, 30))
        scores, answerable = draw.random(count), draw.random(count) < 0.6
        scores[~answerable] = 0.0
        null = draw.normal(size=count)
        answered = np.ones(count, bool)
        best = best_threshold(scores, null, answerable, answered)
        by_threshold = [
            100 * np.where(null > threshold, ~answerable, scores).mean() for threshold in [-np.inf, *null.tolist()]
        ]
        assert best.score == pytest.approx(max(by_threshold))
        if best.threshold in null:  # not where no answer at all is best, whose threshold is 0 by the program's rule
            assert 100 * np.where(null > best.threshold, ~answerable, scores).mean() == pytest.approx(best.score)


def test_null_scores_are_needed_where_there_may_be_no_answer() -> None:
    with pytest.raises(ValueError, match="null score"):
        Answers(["x"], [[]]).squad2(0.0)


def cases(shared_data: Path, seed: int, name: str) -> list[dict[str, Any]]:
    """Real questions with answers as a model might give them: right, cut, longer, from elsewhere, dressed up, none."""
    draw = random.Random(seed)
    made = []
    for article in json.loads((shared_data / "tasks/qa" / name).read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            words = paragraph["context"].split(" ")
            for question in paragraph["qas"]:
                right = [answer["text"] for answer in question["answers"]]
                begin = draw.randrange(len(words))
                elsewhere = " ".join(words[begin : begin + draw.randrange(1, 6)])
                best = draw.choice(right) if right else elsewhere
                predicted = draw.choice(
                    [best, best, elsewhere, f"The {best}.", best.split(" ")[0], f"{best} {elsewhere}", best.upper(), ""]
                )
                null = draw.gauss(-1 if right else 1, 1.5)
                made.append({"right": right, "predicted": predicted, "null": round(null, draw.choice([0, 1, 6]))})
    return made


@pytest.mark.slow
def test_figures_are_those_of_transformers(shared_data: Path, tmp_path: Path) -> None:
    python = os.environ.get("FLAX_ALBERT_TORCH_457")
    if not python:
        pytest.skip("FLAX_ALBERT_TORCH_457 does not name the Python of an environment with transformers 4.57")
    sets = [cases(shared_data, seed, "squad2-dev.json") for seed in range(3)]
    sets.append(cases(shared_data, 3, "squad1-style.json"))
    sets += [sets[0][begin : begin + size] for begin, size in ((0, 1), (50, 7), (900, 40))]
    thresholds = [0.0, -1.3, 1.0, 0.4, 2.0, -3.0, 0.1]
    (tmp_path / "cases.json").write_text(json.dumps(list(zip(sets, thresholds, strict=True))), encoding="utf-8")
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore", "TRANSFORMERS_VERBOSITY": "error"}
    subprocess.run([python, CHECKER, tmp_path / "cases.json", tmp_path / "out.json"], check=True, env=quiet)
    expected = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert sum(map(len, sets)) > 15_000
    for some, threshold, theirs in zip(sets, thresholds, expected, strict=True):
        answers = Answers(
            [one["predicted"] for one in some], [one["right"] for one in some], np.array([one["null"] for one in some])
        )
        ours = answers.squad2(threshold)
        assert ours.keys() == theirs.keys()
        for name, figure in theirs.items():  # thresholds are figures of the list itself
            assert ours[name] == (figure if name.endswith("threshold") else pytest.approx(figure, abs=1e-9)), name
