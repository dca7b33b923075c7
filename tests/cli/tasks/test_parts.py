"""``flax-albert answer``, ``choose`` and ``order``, whose inputs have several parts."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from flax_albert import (
    FlaxAlbertForMultipleChoice,
    FlaxAlbertForPreTraining,
    FlaxAlbertForQuestionAnswering,
    pipeline,
)
from flax_albert.cli import main
from tests.cli.tasks import models

CONTEXT = "the cat sat on the mat. a dog sat in the sun."
MODELS = {
    "answer": FlaxAlbertForQuestionAnswering,
    "choose": FlaxAlbertForMultipleChoice,
    "order": FlaxAlbertForPreTraining,
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    directory = tmp_path_factory.mktemp("models")
    return {command: models.save(model, directory / command) for command, model in MODELS.items()}


def printed(command: str, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert main([command, "--json", *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_questions_about_a_text(saved: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = pipeline("question-answering", saved["answer"])
    questions = ["the man", "a dog"]
    expected = list(task.iterate([{"question": question, "context": CONTEXT} for question in questions]))
    (tmp_path / "context.txt").write_text(CONTEXT)
    for given in (["--context", CONTEXT], ["--context-file", str(tmp_path / "context.txt")]):
        found = printed("answer", ["--model", saved["answer"], *given, *questions], capsys)
        assert found == [
            {"number": number, "question": question, "context": CONTEXT, **answer}
            for number, (question, answer) in enumerate(zip(questions, expected, strict=True), start=1)
        ]
        assert all(CONTEXT[row["start"] : row["end"]] == row["answer"] for row in found)
    output = ["--output", str(tmp_path / "out.jsonl"), "--keep", "question"]
    assert main(["answer", "--model", saved["answer"], *given, *questions, *output]) == 0
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert written == [{"question": question, **answer} for question, answer in zip(questions, expected, strict=True)]
    capsys.readouterr()
    options = {"top_k": 3, "max_answer_len": 2, "handle_impossible_answer": True, "doc_stride": 2, "max_seq_len": 16}
    arguments = [
        part
        for name, value in options.items()
        for part in ([f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)]))
    ]
    (found,) = printed("answer", ["--model", saved["answer"], *arguments, "--context", CONTEXT, "a dog"], capsys)
    best = next(task.iterate([{"question": "a dog", "context": CONTEXT}], **options))
    assert found["answers"] == best
    assert found["answer"] == best[0]["answer"]


def test_a_table_of_answers(saved: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answer", "--model", saved["answer"], "the man", "--context", CONTEXT]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip() == "the man"
    assert lines[1].replace("[", "").replace("]", "").strip() == CONTEXT
    assert "[" in lines[1]


def test_choices(saved: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = pipeline("multiple-choice", saved["choose"])
    prompt, choices = "the cat", ["sat", "on the mat", "."]
    expected = next(task.iterate([{"prompt": prompt, "choices": choices}]))
    arguments = ["--model", saved["choose"]]
    (found,) = printed("choose", [*arguments, prompt, *choices], capsys)
    assert found == {"number": 1, "prompt": prompt, "choices": choices, **expected}
    rows = tmp_path / "rows.jsonl"
    for row, extra in (
        ({"question": prompt, "choices": {"text": choices, "label": ["A", "B", "C"]}}, []),
        ({"prompt": prompt, "choices": json.dumps(choices)}, []),
        ({"q": prompt, "a": choices[0], "b": choices[1], "c": choices[2]}, ["--prompt-column", "q"]),
    ):
        extra = [*extra, "--choices-column", "a,b,c"] if "a" in row else extra
        rows.write_text(json.dumps(row))
        (found,) = printed("choose", [*arguments, "--input", str(rows), *extra], capsys)
        assert {name: found[name] for name in expected} == expected
    assert main(["choose", *arguments, prompt, *choices]) == 0
    assert f"> {expected['answer']}" in capsys.readouterr().out


def test_choices_as_swag_and_race_have_them(
    saved: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = pipeline("multiple-choice", saved["choose"])
    swag = [
        {"sent1": "the cat", "sent2": "sat", "ending0": "on a mat", "ending1": "in the sun", "ending2": "."},
        {"sent1": "the dog", "sent2": "sat", "ending0": "on a mat", "ending1": "in the sun"},
    ]
    race = [{"article": CONTEXT, "question": "the cat", "options": ["sat", "a dog", "."], "answer": "A"}]
    for rows in (swag, race):
        source = tmp_path / "rows.jsonl"
        source.write_text("\n".join(map(json.dumps, rows)))
        arguments = ["--model", saved["choose"], "--input", str(source)]
        found = printed("choose", arguments, capsys)
        for row, expected in zip(found, task.iterate(rows), strict=True):
            assert {name: row[name] for name in expected} == expected
        assert main(["choose", *arguments]) == 0
        assert "> " in capsys.readouterr().out
    assert found[0]["input_answer"] == "A"


def test_order(saved: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = {"text": "the cat sat.", "text_pair": "a dog sat."}
    expected = next(pipeline("sentence-order", saved["order"]).iterate([pair]))
    (found,) = printed("order", ["--model", saved["order"], *pair.values()], capsys)
    assert found == {"number": 1, **pair, **expected}
    source = tmp_path / "pairs.csv"
    source.write_text("first,second\nthe cat sat.,a dog sat.\n")
    (found,) = printed("order", ["--model", saved["order"], "--input", str(source)], capsys)
    assert {name: found[name] for name in expected} == expected
    assert main(["order", "--model", saved["order"], *pair.values()]) == 0
    assert capsys.readouterr().out.split()[-3:-1][0] in ("order", "swapped", f"{expected['score']:.3f}")


@pytest.mark.parametrize("command", MODELS)
def test_standard_input_holds_an_object_a_line(
    command: str, saved: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {
        "answer": {"question": "a dog", "context": CONTEXT},
        "choose": {"prompt": "a dog", "choices": ["sat", "on"]},
        "order": {"text": "a dog", "text_pair": "sat"},
    }[command]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(row).encode() + b"\n{}\n")))
    assert main([command, "--json", "--model", saved[command]]) == 2
    shown = capsys.readouterr()
    assert set(row.items() if command == "order" else row) <= set(
        json.loads(shown.out).items() if command == "order" else json.loads(shown.out)
    )
    assert "line 2 of standard input has no column" in shown.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["answer", "Who?"], "a question needs the text that it is about: --context TEXT or --context-file FILE"),
        (["answer", "--context", "x"], "there is none"),
        (["answer", "--context-file", "nowhere.txt", "Who?"], "'nowhere.txt' cannot be read: No such file"),
        (["answer", "--context-file", "latin.txt", "Who?"], "'latin.txt' is not UTF-8"),
        (["answer", "", "--context", "x"], "question 1"),
        (["choose", "What?", "this"], "a prompt needs at least two choices"),
        (["order", "one"], "two texts have an order"),
        (["order", "one", "two", "three"], "; got 3."),
    ],
)
def test_mistakes(
    arguments: list[str],
    message: str,
    saved: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("latin.txt").write_bytes(b"\xe9")
    assert main([arguments[0], "--model", saved[arguments[0]], *arguments[1:]]) == 2
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.err.count("\n") == 1
