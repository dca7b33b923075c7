"""Batches: every row once, in a shape that holds it, out of few shapes."""

import random

import pytest

from flax_albert.tasks.batches import Shapes, bucket


def rows(count: int, seed: int = 0, shortest: int = 3) -> tuple[list[int], list[int]]:
    generator = random.Random(seed)
    lengths = [generator.randint(shortest, 512) for _ in range(count)]
    return lengths, [generator.randint(1, min(length - 2, 40)) for length in lengths]


@pytest.mark.parametrize("count", [0, 1, 16, 17, 333])
@pytest.mark.parametrize("batch_size", [None, 16])
def test_every_row_is_in_one_batch_whose_shape_holds_it(count: int, batch_size: int | None) -> None:
    lengths, slots = rows(count)
    batches = Shapes(512, 1024, batch_size).plan(lengths, slots)
    assert sorted(row for batch in batches for row in batch.members) == list(range(count))
    for batch in batches:
        assert 1 <= len(batch.members) <= batch.rows <= (batch_size or 1024)
        assert max(lengths[row] for row in batch.members) <= batch.length <= 512
        assert max(slots[row] for row in batch.members) <= batch.slots
        assert batch.rows == 1 or batch.rows * batch.length <= 1024


@pytest.mark.parametrize(("count", "most"), [(10, 30), (50, 50), (200, 90)])
def test_any_number_of_rows_takes_a_bounded_number_of_shapes(count: int, most: int) -> None:
    shapes = Shapes(512, 1024)
    for seed in range(200):
        lengths, _ = rows(count, seed)
        shapes.plan(lengths, [0] * len(lengths))
    assert len(shapes.seen) <= most, sorted(shapes.seen)


def test_a_long_run_pads_little() -> None:
    generator = random.Random(0)
    lengths = [min(512, 4 + int(generator.gammavariate(2, 12))) for _ in range(3000)]
    batches = Shapes(512, 1024).plan(lengths, [0] * len(lengths))
    assert sum(lengths) / sum(batch.rows * batch.length for batch in batches) > 0.9


def test_rows_of_like_length_run_together() -> None:
    batches = Shapes(512, 1024).plan([5, 500, 6, 499], [0] * 4)
    assert [(batch.members, batch.length) for batch in batches] == [((1, 3), 512), ((2, 0), 8)]


def test_a_row_of_many_slots_brings_fewer_others_with_it() -> None:
    batches = Shapes(512, 8192).plan([512] * 8, [500] * 8)
    assert [(batch.rows, batch.slots) for batch in batches] == [(1, 512)] * 8


def test_a_batch_depends_on_no_batch_before() -> None:
    lengths, slots = rows(300)
    fresh, used = Shapes(512, 1024), Shapes(512, 1024)
    for seed in range(5):
        used.plan(*rows(200, seed + 1))
    assert fresh.plan(lengths, slots) == used.plan(lengths, slots)


@pytest.mark.parametrize("longest", [1, 7, 16, 48, 500, 512, 4096])
def test_lengths_ascend_to_the_longest(longest: int) -> None:
    for factor in (2.0, 2**0.5, 2**0.25):
        lengths = Shapes(longest, 1024).lengths(factor)
        assert lengths == sorted(set(lengths))
        assert lengths[-1] == longest


def test_a_bucket_never_passes_the_largest_size() -> None:
    assert [bucket(size, smallest=32, factor=2, largest=48) for size in (1, 32, 33, 48)] == [32, 32, 48, 48]
    assert bucket(20, smallest=32, factor=2, largest=20) == 20
