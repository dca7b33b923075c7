"""``flax-albert tag``: entities of texts, and of texts that are split into words."""

import json
from pathlib import Path
from typing import Any

import pytest

from flax_albert import FlaxAlbertForTokenClassification, pipeline
from flax_albert.cli import main
from tests.cli.tasks import models


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> str:
    labels = {0: "O", 1: "B-PER", 2: "I-PER"}
    return models.save(FlaxAlbertForTokenClassification, tmp_path_factory.mktemp("models") / "tagger", id2label=labels)


def printed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert main(["tag", "--json", *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json(tagger: str, capsys: pytest.CaptureFixture[str]) -> None:
    task = pipeline("token-classification", tagger)
    text = "the cat sat on the man."
    for arguments, options in (
        ([], {"aggregation_strategy": "simple"}),
        (["--aggregation-strategy", "none"], {"aggregation_strategy": "none"}),
        (["--ignore-labels", "O,PER"], {"aggregation_strategy": "simple", "ignore_labels": ["O", "PER"]}),
        (["--stride", "2"], {"aggregation_strategy": "simple", "stride": 2}),
    ):
        (found,) = printed(["--model", tagger, *arguments, text], capsys)
        assert found == {
            "number": 1,
            "text": text,
            "entities": next(task.iterate([text], trim_offsets=True, **options)),
        }


def test_words(tagger: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["the", "cat", "sat", "."]
    task = pipeline("token-classification", tagger)
    expected = next(task.iterate([words], is_split_into_words=True, aggregation_strategy="first", trim_offsets=True))
    (found,) = printed(["--model", tagger, "--words", " ".join(words)], capsys)
    assert found["entities"] == expected
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"tokens": words}) + "\n" + json.dumps({"tokens": json.dumps(words)}))
    for found in printed(["--model", tagger, "--words", "--input", str(rows)], capsys):
        assert found["entities"] == expected
    assert main(["tag", "--model", tagger, "--words", "the cat"]) == 0
    assert "the" in capsys.readouterr().out
