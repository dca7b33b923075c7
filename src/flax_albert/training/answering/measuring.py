"""Measuring answers: those that the task of question answering finds, by SQuAD's definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast, final

import numpy as np
from jaxtyping import Float

from flax_albert.data.batches import Batches
from flax_albert.data.examples import QuestionExample
from flax_albert.pretrained import ParameterTree
from flax_albert.tasks.answering.windowed import Found, Logits, found_in, looked_at
from flax_albert.training.answering.entropy import AnswerEntropy
from flax_albert.training.answering.kept import kept
from flax_albert.training.answering.questions import EncodedQuestions
from flax_albert.training.evaluator import Evaluation, Evaluator, Sample
from flax_albert.training.finetuning.kind import Computed, HeldOut
from flax_albert.training.finetuning.samples import picked
from flax_albert.training.metrics.squad import Answers, Version, answer_score
from flax_albert.training.objective import DeviceBatch

_NONE = "(no answer)"
_AROUND = 250
"""Characters on each side of an answer that a report shows."""


@final
class AnswerEvaluator(Evaluator):
    """Held-out questions.

    Args:
        held_out: They.
        objective: What is learnt.
        options: The options of the task that the model keeps.
        threshold: How much surer the model must be that there is no answer; ``None`` chooses.
    """

    decisive = "f1"

    def __init__(
        self,
        held_out: HeldOut[QuestionExample],
        objective: AnswerEntropy,
        options: Mapping[str, Any],
        threshold: float | None,
    ) -> None:
        self.name = held_out.name
        self.held_out = held_out
        self._objective = objective
        self._options = options
        self._threshold = threshold
        self._encoded = cast(EncodedQuestions, held_out.encoded)
        self._right = [[answer.text for answer in example.answers] for example in held_out.examples]
        self._answerable = np.array([bool(answers) for answers in self._right])

    @property
    def batches(self) -> Batches:
        """The windows."""
        return self.held_out.batches

    def outputs(self, params: ParameterTree, batch: DeviceBatch) -> Mapping[str, Any]:
        """The scores of every token as the first and the last of an answer, and the loss of every row."""
        outputs = self._objective.outputs(params, batch)
        losses = self._objective.losses(outputs, batch)
        return {"start": outputs.start_logits, "end": outputs.end_logits, "losses": losses}

    def evaluate(self, computed: Computed) -> Evaluation:
        """Measures."""
        scores: list[tuple[Logits, Logits] | None] = [None] * len(self._encoded.rows)
        loss = 0.0
        for row, outputs in self.held_out.each(computed):
            length = len(self._encoded.rows[row]["input_ids"])
            scores[row] = (_numbers(outputs["start"][:length]), _numbers(outputs["end"][:length]))
            loss += float(outputs["losses"])
        found = self._found(cast(list[tuple[Logits, Logits]], scores))
        metrics = {"loss": loss / len(scores)}
        predicted = [_text(one, example) for one, example in zip(found, self.held_out.examples, strict=True)]
        null_scores = np.array([one.null_score for one in found])
        answers = Answers(predicted, self._right, null_scores)
        if not self._may_be_none:
            metrics |= answers.squad1()
            return Evaluation(metrics, samples=self._samples(found, predicted), settings=self._settings())
        threshold = self._threshold
        if threshold is None:
            threshold = answers.best_threshold() if not self._answerable.all() else 0.0
        metrics |= answers.squad2(threshold)
        predicted = ["" if null > threshold else text for null, text in zip(null_scores, predicted, strict=True)]
        none = 100.0 * float((~self._answerable).mean())
        return Evaluation(
            metrics,
            {"exact_match": none, "f1": none},
            samples=self._samples(found, predicted, "2.0"),
            settings=self._settings(handle_impossible_answer=True, no_answer_threshold=threshold),
        )

    @property
    def _may_be_none(self) -> bool:
        """Whether there may be no answer, as far as the examples say that were learnt from, or these."""
        return bool(self._options["handle_impossible_answer"]) or not self._answerable.all()

    def _found(self, scores: Sequence[tuple[Logits, Logits]]) -> list[Found]:
        rows, longest = iter(scores), self._options["max_answer_len"]
        most = looked_at(1, self._options["align_to_words"])
        return [found_in(one, [next(rows) for _ in one.rows], longest, most) for one in self._encoded.questions]

    def _settings(self, **chosen: Any) -> dict[str, Any]:
        windows = self._encoded.windows
        sizes = {} if windows is None else {"max_seq_len": windows.longest, "doc_stride": windows.overlap}
        return kept(self._objective.module.config, {**self._options, **sizes, **chosen})

    def _samples(self, found: Sequence[Found], predicted: Sequence[str], version: Version = "1.1") -> list[Sample]:
        pairs = zip(predicted, self._right, strict=True)
        right = np.array([answer_score(said, answers, version).exact > 0 for said, answers in pairs])
        best = zip(found, predicted, strict=True)
        sure = np.array([one.none if not said or not one.spans else one.spans[0].score for one, said in best])

        def sample(number: int) -> Sample:
            example, said = self.held_out.examples[number], predicted[number]
            places = [answer.start for answer in example.answers] or [span.start for span in found[number].spans]
            expected = " / ".join(dict.fromkeys(self._right[number])) or _NONE
            text = f"{example.question}\n{_around(example.context, places[0] if places else 0)}"
            return Sample(text, expected, said or _NONE, bool(right[number]))

        return picked(right, sure, sample)


def _numbers(logits: Float[np.ndarray, " seq"]) -> Logits:
    """Scores in float32; what is no number says nothing."""
    return np.nan_to_num(logits.astype(np.float32))


def _text(found: Found, example: QuestionExample) -> str:
    return example.context[found.spans[0].start : found.spans[0].end] if found.spans else ""


def _around(context: str, place: int) -> str:
    start, stop = max(place - _AROUND, 0), place + _AROUND
    return f"{'…' if start else ''}{context[start:stop]}{'…' if stop < len(context) else ''}"
