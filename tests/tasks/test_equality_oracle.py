"""Every task gives what PyTorch's side gives, on a few dozen real texts for each option.

``FLAX_ALBERT_TORCH_457`` names the Python of an environment with transformers 4.57.6, torch and sentence-transformers;
``FLAX_ALBERT_TASK_MODELS`` may name a folder that tests.reference.tasks.models has filled, which spares the training.
``python -m tests.reference.tasks.compare`` does the same with all texts.
"""

import os
from pathlib import Path

import pytest

from tests.reference.tasks.cases import GROUPS, cases
from tests.reference.tasks.compare import ask, compare
from tests.reference.tasks.differences import LIMIT
from tests.reference.tasks.models import make

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def torch() -> str:
    python = os.environ.get("FLAX_ALBERT_TORCH_457")
    if not python:
        pytest.skip("FLAX_ALBERT_TORCH_457 does not name the Python of an environment with transformers 4.57 and torch")
    return python


@pytest.fixture(scope="session")
def models(torch: str, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if given := os.environ.get("FLAX_ALBERT_TASK_MODELS"):
        return Path(given)
    folder = tmp_path_factory.mktemp("models")
    make(folder, shared_data, torch, steps=40)
    return folder


@pytest.mark.parametrize("task", GROUPS)
@pytest.mark.filterwarnings("ignore")  # texts longer than the model are among what is asked
def test_results_equal_those_of_pytorch(task: str, torch: str, models: Path, shared_data: Path, tmp_path: Path) -> None:
    asked = [case for case in cases(shared_data, [task], share=0.04) if (models / case.model / "config.json").exists()]
    results = 0
    for case, tally in compare(asked, models, ask(asked, models, torch, tmp_path)):
        assert not tally.differing, (case.title, tally.examples[:3])
        assert tally.largest <= LIMIT, case.title
        results += tally.parts
    assert results > 40
