"""``flax-albert finetune``: what it makes of its arguments."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from flax_albert.cli import main
from flax_albert.cli.finetune.settings import chosen_settings, named_files
from flax_albert.recipes import recipe
from tests.training.finetuning import tiny

ROWS = "text,label\nthe dog is old,dog\nthe cat is old,cat\na dog,dog\na cat,cat\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model and files of examples."""
    from flax_albert import FlaxAlbertForPreTraining

    folder = tmp_path_factory.mktemp("files")
    FlaxAlbertForPreTraining(tiny.config(), seed=5).save_pretrained(folder / "model")
    tiny.TOKENIZER.save_pretrained(folder / "model")
    (folder / "train.csv").write_text(ROWS)
    (folder / "pairs.csv").write_text("sentence1,sentence2,score\na dog,a cat,1.5\na dog,the dog,4\n")
    (folder / "sets.jsonl").write_text('{"text": "a dog", "label": ["dog", "small"]}\n{"text": "a cat", "label": []}\n')
    (folder / "choices.jsonl").write_text('{"prompt": "a", "choices": ["dog", "cat"], "label": 1}\n')
    (folder / "words.conll").write_text("Ada B-PER\ncame O\n\nIt O\nrains O\n")
    question = {
        "id": "1",
        "question": "Who came?",
        "context": "Ada came.",
        "answers": [{"text": "Ada", "answer_start": 0}],
    }
    (folder / "questions.jsonl").write_text(json.dumps(question))
    (folder / "lines.txt").write_text("the dog is old\n\nthe cat is old\n")
    return folder


def dry(folder: Path, kind: str, train: str, *more: str) -> list[str]:
    files = ["--model", str(folder / "model"), "--train", str(folder / train), "--output", str(folder / "out")]
    return ["finetune", kind, *files, "--max-length", "32", "--dry-run", "--json", *more]


def shown(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert main(arguments) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("kind", "train", "more", "labels"),
    [
        ("classify", "train.csv", [], ["cat", "dog"]),
        ("classify", "train.csv", ["--labels", "dog,cat,cow"], ["dog", "cat", "cow"]),
        ("classify", "sets.jsonl", ["--multi-label", "--threshold", "best"], ["dog", "small"]),
        ("regress", "pairs.csv", [], ["LABEL_0"]),
        ("tag", "words.conll", [], ["B-PER", "O"]),
        ("answer", "questions.jsonl", ["--doc-stride", "4", "--max-question-len", "8"], None),
        ("choose", "choices.jsonl", [], None),
        ("mlm", "lines.txt", ["--mask-share", "0.3", "--line-by-line"], None),
    ],
)
def test_every_kind_reads_its_files(
    kind: str,
    train: str,
    more: list[str],
    labels: list[str] | None,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = shown(dry(folder, kind, train, *more), capsys)
    assert found["task"] == kind
    assert found.get("labels") == labels
    assert not (folder / "out").exists()


def test_options_reach_the_kind_and_the_settings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = ["--metric", "f1,accuracy", "--steps", "40", "--warmup", "0.25", "--learning-rate", "1e-3", "--clip", "none"]
    more += ["--freeze", "albert/embeddings/*", "--dtype", "bfloat16", "--eval", str(folder / "train.csv")]
    more += ["--optimizer", "optax.sgd", "--optimizer-option", "momentum=0.9", "--weight-decay", "0"]
    found = shown(dry(folder, "classify", "train.csv", *more), capsys)
    assert found["options"] == {"metrics": ["f1", "accuracy"], "labels": None}
    settings = found["settings"]
    assert isinstance(settings, dict)
    assert (settings["steps"], settings["dtype"]) == (40, "bfloat16")
    optimizer = settings["optimizer"]
    assert (optimizer["name"], optimizer["learning_rate"], optimizer["warmup"]) == ("optax.sgd", 1e-3, 10)
    assert (optimizer["clip"], optimizer["frozen"]) == (None, ["albert/embeddings/*"])
    assert optimizer["options"] == {"momentum": 0.9}
    assert found["data"]["dev"]["examples"] == 4  # type: ignore[index]


def test_what_is_given_comes_before_the_recipe(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = shown(dry(folder, "classify", "train.csv", "--recipe", "cola", "--batch-size", "2"), capsys)
    assert found["options"] == {"metrics": ["matthews", "accuracy"], "labels": None}
    settings = found["settings"]
    assert isinstance(settings, dict)
    assert (settings["steps"], settings["batch_size"], settings["optimizer"]["warmup"]) == (5336, 2, 320)


def test_epochs_come_before_the_steps_of_a_recipe() -> None:
    from flax_albert.cli.arguments import parse

    files = ["--model", "m", "--train", "t", "--output", "o"]
    options = parse(["finetune", "classify", *files, "--epochs", "2"])
    changed = chosen_settings(options, recipe("cola").settings)
    assert changed == dataclasses.replace(recipe("cola").settings, steps=None, epochs=2)


def test_an_equals_sign_in_a_directory_is_no_name() -> None:
    assert named_files(["runs/lr=3/dev.csv"]) == "runs/lr=3/dev.csv"
    assert named_files(["dev=runs/lr=3/dev.csv"]) == {"dev": "runs/lr=3/dev.csv"}


@pytest.mark.parametrize(
    ("kind", "more", "message"),
    [
        ("regress", ["--recipe", "cola"], "the recipe 'cola' is for finetune classify"),
        ("classify", ["--recipe", "cola", "--multi-label"], "is for finetune classify, as it comes"),
        ("classify", ["--threshold", "0.3"], "--threshold is for --multi-label"),
        ("classify", ["--threshold", "3"], "must lie between 0 and 1, or be 'best', not '3'"),
        ("classify", ["--metric", "bleu"], "There is no metric 'bleu'"),
        ("classify", ["--eval", "a.csv", "--eval", "b.csv"], "several --eval files need a name each"),
        ("classify", ["--eval", "a=a.csv", "--eval", "a=b.csv"], "cannot both be called 'a'"),
        ("classify", ["--eval", "no.csv"], "no.csv"),
        ("classify", ["--steps", "3", "--epochs", "1"], "not allowed with argument"),
        ("classify", ["--text-column", "body"], "has no column 'body'"),
        ("classify", ["--optimizer-option", "x"], "--optimizer-option takes KEY=VALUE, got 'x'"),
        ("mlm", ["--mask-share", "2"], "must lie between 0 and 1, got 2"),
    ],
)
def test_mistakes(kind: str, more: list[str], message: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(dry(folder, kind, "train.csv", *more)) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("kind", ["classify", "regress", "tag", "answer", "choose", "mlm"])
def test_help_teaches(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["finetune", kind, "--help"]) == 0
    told = capsys.readouterr().out
    assert f"flax-albert finetune {kind} " in told.split("examples:")[1]
    assert max(map(len, told.splitlines())) <= 80
