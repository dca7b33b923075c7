"""What fine-tuning writes, in PyTorch: ``FLAX_ALBERT_TORCH_457`` names the Python of its transformers 4.57."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flax_albert import FlaxAlbertForPreTraining
from flax_albert.training.finetuning.choose import Choose
from flax_albert.training.finetuning.classify import Classify
from flax_albert.training.finetuning.mlm import MaskedLM
from flax_albert.training.finetuning.multi_label import MultiLabel
from flax_albert.training.finetuning.regress import Regress
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.fitting import fit
from flax_albert.training.settings import OptimizerSettings
from tests.tolerances import SMALL
from tests.training.finetuning import tiny
from tests.training.finetuning.test_choose import questions
from tests.training.finetuning.test_text_kinds import labels_of, relabelled, texts

pytestmark = pytest.mark.slow
PROGRAM = Path(__file__).parents[1] / "reference" / "finetuned.py"
RATE = OptimizerSettings(name="optax.adam", learning_rate=3e-3, weight_decay=0)
SETTINGS = FineTuningSettings(steps=10, batch_size=8, max_length=32, devices=1, optimizer=RATE)
KINDS: dict[str, tuple[Any, list[Any]]] = {
    "AutoModelForSequenceClassification": (Classify(), texts(20, 0)),
    "AutoModelForMultipleChoice": (Choose(), questions(20, 0)),
    "AutoModelForMaskedLM": (MaskedLM(), texts(20, 0)),
}
OTHERS: list[tuple[Any, list[Any]]] = [
    (MultiLabel(), relabelled(texts(20, 0), labels_of)),
    (Regress(), relabelled(texts(20, 0), lambda one: float(len(one.text)) / 10)),
]


@pytest.mark.parametrize(
    ("name", "kind", "examples"),
    [(name, *value) for name, value in KINDS.items()]
    + [("AutoModelForSequenceClassification", *value) for value in OTHERS],
    ids=["classify", "choose", "mlm", "multi-label", "regress"],
)
def test_predictions_are_the_same(name: str, kind: Any, examples: list[Any], tmp_path: Path) -> None:
    python = os.environ.get("FLAX_ALBERT_TORCH_457")
    if python is None:
        pytest.skip("FLAX_ALBERT_TORCH_457 does not name the Python of an environment with transformers 4.57 and torch")
    start = FlaxAlbertForPreTraining(tiny.config(), seed=5)
    done = fit(
        kind, model=start, tokenizer=tiny.TOKENIZER, train=examples, output=tmp_path / "out", settings=SETTINGS,
        tensorboard=False,
    )  # fmt: skip
    rows = [row_of(example) for example in examples[:8]]
    command = [python, str(PROGRAM), str(tmp_path / "out"), name]
    ran = subprocess.run(command, input=json.dumps(rows), capture_output=True, text=True, check=True)
    theirs = json.loads(ran.stdout)
    for row, logits in zip(rows, theirs["logits"], strict=True):
        np.testing.assert_allclose(ours(done.model, row), logits, atol=SMALL)
    assert theirs["labels"] == [done.model.config.id2label[index] for index in range(done.model.config.num_labels)]


def row_of(example: Any) -> list[Any]:
    """What PyTorch is given."""
    if hasattr(example, "choices"):
        return [[example.prompt, choice] for choice in example.choices]
    return [example.text] if example.pair is None else [example.text, example.pair]


def ours(model: Any, row: list[Any]) -> np.ndarray:
    """The logits of a row."""
    if not isinstance(row[0], list):
        return np.asarray(model(**tiny.TOKENIZER(*row, return_tensors="np")).logits[0])
    first, second = [pair[0] for pair in row], [pair[1] for pair in row]
    encoded = tiny.TOKENIZER(first, second, padding=True, return_tensors="np")
    return np.asarray(model(**{name: array[None] for name, array in encoded.items()}).logits[0])
