"""Recipes: the published figures, and every one of them a run that could begin."""

from __future__ import annotations

import pytest

from flax_albert.cli.finetune.command import RECIPES
from flax_albert.recipes import NAMES, recipe

# Table 14 of the ALBERT paper: learning rate, batch, steps, warm-up, length; RACE with the rate for version 2.
PUBLISHED = {
    "cola": (1e-5, 16, 5336, 320, 512),
    "stsb": (2e-5, 16, 3598, 214, 512),
    "sst2": (1e-5, 32, 20935, 1256, 512),
    "mnli": (3e-5, 128, 10000, 1000, 512),
    "qnli": (1e-5, 32, 33112, 1986, 512),
    "qqp": (5e-5, 128, 14000, 1000, 512),
    "rte": (3e-5, 32, 800, 200, 512),
    "mrpc": (2e-5, 32, 800, 200, 512),
    "wnli": (2e-5, 16, 2000, 250, 512),
    "squad1": (5e-5, 48, 3649, 365, 384),
    "squad2": (3e-5, 48, 8144, 814, 512),
    "race": (1e-5, 32, 12000, 1000, 512),
}
METRICS = {
    "cola": "matthews",
    "stsb": "pearson_and_spearman",
    "mrpc": "accuracy_and_f1",
    "qqp": "accuracy_and_f1",
}


def test_names() -> None:
    assert set(NAMES) == set(PUBLISHED)
    assert RECIPES == NAMES
    with pytest.raises(ValueError, match="no recipe 'glue'; there are cola, sst2"):
        recipe("glue")


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_figures(name: str) -> None:
    settings = recipe(name).settings
    training = settings.training(per_epoch=1000)
    optimizer = training.optimizer
    found = (optimizer.learning_rate, training.batch_size, training.steps, optimizer.warmup, settings.max_length)
    assert found == PUBLISHED[name]
    assert (optimizer.name, optimizer.schedule, optimizer.weight_decay, optimizer.clip) == ("adamw", "linear", 0.01, 1)
    assert settings.classifier_dropout == 0.1
    assert settings.hidden_dropout is None
    assert settings.attention_dropout is None


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name not in ("squad1", "squad2", "race")])
def test_the_decisive_metric_is_that_of_glue(name: str) -> None:
    assert recipe(name).kind.metrics[0] == METRICS.get(name, "accuracy")  # pyrefly: ignore
