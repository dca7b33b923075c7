"""``flax-albert classify``: labels, pairs, several labels."""

import json
import re

import pytest

from flax_albert import pipeline
from flax_albert.cli import main


def printed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    assert main(["classify", "--json", *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json(classifier: str, capsys: pytest.CaptureFixture[str]) -> None:
    task = pipeline("text-classification", classifier)
    (one,) = printed(["--model", classifier, "the cat sat"], capsys)
    (best,) = next(task.iterate(["the cat sat"]))
    assert one == {"number": 1, "text": "the cat sat", **best}
    (every,) = printed(["--model", classifier, "--top-k", "all", "the cat sat"], capsys)
    assert every["labels"] == next(task.iterate(["the cat sat"], top_k=None))
    assert every["label"] == best["label"]


def test_pairs(classifier: str, capsys: pytest.CaptureFixture[str]) -> None:
    pair = {"text": "the cat sat", "text_pair": "a dog"}
    (found,) = printed(["--model", classifier, pair["text"], "--pair", pair["text_pair"]], capsys)
    (best,) = next(pipeline("text-classification", classifier).iterate([pair]))
    assert found == {"number": 1, **pair, **best}


def test_several_labels(classifier: str, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = printed(["--model", classifier, "--multi-label", "the cat sat"], capsys)
    task = pipeline("text-classification", classifier, function_to_apply="sigmoid")
    assert found["labels"] == next(task.iterate(["the cat sat"], top_k=None))


def test_a_table_shows_labels_scores_and_bars(classifier: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", "--model", classifier, "--top-k", "2", "the cat \x1b[31m", "a dog"]) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "the cat �[31m"
    task = pipeline("text-classification", classifier)
    for line, answer in zip(lines[5:], next(task.iterate(["a dog"], top_k=2)), strict=True):
        label, score, bar = re.fullmatch(r"  (.*?) {2,}([\d.]+) +(█*.?)", line).groups()  # type: ignore[union-attr]
        assert (label, score) == (answer["label"], f"{answer['score']:.3f}")
        assert len(bar) == pytest.approx(answer["score"] * 12, abs=1)


def test_mistakes(classifier: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, message in (
        (["x"], "the following arguments are required: --model"),
        (["--model", classifier, "--pair", "x"], "--pair is the second text beside a TEXT"),
        (["--model", classifier, "--top-k", "0", "x"], "must be a whole number of at least 1, not '0'"),
        (["--model", classifier, "--multi-label", "--function-to-apply", "none", "x"], "not allowed with argument"),
        (["--model", "albert-mini-en", "x"], "was not trained for TextClassification"),
        (["--model", classifier, "the cat " * 30], "tokens, and the model takes 48; shorten the text"),
    ):
        assert main(["classify", *arguments]) == 2
        shown = capsys.readouterr()
        assert message in shown.err
        assert shown.err.count("\n") == 1
    assert main(["classify", "--model", classifier, "--truncation", "the cat " * 30]) == 0
