"""How well held-out text is predicted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, final

import jax.numpy as jnp
import numpy as np
from flax import linen as nn

from flax_albert.data.batches import Batch, Batches
from flax_albert.data.pretraining import PretrainingBatches
from flax_albert.data.vocabulary import Vocabulary
from flax_albert.pretrained import ParameterTree
from flax_albert.training.evaluator import Confusion, Evaluation, Evaluator, Sample
from flax_albert.training.objective import DeviceBatch
from flax_albert.training.pretraining.baselines import TOP, majority, unigram
from flax_albert.training.pretraining.objective import PretrainingObjective, cross_entropy

_SAMPLES = 12
_AROUND = 12
"""Pieces of text on either side of a sample's."""


@final
class HeldOutEvaluator(Evaluator):
    """Loss and accuracy of both objectives on held-out text, always on the same masks.

    Args:
        module: What the model computes, without dropout.
        batches: Held-out rows; one epoch of them is measured on.
        counts: How often each piece occurs in the training text, ``[vocabulary]``, for the unigram baseline.
        name: What tables call them.
    """

    decisive = "loss"
    larger_is_better = False

    def __init__(
        self, module: nn.Module, batches: PretrainingBatches, counts: np.ndarray, name: str = "held-out"
    ) -> None:
        self.name = name
        self._objective = PretrainingObjective(module)
        self._batches = batches
        self._counts = counts

    @property
    def batches(self) -> Batches:
        """Held-out rows."""
        return self._batches

    def outputs(self, params: ParameterTree, batch: DeviceBatch) -> Mapping[str, Any]:
        """Losses, the rank of every right piece, and the best guess in its place."""
        outputs = self._objective.outputs(params, batch)
        logits, labels = outputs.prediction_logits.astype(jnp.float32), batch["masked_labels"]
        right = jnp.take_along_axis(logits, labels[..., None], axis=-1)
        return {
            "word_loss": cross_entropy(logits, labels),
            "word_rank": (logits > right).sum(axis=-1),
            "word_guess": logits.argmax(axis=-1),
            "order_loss": cross_entropy(outputs.sop_logits, batch["sentence_order"]),
            "order_guess": outputs.sop_logits.argmax(axis=-1),
        }

    def evaluate(self, computed: Iterable[tuple[Batch, Mapping[str, np.ndarray]]]) -> Evaluation:
        """Measures."""
        words: dict[str, list[np.ndarray]] = {"loss": [], "rank": [], "label": []}
        orders: dict[str, list[np.ndarray]] = {"loss": [], "guess": [], "label": []}
        samples: list[Sample] = []
        for batch, found in computed:
            valid, masked = batch["valid"], batch["masked_weights"] > 0
            for name, array in (("loss", "word_loss"), ("rank", "word_rank")):
                words[name].append(np.asarray(found[array])[masked])
            words["label"].append(batch["masked_labels"][masked])
            for name, array in (("loss", "order_loss"), ("guess", "order_guess")):
                orders[name].append(np.asarray(found[array])[valid])
            orders["label"].append(batch["sentence_order"][valid])
            if len(samples) < _SAMPLES:
                samples += self._samples(batch, np.asarray(found["word_guess"]), masked)
        word = {name: np.concatenate(arrays) for name, arrays in words.items()}
        order = {name: np.concatenate(arrays) for name, arrays in orders.items()}
        figures = {"loss": word["loss"], "accuracy": word["rank"] < 1, "top5": word["rank"] < TOP}
        model = {name: float(values.mean(dtype=np.float64)) for name, values in figures.items()}
        right = order["guess"] == order["label"]
        model_order = {"loss": float(order["loss"].mean(dtype=np.float64)), "accuracy": float(right.mean())}
        counts = np.zeros((2, 2), np.int64)
        np.add.at(counts, (order["label"], order["guess"]), 1)
        return Evaluation(
            metrics=_named(model, model_order),
            baselines=_named(unigram(self._counts, word["label"]), majority(order["label"])),
            confusion=Confusion(("in order", "swapped"), counts),
            samples=sorted(samples[:_SAMPLES], key=lambda sample: sample.right),
        )

    def _samples(self, batch: Batch, guesses: np.ndarray, masked: np.ndarray) -> Iterator[Sample]:
        """The first masked piece of every row, in its surroundings."""
        vocabulary = self._batches.corpus.vocabulary
        for row in np.flatnonzero(masked.any(axis=1)):
            position = int(batch["masked_positions"][row, 0])
            ids = batch["input_ids"][row]
            end = min(position + _AROUND + 1, int(batch["attention_mask"][row].sum()))
            expected, guess = int(batch["masked_labels"][row, 0]), int(guesses[row, 0])
            yield Sample(
                text=_text(vocabulary, ids[max(position - _AROUND, 0) : end]),
                expected=vocabulary.pieces[expected],
                predicted=vocabulary.pieces[guess] if guess < vocabulary.size else f"<{guess}>",
                right=expected == guess,
            )


def _named(words: Mapping[str, float], order: Mapping[str, float]) -> dict[str, float]:
    return {
        "loss": words["loss"] + order["loss"],
        **{f"masked_lm_{name}": value for name, value in words.items()},
        **{f"sentence_order_{name}": value for name, value in order.items()},
    }


def _text(vocabulary: Vocabulary, ids: np.ndarray) -> str:
    pieces = [vocabulary.pieces[one] for one in ids.tolist()]
    special = set(vocabulary.special.tolist())
    spaced = (f" {piece} " if one in special else piece for one, piece in zip(ids.tolist(), pieces, strict=True))
    return " ".join("".join(spaced).replace("▁", " ").split())
