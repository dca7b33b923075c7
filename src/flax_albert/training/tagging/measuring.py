"""Measuring tags: what the task of token classification says of each word, against what is right."""

from __future__ import annotations

import abc
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast, final

import jax
import jax.numpy as jnp
import numpy as np

from flax_albert.data.batches import Batches
from flax_albert.data.examples import TaggedExample
from flax_albert.pretrained import ParameterTree
from flax_albert.training.evaluator import Confusion, Evaluation, Evaluator, Sample
from flax_albert.training.finetuning.kind import Computed, HeldOut
from flax_albert.training.finetuning.samples import picked
from flax_albert.training.metrics import LABEL_METRICS
from flax_albert.training.metrics.entities import Scheme, entities, entity_scores
from flax_albert.training.objective import DeviceBatch
from flax_albert.training.tagging.entropy import TagEntropy
from flax_albert.training.tagging.sentences import EncodedSentences
from flax_albert.training.tagging.written import tags_of

_OUTSIDE = "O"
_UNKNOWN = "(none)"
"""What a word is said to be that has no tokens, where there is no tag ``O``."""
_SHOWN = 600
"""Characters of a sentence that a report shows."""


@dataclass(frozen=True)
class Tagged:
    """What is right about held-out sentences, and what the model says.

    Attributes:
        true: The tags of each sentence.
        predicted: Those that are predicted.
        sure: How probable the predicted tags of a sentence are, on average.
    """

    true: Sequence[Sequence[str]]
    predicted: Sequence[Sequence[str]]
    sure: np.ndarray

    def words(self) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """True and predicted tags of all words as numbers, and the tags that these stand for."""
        names = sorted({tag for side in (self.true, self.predicted) for sentence in side for tag in sentence})
        number = {name: place for place, name in enumerate(names)}
        true, predicted = (
            np.array([number[tag] for sentence in side for tag in sentence]) for side in (self.true, self.predicted)
        )
        return true, predicted, names


class TagEvaluator(Evaluator):
    """Held-out sentences.

    Args:
        held_out: They.
        objective: What is learnt.
    """

    def __init__(self, held_out: HeldOut[TaggedExample], objective: TagEntropy) -> None:
        self.name = held_out.name
        self.held_out = held_out
        self._objective = objective
        config = objective.module.config
        self._names = [config.id2label[number] for number in range(len(config.id2label))]
        self._true = list(tags_of(held_out.examples, self._names))
        self._places = cast(EncodedSentences, held_out.encoded).places

    @property
    def batches(self) -> Batches:
        """The sentences."""
        return self.held_out.batches

    def outputs(self, params: ParameterTree, batch: DeviceBatch) -> Mapping[str, Any]:
        """The likeliest tag of each token and how likely it is, and the loss of every row."""
        logits = self._objective.outputs(params, batch).logits.astype(jnp.float32)
        losses = self._objective.losses(logits, batch)
        return {"tags": logits.argmax(-1), "sure": jax.nn.softmax(logits).max(-1), "losses": losses}

    def evaluate(self, computed: Computed) -> Evaluation:
        """Measures."""
        outside = _OUTSIDE if _OUTSIDE in self._names else _UNKNOWN
        predicted = [[outside] * len(example.words) for example in self.held_out.examples]
        sure = [np.ones(len(example.words)) for example in self.held_out.examples]
        loss, count = 0.0, 0
        for row, found in self.held_out.each(computed):
            place = self._places[row]
            positions, words = place.positions[place.first], place.words[place.first]
            for word, tag in zip(words.tolist(), found["tags"][positions].tolist(), strict=True):
                predicted[place.sentence][word] = self._names[tag]
            sure[place.sentence][words] = found["sure"][positions]
            loss += float(found["losses"])
            count += int(self.held_out.encoded.rows[row]["labelled"].sum())
        tagged = Tagged(self._true, predicted, np.array([probabilities.mean() for probabilities in sure]))
        evaluation = self.measured(tagged)
        metrics = {"loss": loss / max(count, 1), **evaluation.metrics}
        return replace(evaluation, metrics=metrics, samples=self._samples(tagged))

    @abc.abstractmethod
    def measured(self, tagged: Tagged) -> Evaluation:
        """The figures but for the loss.

        Args:
            tagged: What was predicted.
        """

    @abc.abstractmethod
    def shown(self, words: Sequence[str], tags: Sequence[str], others: Sequence[str]) -> str:
        """Tags as a person would look at them.

        Args:
            words: The words of a sentence.
            tags: Their tags.
            others: The tags that they are held against.
        """

    def _samples(self, tagged: Tagged) -> list[Sample]:
        pairs = list(zip(tagged.true, tagged.predicted, strict=True))
        right = np.array([list(true) == list(predicted) for true, predicted in pairs])

        def sample(number: int) -> Sample:
            words, (true, predicted) = self.held_out.examples[number].words, pairs[number]
            expected, got = self.shown(words, true, predicted), self.shown(words, predicted, true)
            return Sample(_cut(" ".join(words)), _cut(expected), _cut(got), bool(right[number]))

        return picked(right, tagged.sure, sample)


@final
class EntityEvaluator(TagEvaluator):
    """Measures entities.

    Args:
        held_out: Sentences.
        objective: What is learnt.
        scheme: A scheme that the tags are to follow strictly.
    """

    decisive = "f1"

    def __init__(self, held_out: HeldOut[TaggedExample], objective: TagEntropy, scheme: Scheme | None) -> None:
        super().__init__(held_out, objective)
        self._scheme: Scheme | None = scheme

    def measured(self, tagged: Tagged) -> Evaluation:
        """F1, precision and recall of entities, F1 of each kind, and accuracy of tags."""
        scores = entity_scores(tagged.true, tagged.predicted, self._scheme)
        all_ = scores.overall
        true, predicted, _ = tagged.words()
        return Evaluation(
            {
                "f1": all_.f1,
                "precision": all_.precision,
                "recall": all_.recall,
                "accuracy": LABEL_METRICS["accuracy"](true, predicted),
                **{f"f1_{kind}": score.f1 for kind, score in scores.kinds.items()},
            },
            {"f1": 0.0, "accuracy": _most_frequent(true)},
            confusion=_confusion(tagged, _kind),
        )

    def shown(self, words: Sequence[str], tags: Sequence[str], others: Sequence[str]) -> str:
        """The entities."""
        found = [f"{' '.join(words[one.start : one.stop])} [{one.kind}]" for one in entities(tags, self._scheme)]
        return ", ".join(found) or _UNKNOWN


@final
class WordEvaluator(TagEvaluator):
    """Measures words."""

    decisive = "accuracy"

    def measured(self, tagged: Tagged) -> Evaluation:
        """Accuracy, and the mean of each tag's F1."""
        true, predicted, _ = tagged.words()
        names = ("accuracy", "f1_macro")
        return Evaluation(
            {name: LABEL_METRICS[name](true, predicted) for name in names},
            {"accuracy": _most_frequent(true)},
            confusion=_confusion(tagged, str),
        )

    def shown(self, words: Sequence[str], tags: Sequence[str], others: Sequence[str]) -> str:
        """The words whose tags differ; all of them, where none does."""
        differing = [place for place, tag in enumerate(tags) if tag != others[place]] or range(len(words))
        return " ".join(f"{words[place]}/{tags[place]}" for place in differing)


def _most_frequent(true: np.ndarray) -> float:
    """The accuracy of always the most frequent tag."""
    return float(np.bincount(true).max() / len(true))


def _kind(tag: str) -> str:
    """``PER`` for ``B-PER``."""
    return tag[2:] if tag[1:2] == "-" else tag


def _confusion(tagged: Tagged, name: Any) -> Confusion:
    counts: Counter[tuple[str, str]] = Counter()
    for true, predicted in zip(tagged.true, tagged.predicted, strict=True):
        counts.update((name(one), name(other)) for one, other in zip(true, predicted, strict=True))
    labels = sorted({label for pair in counts for label in pair})
    matrix = np.zeros((len(labels),) * 2, np.int64)
    for (one, other), count in counts.items():
        matrix[labels.index(one), labels.index(other)] = count
    return Confusion(labels, matrix)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
