"""Whatever a file holds, there is a report."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from flax_albert.cli.doctor_table import render
from flax_albert.doctor import examine
from tests.doctor.checkpoints import save

VALUES: list[Any] = [
    None,
    True,
    -1,
    0,
    1e308,
    float("nan"),
    "x",
    [],
    {},
    [1],
    {"a": 1},
    2**70,
    "\ud800",
    "relu",
    "bert",
]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = save(tmp_path_factory.mktemp("good") / "model")
    other = save(tmp_path_factory.mktemp("other"), safe_serialization=False)
    shutil.copy(other / "flax_model.msgpack", directory)
    shutil.copy(Path(__file__).parents[1] / "checkpoint" / "data" / "albert-zip.bin", directory / "pytorch_model.bin")
    return directory


@pytest.mark.parametrize("seed", range(60))
def test_a_spoiled_file_is_reported(seed: int, good: Path, tmp_path: Path) -> None:
    choose = random.Random(seed)
    directory = Path(shutil.copytree(good, tmp_path / "model"))
    victim = choose.choice(sorted(directory.iterdir()))
    if victim.suffix == ".json" and choose.random() < 0.6:
        victim.write_text(json.dumps(changed(json.loads(victim.read_text()), choose)))
    else:
        victim.write_bytes(damaged(victim.read_bytes(), choose))
    if choose.random() < 0.3:
        (directory / choose.choice(["config.json", "model.safetensors", "tokenizer.json"])).unlink(missing_ok=True)
    report = examine(directory)
    json.dumps(report.to_dict())
    assert render(report)


def changed(value: Any, choose: random.Random) -> Any:
    """JSON with something of it exchanged for something odd."""
    if choose.random() < 0.3 or not value or not isinstance(value, list | dict):
        return choose.choice(VALUES)
    key: Any = choose.choice(list(value)) if isinstance(value, dict) else choose.randrange(len(value))
    value[key] = changed(value[key], choose)
    return value


def damaged(content: bytes, choose: random.Random) -> bytes:
    """Bytes exchanged near the beginning, cut off, or put in."""
    data = bytearray(content)
    match choose.randrange(3):
        case 0:
            data[choose.randrange(min(len(data), 1000))] = choose.randrange(256)
        case 1:
            del data[choose.randrange(len(data)) :]
        case _:
            data[choose.randrange(len(data)) :] = b"\xff" * 4
    return bytes(data)
