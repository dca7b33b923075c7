"""The doctor on checkpoints that transformers 4.37 wrote; ``FLAX_ALBERT_ORACLE_437`` names its Python."""

import os
import subprocess
from pathlib import Path

import pytest

from flax_albert.doctor import Level, Outcome, examine
from tests.doctor.checkpoints import codes

ORACLE = Path(__file__).parents[1] / "reference" / "doctor.py"
HEADS = {
    "Model": ("pooler",),
    "ForPreTraining": ("pooler", "masked language model", "sentence order"),
    "ForMaskedLM": ("masked language model",),
    "ForSequenceClassification": ("pooler", "classifier of 3 (text)"),
    "ForMultipleChoice": ("pooler", "classifier of 1 (text, regression or multiple choice)"),
    "ForTokenClassification": ("classifier of 3 (token)",),
    "ForQuestionAnswering": ("question answering",),
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    python = os.environ.get("FLAX_ALBERT_ORACLE_437")
    if not python:
        pytest.skip("FLAX_ALBERT_ORACLE_437 does not name the Python of an environment with transformers 4.37")
    directory = tmp_path_factory.mktemp("written")
    environment = {**os.environ, "PYTHONPATH": "", "JAX_PLATFORMS": "cpu"}
    subprocess.run([python, ORACLE, directory], check=True, capture_output=True, env=environment)
    return directory


@pytest.mark.parametrize("form", ["safetensors", "bin", "msgpack"])
@pytest.mark.parametrize("head", HEADS)
def test_what_transformers_wrote_is_blameless(head: str, form: str, written: Path) -> None:
    report = examine(written / head / form)
    assert report.usable
    assert codes(report) == []
    assert set(codes(report, Level.NOTE)) <= {"tokenizer-missing"}
    assert report.weights is not None
    assert report.weights.heads == HEADS[head]
    assert report.weights.decoder in (("tied", "copy") if "masked language model" in HEADS[head] else ("none",))
    outcome = {verdict.model: verdict.outcome for verdict in report.verdicts}
    assert outcome[f"FlaxAlbert{head}"] is Outcome.WHOLE
    if head == "ForMultipleChoice":
        assert outcome["FlaxAlbertForSequenceClassification"] is Outcome.FAILS, "its two labels meet a single score"
