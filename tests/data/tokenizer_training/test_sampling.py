"""Every sentence is drawn as often as any other."""

import numpy as np

from flax_albert.data.tokenizer_training.sampling import sampled


def test_few_sentences_are_all_drawn() -> None:
    assert sampled(["c", "a", "b"], most=3, seed=1) == ["c", "a", "b"]
    assert sampled([], most=3, seed=1) == []


def test_a_seed_decides_and_the_order_stays() -> None:
    numbers = [f"{number:04}" for number in range(1000)]
    first = sampled(numbers, most=50, seed=1)
    assert first == sorted(first)
    assert len(set(first)) == 50
    assert sampled(iter(numbers), most=50, seed=1) == first
    assert sampled(numbers, most=50, seed=2) != first


def test_early_and_late_sentences_are_drawn_alike() -> None:
    counts = np.zeros(40)
    for seed in range(2000):
        counts[[int(sentence) for sentence in sampled(map(str, range(40)), most=10, seed=seed)]] += 1
    # Each count is binomial, 500 of 2000 expected, with a deviation of 19.4; of 40, none is beyond five of them.
    assert np.all(np.abs(counts - 500) < 5 * np.sqrt(2000 * 0.25 * 0.75))
