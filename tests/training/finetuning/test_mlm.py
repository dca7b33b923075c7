"""Hidden words: drawn as they should be, learnt and measured."""

from __future__ import annotations

import math

import numpy as np
import pytest

from flax_albert.data.examples import TextExample
from flax_albert.training.finetuning.masking import MaskedBatches, Masking
from flax_albert.training.finetuning.mlm import MaskedLM
from tests.tolerances import SMALL
from tests.training.finetuning import tiny

TEXT = "the king and the queen of the northern countries were understandably overjoyed"


def texts(count: int) -> list[TextExample]:
    return [
        TextExample(" ".join([TEXT] * (1 + number % 3)), None, None, f"line {number + 1}") for number in range(count)
    ]


def masked(count: int, **options: object) -> MaskedBatches:
    kind = MaskedLM(**options)  # pyrefly: ignore
    batches = kind.batches(tiny.encode(kind, texts(count), tiny.config()), tiny.TOKENIZER, 16, tiny.LENGTH, seed=5)
    assert isinstance(batches, MaskedBatches)
    return batches


class TestMasking:
    def test_shares_are_those_of_bert(self) -> None:
        batches, kinds, chosen, pieces = masked(64, whole_words=False), np.zeros(3), 0, 0
        for number in range(100):
            batch = batches.batch(number)
            rows, columns = np.nonzero(batch["masked"])
            now = batch["input_ids"][rows, batch["masked_positions"][rows, columns]]
            told = batch["masked_ids"][rows, columns]
            is_mask, same = now == tiny.TOKENIZER.mask_token_id, now == told
            kinds += [is_mask.sum(), (~is_mask & ~same).sum(), same.sum()]
            chosen += len(rows)
            pieces += int(batch["attention_mask"].sum(dtype=int)) - 2 * int(batch["valid"].sum())
        assert chosen / pieces == pytest.approx(0.15, abs=0.02)
        deviation = 3 * math.sqrt(0.25 / chosen)
        assert kinds / chosen == pytest.approx([0.8, 0.1, 0.1], abs=deviation)

    def test_words_are_hidden_whole(self) -> None:
        masking = Masking.of(tiny.TOKENIZER, 0.15, whole_words=True)
        ids = np.array(tiny.TOKENIZER(TEXT)["input_ids"])
        words = np.array([-1 if word is None else word for word in tiny.TOKENIZER(TEXT).word_ids()])
        assert len(set(words)) < len(words) - 1  # some words have several pieces
        seen = set()
        for seed in range(200):
            chosen = masking.chosen(ids, np.random.default_rng(seed))
            told = set(words[chosen])
            assert -1 not in told
            whole = np.flatnonzero(np.isin(words, list(told)))
            if len(chosen) < masking.count(len(ids) - 2):
                np.testing.assert_array_equal(chosen, whole)
            seen |= told
        assert seen == set(range(max(words) + 1))

    def test_a_number_says_what_is_hidden(self) -> None:
        one, other = masked(40), masked(40)
        again = one.batch(3)
        for name, array in other.batch(3).items():
            np.testing.assert_array_equal(array, again[name])
        share = one.batch(3, slice(4, 9))
        np.testing.assert_array_equal(share["input_ids"], again["input_ids"][4:9])
        np.testing.assert_array_equal(share["masked_ids"], again["masked_ids"][4:9])

    def test_every_epoch_hides_others(self) -> None:
        batches = masked(16)
        epochs = [
            {
                tuple(row)
                for number in range(batches.per_epoch)
                for row in batches.batch(first + number)["input_ids"].tolist()
            }
            for first in (0, batches.per_epoch)
        ]
        assert len(epochs[0] & epochs[1]) < len(epochs[0]) / 2


class TestMaskedLM:
    def test_it_learns_and_measures(self) -> None:
        model = MaskedLM.model_class.from_pretrained("albert-mini-en")
        before = tiny.evaluated(tiny.evaluator(MaskedLM(), texts(12), model), model.params)
        model, evaluation = tiny.learnt(MaskedLM(), texts(40), texts(12), model, steps=40, rate=1e-3)
        assert evaluation.metrics["loss"] < before.metrics["loss"] / 2
        assert evaluation.metrics["accuracy"] > before.metrics["accuracy"]
        assert evaluation.metrics["accuracy"] > evaluation.baselines["accuracy"]
        assert evaluation.metrics["perplexity"] == pytest.approx(math.exp(evaluation.metrics["loss"]))
        assert evaluation.samples[0].right <= evaluation.samples[-1].right
        again = tiny.evaluated(tiny.evaluator(MaskedLM(), texts(12), model), model.params)
        assert again.metrics == evaluation.metrics

    def test_the_loss_is_that_of_the_documented_call(self) -> None:
        kind = MaskedLM()
        model = kind.model_class(tiny.config(), seed=2)
        evaluator = tiny.evaluator(kind, texts(3), model, size=8)
        batch = evaluator.batches.batch(0)
        logits = np.asarray(
            model(batch["input_ids"], batch["attention_mask"], batch["token_type_ids"]).logits, np.float64
        )
        rows, columns = np.nonzero(batch["masked"])
        own = logits[rows, batch["masked_positions"][rows, columns]]
        normal = np.log(np.exp(own).sum(-1)) - own[np.arange(len(own)), batch["masked_ids"][rows, columns]]
        assert evaluator.batches.per_epoch == 1
        assert tiny.evaluated(evaluator, model.params).metrics["loss"] == pytest.approx(normal.mean(), abs=SMALL)

    def test_texts_together_fill_rows_and_lose_nothing(self) -> None:
        pieces = [
            piece for one in texts(9) for piece in tiny.TOKENIZER(one.text, add_special_tokens=False)["input_ids"]
        ]
        rows = tiny.encode(MaskedLM(), texts(9), tiny.config()).rows
        assert [len(row["input_ids"]) for row in rows[:-1]] == [tiny.LENGTH] * (len(rows) - 1)
        assert [piece for row in rows for piece in row["input_ids"][1:-1].tolist()] == pieces
        apart = tiny.encode(MaskedLM(together=False), texts(9), tiny.config())
        assert len(apart.rows) == 9
        assert apart.truncated == 9
