"""Batches: every text once, in a shape that holds it, out of few shapes."""

import random

import pytest

from flax_albert.tasks.batches import bucket, plan


def texts(count: int, seed: int = 0) -> tuple[list[int], list[int]]:
    generator = random.Random(seed)
    lengths = [generator.randint(3, 512) for _ in range(count)]
    return lengths, [generator.randint(1, min(length - 2, 40)) for length in lengths]


@pytest.mark.parametrize("count", [0, 1, 16, 17, 333])
def test_every_text_is_in_one_batch_whose_shape_holds_it(count: int) -> None:
    lengths, slots = texts(count)
    batches = list(plan(lengths, slots, batch_size=16, longest=512))
    assert sorted(text for batch in batches for text in batch.texts) == list(range(count))
    for batch in batches:
        assert len(batch.texts) <= batch.rows <= 16
        assert max(lengths[text] for text in batch.texts) <= batch.length <= 512
        assert max(slots[text] for text in batch.texts) <= batch.slots


def test_any_number_of_texts_takes_a_handful_of_shapes() -> None:
    shapes = set()
    for seed in range(200):
        lengths, _ = texts(100 + seed, seed)
        for batch in plan(lengths, [1] * len(lengths), batch_size=16, longest=512):
            shapes.add((batch.rows, batch.length, batch.slots))
    assert len(shapes) <= 5 + 3, shapes  # five lengths of full batches; what is left over has the longest texts


def test_texts_of_like_length_run_together() -> None:
    batches = list(plan([5, 500, 6, 499], [1, 1, 1, 1], batch_size=2, longest=512))
    assert [(batch.texts, batch.length) for batch in batches] == [((0, 2), 32), ((3, 1), 512)]


def test_a_text_of_many_masks_brings_fewer_others_with_it() -> None:
    lengths, slots = [512] * 8, [500] * 8
    batches = list(plan(lengths, slots, batch_size=8, longest=512))
    assert [(batch.rows, batch.slots) for batch in batches] == [(1, 512)] * 8


def test_a_bucket_never_passes_the_largest_size() -> None:
    assert [bucket(size, smallest=32, factor=2, largest=48) for size in (1, 32, 33, 48)] == [32, 32, 48, 48]
    assert bucket(20, smallest=32, factor=2, largest=20) == 20
