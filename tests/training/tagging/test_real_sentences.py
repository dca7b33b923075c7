"""Real sentences: what a fine-tuning measures is what the directory that it writes says of them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from flax_albert.data.readers import read_tagged
from flax_albert.tasks import TokenClassification
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.fitting import fit
from flax_albert.training.metrics.entities import entity_scores
from flax_albert.training.settings import OptimizerSettings
from flax_albert.training.tagging.tag import Tag

pytestmark = pytest.mark.slow

FILES = {"entities": "wikigold/wikigold.conll.txt", "words": "ud_ewt/en_ewt-ud-train.rebuilt.conllu"}


@pytest.mark.parametrize("what", FILES)
def test_the_directory_says_what_was_measured(what: str, shared_data: Path, tmp_path: Path) -> None:
    examples = list(itertools.islice(read_tagged(shared_data / "tasks/tokens" / FILES[what]), 360))
    held_out = examples[300:]
    fitted = fit(
        Tag(),
        model="albert-mini-en",
        train=examples[:300],
        evaluation=held_out,
        output=tmp_path / "out",
        settings=FineTuningSettings(
            steps=60,
            devices=1,
            batch_size=16,
            max_length=32,
            optimizer=OptimizerSettings(name="optax.adam", learning_rate=1e-3, weight_decay=0.0),
        ),
    )
    evaluation = fitted.evaluations["dev"]
    task = TokenClassification.from_pretrained(str(tmp_path / "out"), is_split_into_words=True, label_words=True)
    said = [[word["entity"] for word in answer] for answer in task([list(one.words) for one in held_out])]
    true = [list(one.tags or ()) for one in held_out]
    words = [tag == got for one, other in zip(true, said, strict=True) for tag, got in zip(one, other, strict=True)]
    assert evaluation.metrics["accuracy"] == pytest.approx(sum(words) / len(words))
    if what == "entities":
        assert evaluation.metrics["f1"] == pytest.approx(entity_scores(true, said).overall.f1)
    else:
        assert evaluation.metrics["accuracy"] > evaluation.baselines["accuracy"] + 0.2
