"""Checkpoints to and from transformers 4.37, PyTorch and Flax, for every head: the same outputs on both sides.

Needs an environment with transformers 4.37, torch, jax and flax: ``FLAX_ALBERT_ORACLE_437`` names its Python. The
tables of worst differences are printed.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import flax_albert
from tests.tolerances import SMALL

pytestmark = pytest.mark.slow

ORACLE = Path(__file__).parents[1] / "reference" / "checkpoint" / "oracle.py"
WRITTEN = {
    "torch-safetensors": "torch",
    "torch-safetensors-shards": "torch",
    "torch-bin": "torch",
    "torch-bin-shards": "torch",
    "torch-bin-legacy": "torch",
    "flax-msgpack": "flax",
    "flax-msgpack-shards": "flax",
    "flax-safetensors": "flax",
}
READ = {
    "ours-safetensors": ("torch", "flax"),
    "ours-safetensors-shards": ("torch",),
    "ours-safetensors-flax": ("flax",),
    "ours-bin": ("torch",),
    "ours-bin-shards": ("torch",),
    "ours-msgpack": ("flax",),
    "ours-msgpack-shards": ("flax",),
}
HEADS = 7
CASES = 11


def run_oracle(verb: str, directory: Path) -> None:
    python = os.environ.get("FLAX_ALBERT_ORACLE_437")
    if not python:
        pytest.skip("FLAX_ALBERT_ORACLE_437 does not name the Python of an environment with transformers 4.37")
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "XLA_FLAGS")}
    done = subprocess.run(
        [python, ORACLE, verb, directory], check=False, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    directory = tmp_path_factory.mktemp("cases")
    run_oracle("write", directory)
    cases = sorted(directory.glob("*/*/"))
    assert len(cases) == CASES
    return cases


def difference(first: Path | dict[str, np.ndarray], second: Path) -> float:
    one = dict(np.load(first)) if isinstance(first, Path) else first
    other = dict(np.load(second))
    assert one.keys() == other.keys()
    return max(float(np.abs(one[name] - other[name]).max()) for name in one)


def show(capsys: pytest.CaptureFixture[str], title: str, worst: dict[tuple[str, str], float]) -> None:
    lines = [f"\n{title}", *(f"{head:26} {form:34} {value:.1e}" for (head, form), value in sorted(worst.items()))]
    with capsys.disabled():
        sys.stdout.write("\n".join(lines) + "\n")


def test_what_transformers_wrote_gives_the_same_outputs_here(
    cases: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    worst: dict[tuple[str, str], float] = {}
    for case in cases:
        model_class = getattr(flax_albert, f"FlaxAlbert{case.name}")
        inputs = dict(np.load(case / "inputs.npz"))
        compiled = model_class.from_pretrained(case / next(iter(WRITTEN)))
        for form, side in WRITTEN.items():
            model, report = model_class.from_pretrained(case / form, output_loading_info=True)
            assert (report.missing, report.unexpected, report.mismatched) == ((), (), ()), (case, form)
            outputs = {name: np.asarray(value) for name, value in compiled(**inputs, params=model.params).items()}
            key = (case.name, form)
            worst[key] = max(worst.get(key, 0), difference(outputs, case / f"{side}.npz"))
    show(capsys, "transformers wrote, flax-albert read: worst difference of outputs", worst)
    assert len(worst) == HEADS * len(WRITTEN)
    assert max(worst.values()) <= SMALL, worst


def test_what_was_written_here_gives_the_same_outputs_in_transformers(
    cases: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for case in cases:
        model = getattr(flax_albert, f"FlaxAlbert{case.name}").from_pretrained(case / "torch-safetensors")
        model.save_pretrained(case / "ours-safetensors")
        model.save_pretrained(case / "ours-safetensors-shards", max_shard_size="32KB")
        assert (case / "ours-safetensors-shards" / "model.safetensors.index.json").exists()
        model.save_pretrained(case / "ours-msgpack", safe_serialization=False)
        model.save_pretrained(case / "ours-msgpack-shards", safe_serialization=False, max_shard_size="32KB")
        assert (case / "ours-msgpack-shards" / "flax_model.msgpack.index.json").exists()
        flax_albert.checkpoint.save.save(
            case / "ours-safetensors-flax", model.params, model._leaves, model.config, layout="flax"
        )
        for form, size in {"bin": "10GB", "bin-shards": "32KB"}.items():
            flax_albert.checkpoint.save.save(
                case / f"ours-{form}", model.params, model._leaves, model.config, format="bin", max_shard_size=size
            )
    run_oracle("read", cases[0].parents[1])
    worst: dict[tuple[str, str], float] = {}
    for case in cases:
        for form, sides in READ.items():
            for side in sides:
                key = (case.name, f"{form} -> {side}")
                found = difference(case / f"{form}.{side}.npz", case / f"{side}.npz")
                worst[key] = max(worst.get(key, 0), found)
    show(capsys, "flax-albert wrote, transformers read: worst difference of outputs", worst)
    assert len(worst) == HEADS * 8
    assert max(worst.values()) <= SMALL, worst
