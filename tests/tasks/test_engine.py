"""The engine: every input answered once and in its place, whatever happens around it, and the same way each time."""

import itertools
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
import pytest

from flax_albert.tasks.batches import Shapes
from flax_albert.tasks.engine import PAUSE, Arrays, Encoded, Job, Row, run
from flax_albert.tasks.errors import InputError, InputTypeError, UnfitError

VOCABULARY = 1000


@jax.jit
def sums(ids: Any, mask: Any, segments: Any) -> dict[str, Any]:
    return {"sum": (ids * mask).sum(1), "segments": segments.sum(1)}


def encode(inputs: list[Any]) -> list[Encoded | UnfitError]:
    """A number n becomes one row of n ids n, a tuple of numbers as many rows; negative ones and text are unfit."""
    encoded: list[Encoded | UnfitError] = []
    for value in inputs:
        if isinstance(value, str):
            encoded.append(UnfitError("is text.", kind=TypeError))
        elif isinstance(value, int) and value < 0:
            encoded.append(UnfitError("is negative."))
        else:
            numbers = value if isinstance(value, tuple) else (value,)
            encoded.append(Encoded([Row(np.full(n, n, np.int32), np.ones(n, np.int32)) for n in numbers]))
    return encoded


def result(ready: Encoded, outputs: list[dict[str, np.ndarray]]) -> list[tuple[int, int]]:
    answer = [(int(output["sum"]), int(output["segments"])) for output in outputs]
    if answer and answer[0][0] == 49:
        raise UnfitError("is seven.")
    return answer


def expected(value: int | tuple[int, ...]) -> list[tuple[int, int]]:
    return [(n * n, n) for n in (value if isinstance(value, tuple) else (value,))]


def compute(arrays: Arrays) -> Any:
    return sums(arrays.input_ids, arrays.attention_mask, arrays.token_type_ids)


def job(most_inputs: int | None = None, most_batches: int = 4) -> Job[Encoded]:
    return Job(encode, compute, result, Shapes(longest=32, batch_tokens=128), 3, most_batches, most_inputs)


def flat(windows: Iterator[Iterator[Any]]) -> list[Any]:
    return [answer for window in windows for answer in window]


def numbers(count: int) -> list[int]:
    return np.random.default_rng(0).choice([*range(1, 7), *range(8, 33)], count).tolist()


@pytest.mark.parametrize("count", [0, 1, 5, 64, 65, 1000])
@pytest.mark.parametrize("most_inputs", [None, 1, 7])
def test_every_input_is_answered_in_its_place(count: int, most_inputs: int | None) -> None:
    inputs = numbers(count)
    assert flat(run(job(most_inputs), iter(inputs))) == [expected(value) for value in inputs]


def test_an_input_may_have_any_number_of_rows() -> None:
    inputs = [(), (3, 30, 1), 8, (), tuple(range(1, 7)) * 50]
    assert flat(run(job(), inputs)) == [expected(value) for value in inputs]


def test_errors_stand_in_their_places() -> None:
    inputs = [8, -1, "text", 7, 9, (1, 2)]
    answers = flat(run(job(), inputs))
    assert answers[0] == expected(8)
    assert [type(answer) for answer in answers[1:4]] == [InputError, InputTypeError, InputError]
    assert [str(answer) for answer in answers[1:4]] == [
        "inputs[1] (-1) is negative.",
        "inputs[2] ('text') is text.",
        "inputs[3] (7) is seven.",
    ]
    assert answers[4:] == [expected(9), expected((1, 2))]
    late = flat(run(job(), [8] * 500 + [-1]))[-1]
    assert late.index == 500


def test_what_the_source_raises_comes_after_the_answers_before() -> None:
    def source() -> Iterator[int]:
        yield from [5] * 70
        raise OSError("the disk is gone")

    answers = itertools.chain.from_iterable(run(job(), source()))
    assert [next(answers) for _ in range(70)] == [expected(5)] * 70
    with pytest.raises(OSError, match="the disk is gone"):
        next(answers)


def test_a_pause_has_all_before_it_answered_at_once() -> None:
    asked: list[int] = []
    answered: list[Any] = []

    def conversation() -> Iterator[Any]:
        for number in range(1, 6):
            deadline = time.monotonic() + 10
            while len(answered) < len(asked) and time.monotonic() < deadline:
                time.sleep(0.001)
            assert len(answered) == len(asked)
            asked.append(number)
            yield number
            yield PAUSE
            yield PAUSE

    for window in run(job(), conversation()):
        answered += window
    assert answered == [expected(number) for number in range(1, 6)]


def test_an_endless_source_is_read_in_bounded_memory_and_let_go() -> None:
    taken = 0

    def source() -> Iterator[int]:
        nonlocal taken
        for taken in itertools.count(1):
            yield 1 + taken % 6

    windows = run(job(most_batches=2), source())
    for count, _ in enumerate(itertools.chain.from_iterable(windows)):
        assert taken - count <= 4 * (2 * 128 + 64)
        if count == 3000:
            break
    windows.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 10
    while any(thread.name == "read-inputs" for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(thread.name == "read-inputs" for thread in threading.enumerate())


def test_endless_inputs_at_fault_are_told_in_bounded_memory() -> None:
    taken = 0

    def source() -> Iterator[int]:
        nonlocal taken
        for taken in itertools.count(1):
            yield -taken

    for count, answer in enumerate(itertools.chain.from_iterable(run(job(most_batches=2), source()))):
        assert isinstance(answer, InputError)
        assert taken - count <= 4 * (2 * 128 + 64)
        if count == 3000:
            break


def test_windows_grow_and_a_run_can_go_on_at_any_of_them() -> None:
    inputs = numbers(1000)
    seen: list[list[tuple[int, ...]]] = []

    def batches(first: int, values: list[int]) -> list[list[Any]]:
        shapes: list[tuple[int, ...]] = []

        def note(arrays: Arrays) -> Any:
            shapes.append(tuple(arrays.input_ids.ravel().tolist()))
            return compute(arrays)

        noting = Job(encode, note, result, Shapes(longest=32, batch_tokens=128), 3, 4)
        windows = [list(window) for window in run(noting, values, first)]
        seen.append(shapes)
        return windows

    whole = batches(0, inputs)
    assert len(whole) > 3
    for ordinal in range(1, len(whole)):
        done = sum(len(window) for window in whole[:ordinal])
        assert batches(ordinal, inputs[done:]) == whole[ordinal:]
        assert seen[-1] == seen[0][-len(seen[-1]) :]  # the very same batches, and so the same numbers to the last bit


def test_tokenization_runs_beside_the_computation() -> None:
    threads: set[str] = set()

    def noting(inputs: list[Any]) -> list[Encoded | UnfitError]:
        threads.add(threading.current_thread().name)
        return encode(inputs)

    flat(run(Job(noting, compute, result, Shapes(32, 128), 3, 4), numbers(100)))
    assert threads == {"read-inputs"}


def test_an_error_can_be_copied_and_says_little_of_a_long_input() -> None:
    error = InputTypeError(7, {"text": "word " * 10_000, "pair": list(range(10_000))}, "is long.")
    copied = pickle.loads(pickle.dumps(error))
    assert (type(copied), copied.index, str(copied)) == (InputTypeError, 7, str(error))
    assert str(error).endswith(" is long.")
    assert len(repr(error)) < 150


def test_the_interpreter_ends_in_silence_with_a_run_half_used() -> None:
    program = """
import itertools, time
from flax_albert import pipeline

def blocking():
    yield from itertools.repeat("a [MASK]", 3000)
    time.sleep(1000)

task = pipeline("fill-mask")
runs = [task.iterate(itertools.repeat("a [MASK]")), task.iterate(blocking())]
print(*(len(next(run)) for run in runs))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["1", "1"], "")
