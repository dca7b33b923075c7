"""What the doctor says of a class is what loading does."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import flax_albert
from flax_albert.checkpoint.load import load
from flax_albert.config import AlbertConfig
from flax_albert.doctor import Outcome, examine
from flax_albert.doctor.report import Verdict
from flax_albert.doctor.verdicts import leaves_of
from tests.doctor.checkpoints import change_weights, save

HEADS = (
    "Model",
    "ForPreTraining",
    "ForMaskedLM",
    "ForSequenceClassification",
    "ForMultipleChoice",
    "ForTokenClassification",
    "ForQuestionAnswering",
)
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "untied": {"tie_word_embeddings": False},
    "groups": {"num_hidden_groups": 2, "inner_group_num": 2},
    "three labels": {"num_labels": 3},
}


def assert_true(verdict: Verdict, directory: Path) -> None:
    """Loads, and compares."""
    try:
        leaves = leaves_of(getattr(flax_albert, verdict.model), AlbertConfig.from_pretrained(directory))
        _, report = load(directory, leaves, initial=None)
    except (OSError, ValueError):
        assert verdict.outcome is Outcome.FAILS
        assert verdict.reason
    else:
        assert verdict.fresh == report.missing
        assert verdict.outcome is (Outcome.FRESH if report.missing else Outcome.WHOLE)
        assert verdict.unused == len(report.unexpected)


# Question answering has two labels, always.
CASES = [(h, s) for h in HEADS for s in SETTINGS if (h, s) != ("ForQuestionAnswering", "three labels")]


@pytest.mark.parametrize(("head", "settings"), CASES)
def test_every_class_of_every_head(head: str, settings: str, tmp_path: Path) -> None:
    directory = save(tmp_path, head, **SETTINGS[settings])
    verdicts = examine(directory).verdicts
    assert [verdict.model for verdict in verdicts] == [f"FlaxAlbert{known}" for known in HEADS]
    for verdict in verdicts:
        assert_true(verdict, directory)
    own = next(verdict for verdict in verdicts if verdict.model == f"FlaxAlbert{head}")
    assert own.outcome is Outcome.WHOLE


@pytest.mark.parametrize("spoiled", ["nan", "integers", "shape", "gone", "all gone"])
def test_spoiled_weights(spoiled: str, tmp_path: Path) -> None:
    directory = save(tmp_path)

    def spoil(arrays: dict[str, np.ndarray]) -> None:
        name = "predictions.dense.weight"
        match spoiled:
            case "nan":
                arrays[name][0, 0] = np.nan
            case "integers":
                arrays[name] = arrays[name].astype("int8")
            case "shape":
                arrays[name] = arrays[name][:-1]
            case "gone":
                del arrays[name]
            case _:
                arrays.clear()
                arrays["other"] = np.ones(2, "float32")

    change_weights(directory, spoil)
    for verdict in examine(directory).verdicts:
        assert_true(verdict, directory)
