"""The loss of pretraining is that of the documented model's logits; what is held out is measured as numpy does."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import log_softmax

from flax_albert import FlaxAlbertForPreTraining
from flax_albert.data.batches import Batch
from flax_albert.data.pretraining import PretrainingBatches, PretrainingOptions
from flax_albert.pretrained import ParameterTree
from flax_albert.training.objective import DeviceBatch
from flax_albert.training.pretraining.baselines import majority, unigram
from flax_albert.training.pretraining.held_out import HeldOutEvaluator
from flax_albert.training.pretraining.objective import PretrainingObjective
from tests.data.pretraining.texts import numbered, random_lengths
from tests.tolerances import GRADIENT, SMALL
from tests.training.pretraining.small import config


def _made() -> tuple[FlaxAlbertForPreTraining, PretrainingBatches]:
    text = numbered(random_lengths(6, 9))
    model = FlaxAlbertForPreTraining(config(text.vocabulary, initializer_range=0.3), seed=3)
    options = PretrainingOptions(length=32, max_predictions=8)
    return model, PretrainingBatches(text, options, 4, most=7)  # the last row is not valid


def _there(batch: Batch) -> DeviceBatch:
    return {name: jnp.asarray(array) for name, array in batch.items()}


def _expected(model: FlaxAlbertForPreTraining, batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Losses of words and of orders, and the words' logits, from the documented call."""
    outputs = model(batch["input_ids"], batch["attention_mask"], batch["token_type_ids"])
    row = np.arange(len(batch["valid"]))[:, None]
    logits = np.asarray(outputs.prediction_logits, np.float64)[row, batch["masked_positions"]]
    words = -np.take_along_axis(log_softmax(logits, -1), batch["masked_labels"][..., None], -1)[..., 0]
    orders = -log_softmax(np.asarray(outputs.sop_logits, np.float64), -1)[row[:, 0], batch["sentence_order"]]
    return words, orders, logits


def test_the_loss_is_the_mean_over_words_plus_the_mean_over_rows() -> None:
    model, made = _made()
    objective = PretrainingObjective(model.module)
    for number in (0, made.per_epoch - 1):  # the last one has rows that are not valid
        batch = made.batch(number)
        words, orders, _ = _expected(model, batch)
        loss, terms = objective.loss(model.params, _there(batch), objective.weights(_there(batch)))
        masked = batch["masked_weights"] > 0
        assert abs(terms["masked_lm"] - words[masked].mean()) < SMALL * words[masked].mean()
        assert abs(terms["sentence_order"] - orders[batch["valid"]].mean()) < SMALL
        assert abs(loss - terms["masked_lm"] - terms["sentence_order"]) < SMALL
    assert not made.batch(made.per_epoch - 1)["valid"].all()


@pytest.mark.slow
def test_parts_of_a_batch_have_the_gradient_of_the_whole() -> None:
    model, made = _made()
    objective = PretrainingObjective(model.module)
    weights = objective.weights(_there(made.batch(0)))

    gradient_of = jax.jit(jax.grad(lambda params, batch: objective.loss(params, batch, weights)[0]))

    def gradient(batch: Batch) -> ParameterTree:
        return gradient_of(model.params, _there(batch))

    whole = gradient(made.batch(0))
    parts = jax.tree.map(lambda a, b: a + b, gradient(made.batch(0, slice(0, 1))), gradient(made.batch(0, slice(1, 4))))
    largest = max(float(abs(leaf).max()) for leaf in jax.tree.leaves(whole))
    for one, two in zip(jax.tree.leaves(whole), jax.tree.leaves(parts), strict=True):
        assert abs(one - two).max() < GRADIENT * largest
    assert largest > 0


def test_what_a_row_that_is_not_valid_holds_changes_nothing() -> None:
    model, made = _made()
    objective = PretrainingObjective(model.module)
    batch = dict(made.batch(made.per_epoch - 1))
    other = {**batch, "input_ids": np.where(batch["valid"][:, None], batch["input_ids"], 9)}
    losses = [objective.loss(model.params, _there(each), objective.weights(_there(each)))[0] for each in (batch, other)]
    assert losses[0] == losses[1]


def test_held_out_figures_and_baselines() -> None:
    model, made = _made()
    counts = made.corpus.counts() + np.arange(made.corpus.vocabulary.size)
    evaluator = HeldOutEvaluator(model.module, made, counts)
    all_ = [made.batch(number) for number in range(made.per_epoch)]
    outputs = jax.jit(evaluator.outputs)
    found = evaluator.evaluate(
        (batch, jax.tree.map(np.asarray, dict(outputs(model.params, _there(batch))))) for batch in all_
    )
    expected = [_expected(model, batch) for batch in all_]
    masked = [batch["masked_weights"] > 0 for batch in all_]
    words = np.concatenate([each[0][mask] for each, mask in zip(expected, masked, strict=True)])
    orders = np.concatenate([each[1][batch["valid"]] for each, batch in zip(expected, all_, strict=True)])
    logits = np.concatenate([each[2][mask] for each, mask in zip(expected, masked, strict=True)])
    labels = np.concatenate([batch["masked_labels"][mask] for batch, mask in zip(all_, masked, strict=True)])
    best = np.argsort(-logits, axis=-1)
    metrics = found.metrics
    assert abs(metrics["masked_lm_loss"] - words.mean()) < SMALL * words.mean()
    assert metrics["masked_lm_accuracy"] == (best[:, 0] == labels).mean()
    assert metrics["masked_lm_top5"] == (best[:, :5] == labels[:, None]).any(-1).mean()
    assert abs(metrics["sentence_order_loss"] - orders.mean()) < SMALL
    assert metrics["sentence_order_accuracy"] == (orders < np.log(2)).mean()
    assert abs(metrics["loss"] - words.mean() - orders.mean()) < SMALL * words.mean()
    assert found.baselines["masked_lm_top5"] == np.isin(labels, np.argsort(-counts)[:5]).mean()
    assert found.confusion is not None
    assert found.confusion.counts.sum() == made.rows
    assert 0 < len(found.samples) <= 12


def test_the_unigram_baseline_is_the_cross_entropy_of_the_frequencies() -> None:
    found = unigram(np.array([0, 0, 5, 2, 1]), np.array([2, 2, 3, 0]))
    assert abs(found["loss"] + np.log(np.array([6, 6, 3, 1]) / 13).mean()) < 1e-12
    assert found["accuracy"] == 0.5


def test_no_constant_guess_is_better_than_the_majority() -> None:
    labels = np.array([1, 1, 0, 1])
    found = majority(labels)
    assert found["accuracy"] == 0.75
    for share in np.linspace(0.01, 0.99, 99):
        assert found["loss"] <= -np.log(np.where(labels == 1, share, 1 - share)).mean() + 1e-12
    assert majority(np.zeros(3, int)) == {"loss": 0, "accuracy": 1}
