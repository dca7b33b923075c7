"""Metrics of answers in a text, as SQuAD's own programs define them, in percent."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

Version = Literal["1.1", "2.0"]
"""Whose definitions; those of 2.0 know questions without an answer."""

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


class AnswerScore(NamedTuple):
    """How good an answer is, from 0 to 1."""

    exact: float
    """Whether it is a right one."""
    f1: float
    """Harmonic mean of precision and recall of its words."""


class BestThreshold(NamedTuple):
    """The threshold from which on questions had better get no answer."""

    score: float
    """What it comes to, in percent."""
    threshold: float
    """The largest null score with which a question still gets its answer."""
    halfway: float
    """A threshold that does the same, and leaves room for rounding: half-way to the next null score."""


def normalized(text: str) -> str:
    """An answer as it is compared: in lower case, without punctuation and articles, words a space apart.

    Args:
        text: The answer.

    Returns:
        It.

    Example:
        >>> from flax_albert.training.metrics.squad import normalized
        >>> normalized("The  Eiffel Tower, (Paris)")
        'eiffel tower paris'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def answer_score(predicted: str, answers: Sequence[str], version: Version = "2.0") -> AnswerScore:
    """Compares an answer with the right ones.

    Args:
        predicted: The answer; ``""`` is none.
        answers: The right answers, of which the most similar counts; none where there is no answer.
        version: In 1.1, an answer of which nothing stays when it is normalized has an F1 of 0; in 2.0 it stands for no
            answer.

    Returns:
        Its score.

    Raises:
        ValueError: There is no right answer in version 1.1.

    Example:
        >>> from flax_albert.training.metrics.squad import answer_score
        >>> answer_score("the old sea", ["sea", "old seas"])
        AnswerScore(exact=0.0, f1=0.6666666666666666)
        >>> answer_score("", [])
        AnswerScore(exact=1.0, f1=1.0)
    """
    right = [normalized(answer) for answer in answers]
    if version == "2.0":
        right = [answer for answer in right if answer] or [""]
    elif not right:
        raise ValueError("In SQuAD 1.1 every question has an answer.")
    said = normalized(predicted)
    f1 = max(_f1(said.split(), answer.split(), version) for answer in right)
    return AnswerScore(float(said in right), f1)


def _f1(said: list[str], right: list[str], version: Version) -> float:
    if version == "2.0" and not (said and right):
        return float(said == right)
    common = (Counter(said) & Counter(right)).total()
    if not common:
        return 0.0
    precision, recall = common / len(said), common / len(right)
    return 2 * precision * recall / (precision + recall)


def best_threshold(
    scores: Float[np.ndarray, " questions"],
    null_scores: Float[np.ndarray, " questions"],
    answerable: Bool[np.ndarray, " questions"],
    answered: Bool[np.ndarray, " questions"],
) -> BestThreshold:
    """Finds the best threshold: questions with a larger null score get no answer.

    Args:
        scores: How good the answer to each question is, from 0 to 1, exact or F1.
        null_scores: How sure it is that there is none: the larger the surer.
        answerable: Which questions have an answer.
        answered: Which were given one.

    Returns:
        The threshold and its score; 0, by the rule of SQuAD's program, where giving no answer to anything is best.

    Example:
        >>> import numpy as np
        >>> from flax_albert.training.metrics.squad import best_threshold
        >>> scores, answerable = np.array([1.0, 0.0, 1.0]), np.array([True, False, True])
        >>> best_threshold(scores, np.array([-3.0, 2.0, -1.0]), answerable, np.array([True, True, True]))
        BestThreshold(score=100.0, threshold=-1.0, halfway=0.5)
    """
    order = np.argsort(null_scores, kind="stable")
    # From no answers at all, one after the other gets its answer: that is right or wrong, instead of the other way.
    gains = np.where(answerable, scores, np.where(answered, -1.0, 0.0))[order]
    reached = np.cumsum(np.append(float(np.count_nonzero(~answerable)), gains))
    best = int(reached.argmax())
    threshold = float(null_scores[order[best - 1]]) if best else 0.0
    around = np.concatenate([null_scores[order[:1]] - 1, null_scores[order], null_scores[order[-1:]] + 1])
    halfway = float(around[best : best + 2].mean())
    return BestThreshold(100.0 * float(reached[best]) / len(scores), threshold, halfway)


@dataclass(frozen=True)
class Answers:
    """Answers to questions, and what is right.

    Attributes:
        predicted: The best answer to each question that is one.
        right: The right ones; none where there is no answer.
        null_scores: How sure it is that there is none; needed where there are such questions.

    Example:
        >>> import numpy as np
        >>> from flax_albert.training.metrics.squad import Answers
        >>> Answers(["in Rome", "1984"], [["Rome"], ["1984"]]).squad1()
        {'exact_match': 50.0, 'f1': 83.33333333333333}
        >>> answers = Answers(["Rome", "1984"], [["Rome"], []], np.array([-2.0, 1.0]))
        >>> figures = answers.squad2(threshold=0.0)
        >>> figures["f1"], figures["best_f1"], figures["best_f1_threshold"]
        (100.0, 100.0, -2.0)
    """

    predicted: Sequence[str]
    right: Sequence[Sequence[str]]
    null_scores: Float[np.ndarray, " questions"] | None = None

    def squad1(self) -> dict[str, float]:
        """The figures of SQuAD 1.1: ``exact_match`` and ``f1``."""
        exact, f1 = self._scores("1.1")
        return {"exact_match": _percent(exact), "f1": _percent(f1)}

    def squad2(self, threshold: float) -> dict[str, float]:
        """The figures of SQuAD 2.0.

        Args:
            threshold: The largest null score with which a question gets its answer.

        Returns:
            ``exact_match`` and ``f1``, the same of the questions that have an answer and of those that have none, and
            the best that a threshold could make of both, with that threshold.

        Raises:
            ValueError: There are no null scores.
        """
        null_scores = self._null_scores()
        raw = self._scores("2.0")
        answerable = self._answerable
        none = null_scores > threshold
        exact, f1 = (np.where(none, ~answerable, scores) for scores in raw)
        figures = {"exact_match": _percent(exact), "f1": _percent(f1)}
        for name, chosen in (("has_answer", answerable), ("no_answer", ~answerable)):
            if chosen.any():
                figures |= {f"{name}_exact_match": _percent(exact[chosen]), f"{name}_f1": _percent(f1[chosen])}
        for name, scores in zip(("exact_match", "f1"), raw, strict=True):
            best = self._best(scores, null_scores)
            figures |= {f"best_{name}": best.score, f"best_{name}_threshold": best.threshold}
        return figures

    def best_threshold(self) -> float:
        """The threshold with the best F1, half-way between two null scores.

        Raises:
            ValueError: There are no null scores.
        """
        return self._best(self._scores("2.0")[1], self._null_scores()).halfway

    def _best(self, scores: np.ndarray, null_scores: np.ndarray) -> BestThreshold:
        answered = np.array([bool(answer) for answer in self.predicted])
        return best_threshold(scores, null_scores, self._answerable, answered)

    @property
    def _answerable(self) -> np.ndarray:
        return np.array([bool(answers) for answers in self.right])

    def _null_scores(self) -> np.ndarray:
        if self.null_scores is None:
            raise ValueError("Figures of SQuAD 2.0 need the null score of every question.")
        return self.null_scores

    def _scores(self, version: Version) -> tuple[np.ndarray, np.ndarray]:
        pairs = zip(self.predicted, self.right, strict=True)
        scores = [answer_score(predicted, answers, version) for predicted, answers in pairs]
        exact, f1 = np.array(scores, np.float64).reshape(-1, 2).T
        return exact, f1


def _percent(scores: np.ndarray) -> float:
    return 100.0 * float(scores.mean())
