"""``flax-albert fill-mask``, called in this process."""

import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from jax.errors import JaxRuntimeError

from flax_albert import FlaxAlbertForMaskedLM, FlaxAlbertModel
from flax_albert.cli import main
from flax_albert.tasks import FillMask
from tests.tasks import tiny


def standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes | None) -> None:
    """Makes these bytes the standard input; None a terminal's."""
    stream = io.TextIOWrapper(io.BytesIO(data or b""))
    stream.isatty = lambda: data is None  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", stream)


def answers(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_json_holds_what_the_task_answers(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = ["The [MASK] sat.", 'A "[MASK]" in the [MASK], é']
    assert main(["fill-mask", "--json", "--top-k", "3", "--model", model, *texts]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    task = FillMask(tiny.model(), tiny.tokenizer())
    for number, (line, text, expected) in enumerate(
        zip(answers(shown.out), texts, task.iterate(texts, top_k=3), strict=True), start=1
    ):
        assert list(line) == ["number", "text", "masks"]
        assert (line["number"], line["text"]) == (number, text)
        assert line["masks"] == expected


def test_a_table_ranks_pieces_with_score_bar_and_sentence(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = ["The [MASK] sat on the [MASK].", "a [MASK]"]
    assert main(["fill-mask", "--model", model, "--targets", "cat,man", *texts]) == 0
    out = capsys.readouterr().out
    lines = [line.rstrip() for line in out.splitlines()]
    assert [line for line in lines if not line.startswith("  ")] == [texts[0], "mask 1", "mask 2", "", texts[1]]
    rows = [line.split(maxsplit=4) for line in lines if line.startswith("  ")]
    assert [row[0] for row in rows] == ["1", "2"] * 3
    ((best, second),) = next(FillMask(tiny.model(), tiny.tokenizer()).iterate(["a [MASK]"], targets=["▁cat", "▁man"]))
    for row, candidate in zip(rows[4:], (best, second), strict=True):
        assert row[1:3] == [candidate["token_str"], f"{candidate['score']:.3f}"]
        assert row[-1] == candidate["sequence"]
    assert re.fullmatch("█*[█▏▎▍▌▋▊▉]", rows[4][3])
    assert {row[-1].replace(row[1], "X", 1) for row in rows[:2]} == {"the X sat on the [MASK]."}
    assert {row[-1].replace(row[1], "X", 1) for row in rows[2:4]} == {"the [MASK] sat on the X."}


def test_a_piece_that_is_only_a_space_can_be_seen(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fill-mask", "--model", model, "--targets", "▁", "a [MASK]"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:2] == ["1", "▁"]


@pytest.mark.parametrize("columns", [100, 80, 40, 24])
def test_tables_fit_the_terminal(
    columns: int, model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = "The [MASK] sat on the mat in the sun on the mat in the sun on the mat."
    assert main(["fill-mask", "--model", model, text]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    assert re.sub(r"\s", "", "".join(lines)).count("onthematinthesun") >= 1


def test_text_cannot_steer_the_terminal(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fill-mask", "--model", model, "a \x1b[31m\x07 [MASK] [bold]on[/bold] :cat:"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "[bold]on[/bold] :cat:" in out


@pytest.mark.parametrize("dash", [[], ["-"]])
def test_standard_input_gives_one_text_a_line(
    dash: list[str], model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    standard_input(monkeypatch, b"a [MASK]\n\nthe [MASK] sat\r\n")
    assert main(["fill-mask", "--json", "--model", model, *dash]) == 0
    assert [(line["number"], line["text"]) for line in answers(capsys.readouterr().out)] == [
        (1, "a [MASK]"),
        (3, "the [MASK] sat"),
    ]


def test_targets_are_words(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fill-mask", "--json", "--model", model, "--targets", "Man, cat", "a [MASK]"]) == 0
    (line,) = answers(capsys.readouterr().out)
    assert sorted(candidate["sequence"] for candidate in line["masks"][0]) == ["a cat", "a man"]


def test_dtype_changes_the_computation_a_little(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    scores = []
    for dtype in ("float32", "bfloat16"):
        assert main(["fill-mask", "--json", "--model", model, "--dtype", dtype, "--targets", "cat", "a [MASK]"]) == 0
        scores.append(answers(capsys.readouterr().out)[0]["masks"][0][0]["score"])
    assert scores[0] != scores[1]
    assert scores[0] == pytest.approx(scores[1], rel=0.1)


def failing(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """What was printed, and the one line of the error."""
    assert main(["fill-mask", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("flax-albert: error: ")
    assert shown.err.count("\n") == 1
    return shown.out, shown.err.removeprefix("flax-albert: error: ").rstrip()


def test_a_text_at_fault_is_named_and_those_before_it_are_answered(
    model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [*["the [MASK] sat"] * 40, "", "no mask here", "a [MASK]"]
    standard_input(monkeypatch, "\n".join(lines).encode())
    out, error = failing(["--json", "--model", model], capsys)
    assert [line["number"] for line in answers(out)] == list(range(1, 41))
    assert error == "line 42 ('no mask here') has no [MASK]; write [MASK] in place of the word to fill in."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["the cat"], "text 1 ('the cat') has no [MASK]"),
        (["a [MASK]", ""], "text 2 ('') is empty"),
        (["[MASK]" + " cat" * 70], "has 73 tokens, and the model takes 48; shorten the text,"),
        (["--targets", "cat,cats", "a [MASK]"], "The target 'cats' is no single piece"),
        (["--top-k", "99", "a [MASK]"], "top_k must be a whole number from 1 to the vocabulary's 22, got 99"),
    ],
)
def test_a_text_or_option_that_the_model_cannot_use(
    arguments: list[str], message: str, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in failing(["--model", model, *arguments], capsys)[1]


def test_a_line_that_is_not_utf8(
    model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    standard_input(monkeypatch, b"a [MASK]\nb [MASK] \xe9\n")
    out, error = failing(["--json", "--model", model], capsys)
    assert len(answers(out)) == 1
    assert "line 2 of standard input is not UTF-8" in error


def test_no_text(model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    standard_input(monkeypatch, None)
    assert "there is no text" in failing([], capsys)[1]
    standard_input(monkeypatch, b"\n \n")
    assert "standard input holds no text" in failing(["--model", model], capsys)[1]
    monkeypatch.setattr("sys.stdin", None)
    assert "there is no text" in failing(["-"], capsys)[1]


def test_a_model_that_cannot_be_used(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no model 'nowhere'" in failing(["--model", "nowhere", "a [MASK]"], capsys)[1]
    assert str(tmp_path) in failing(["--model", str(tmp_path), "a [MASK]"], capsys)[1]
    headless = tmp_path / "headless"
    shutil.copytree(model, headless)
    FlaxAlbertModel.from_pretrained(model, add_pooling_layer=False).save_pretrained(headless)
    error = failing(["--model", str(headless), "a [MASK]"], capsys)[1]
    assert "was not trained for FillMask: it lacks 'predictions" in error
    damaged = tmp_path / "damaged"
    shutil.copytree(model, damaged)
    weights = damaged / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert str(weights) in failing(["--model", str(damaged), "a [MASK]"], capsys)[1]


def test_a_device_without_memory_for_a_batch(
    model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(*_: object) -> None:
        raise JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 99 bytes.")

    monkeypatch.setattr(FlaxAlbertForMaskedLM, "masked_logits", exhausted)
    assert "choose a smaller --batch-size" in failing(["--model", model, "a [MASK]"], capsys)[1]
