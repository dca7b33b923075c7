"""Files for TensorBoard, read back."""

import builtins
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flax_albert.training.reporting.layout import Layout
from flax_albert.training.reporting.metrics_file import MetricsFile
from flax_albert.training.reporting.tensorboard import TensorBoard
from tests.training.reporting import runs


def records(folder: Path) -> Iterator[Any]:
    from tensorboardX.proto import event_pb2

    parser: Any = event_pb2
    for path in sorted(folder.iterdir()):
        assert "tfevents" in path.name
        data, place = path.read_bytes(), 0
        while place < len(data):
            (size,) = struct.unpack_from("<Q", data, place)
            yield parser.Event.FromString(data[place + 12 : place + 12 + size])
            place += 16 + size


def scalars(folder: Path, tag: str) -> list[tuple[int, float]]:
    return [
        (record.step, value.simple_value)
        for record in records(folder)
        for value in record.summary.value
        if value.tag == tag and value.HasField("simple_value")
    ]


def texts(folder: Path) -> dict[str, str]:
    return {
        value.tag.removesuffix("/text_summary"): value.tensor.string_val[0].decode()
        for record in records(folder)
        for value in record.summary.value
        if value.HasField("tensor")
    }


def reporters(folder: Path) -> list[Any]:
    layout = Layout(folder)
    return [MetricsFile(layout.metrics), TensorBoard(layout.tensorboard, layout.metrics)]


def test_figures_are_read_back(tmp_path: Path) -> None:
    runs.tell(runs.run(tmp_path), reporters(tmp_path))
    folder = Layout(tmp_path).tensorboard
    expected = [runs.logged(step) for step in range(10, 201, 10)]
    for tag, values in (
        ("train/loss", [event.loss for event in expected]),
        ("train/learning_rate", [event.learning_rate for event in expected]),
        ("train/gradient_norm", [event.gradient_norm for event in expected]),
        ("train/tokens_per_second", [event.tokens_per_second for event in expected]),
    ):
        assert [step for step, _ in scalars(folder, tag)] == list(range(10, 201, 10))
        assert [value for _, value in scalars(folder, tag)] == pytest.approx(values, rel=1e-6)
    assert [step for step, _ in scalars(folder, "dev/accuracy")] == [50, 100, 150, 200]
    assert scalars(folder, "dev/accuracy/baseline")[0][1] == pytest.approx(0.509)
    said = texts(folder)
    assert "| training.optimizer.name | adamw |" in said["settings"]
    assert "| task | classify \\| <b> |" in said["settings"]
    assert said["notices"] == "The checkpoint in /home/someone/out/5 was <damaged>."
    assert said["end"] == "finished at step 200"


def test_terms_have_curves_of_their_own(tmp_path: Path) -> None:
    event = runs.logged(10, terms=("masked_lm", "sentence_order"))
    runs.tell([runs.started(tmp_path), event], reporters(tmp_path))
    folder = Layout(tmp_path).tensorboard
    assert scalars(folder, "train/loss/masked_lm") == [(10, pytest.approx(event.terms["masked_lm"]))]


def test_resuming_leaves_nothing_twice(tmp_path: Path) -> None:
    runs.tell(runs.run(tmp_path, last=150), reporters(tmp_path))
    before = {(record.step, record.wall_time) for record in records(Layout(tmp_path).tensorboard) if record.step == 50}
    runs.tell(runs.run(tmp_path, first=100), reporters(tmp_path))
    folder = Layout(tmp_path).tensorboard
    assert [step for step, _ in scalars(folder, "train/loss")] == list(range(10, 201, 10))
    assert [step for step, _ in scalars(folder, "dev/accuracy")] == [50, 100, 150, 200]
    after = {record.wall_time for record in records(folder) if record.step == 50}
    assert max(after) == pytest.approx(max(time for _, time in before), abs=5)
    assert len(list(folder.iterdir())) == 1


def test_without_tensorboardx_a_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = builtins.__import__

    def without(name: str, *arguments: Any) -> Any:
        if name.startswith("tensorboardX"):
            raise ImportError(name)
        return whole(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install 'flax-albert\[train\]'"):
        TensorBoard(tmp_path, tmp_path / "metrics.jsonl")
