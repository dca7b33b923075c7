"""The report of the throughput program says what was measured, failures included."""

from typing import Any

import pytest

from benchmarks.tasks.material import operations
from benchmarks.tasks.report import markdown
from flax_albert import AlbertConfig


def measured(**changes: Any) -> dict[str, Any]:
    side = {"dtype": "float32", "group": "classification", "first_text": 1.0, "first_pass": 9.0, "mebibytes": 900.0}
    ours = {**side, "name": "flax-albert pipeline", "kind": "ours-classification", "passes": [2.0, 2.0, 4.0]}
    torch = {**side, "name": "transformers PyTorch pipeline", "kind": "torch", "passes": [4.0, 5.0, 6.0]}
    flax = {**torch, "name": "transformers Flax class, jitted", "kind": "flax", "passes": [], "error": "load: no such"}
    return {
        "machine": "a machine",
        "texts": 10,
        "tokens": 1000,
        "operations": 2e12,
        "rounds": 3,
        "ceiling": {"float32": [1.5e12, 2e12]},
        "sides": {"ours float32": {**ours, **changes}, "torch float32": torch, "flax float32": flax},
    }


def test_report() -> None:
    text = markdown(measured(compiles=7, compile_seconds=3.2))
    assert "| flax-albert pipeline | float32 | 500 | 250 - 500 |  | 50% | 1.0 s | 9.0 s | 7, 3 s | 900 MiB |  |" in text
    # round by round ours is 2, 2.5 and 1.5 times as fast
    assert "| transformers PyTorch pipeline | float32 | 200 | 167 - 250 | 0.50 | 20% |" in text
    assert "classification, float32: 2.00 times as fast as transformers PyTorch pipeline (1.50 to 2.50 over 3" in text
    assert "| transformers Flax class, jitted | float32 | failed: load: no such |" in text


def test_report_without_ours() -> None:
    text = markdown(measured(passes=[], error="gone"))
    assert "failed: gone" in text
    assert "times as fast" not in text


def test_operations_of_the_base_size() -> None:
    assert operations(AlbertConfig.released("albert-base-v2"), 128) / 128 == pytest.approx(0.175e9, rel=0.01)
