"""Questions: SQuAD's files and tables."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from flax_albert.data.errors import DataError
from flax_albert.data.examples import Span
from flax_albert.data.readers import Skipped, read_questions

_CONTEXT = "Ada Lovelace lived in London. She wrote to Babbage in London."


def _squad(path: Path, *questions: Any, context: Any = _CONTEXT) -> Path:
    paragraphs = [{"context": _CONTEXT, "qas": [_question("first")]}, {"context": context, "qas": list(questions)}]
    path.write_text(json.dumps({"version": "v2.0", "data": [{"title": "Ada", "paragraphs": paragraphs}]}))
    return path


def _question(name: str, text: str = "London", start: Any = 22, **more: Any) -> dict[str, Any]:
    return {"id": name, "question": "Where?", "answers": [{"text": text, "answer_start": start}], **more}


def test_both_versions_of_squad(tmp_path: Path) -> None:
    impossible = {"id": "none", "question": "When?", "answers": [], "is_impossible": True, "plausible_answers": []}
    first, second, third = read_questions(_squad(tmp_path / "a.json", _question("b", "Babbage", 43), impossible))
    assert first.answers == (Span("London", 22),)
    assert (second.id, second.title, second.answers) == ("b", "Ada", (Span("Babbage", 43),))
    assert (third.id, third.answers) == ("none", ())
    assert third.where == "data[0].paragraphs[1].qas[1] (id 'none') of a.json"


@pytest.mark.parametrize(
    "answers",
    [
        {"answers": {"text": ["London"], "answer_start": [22]}},
        {"answers": [{"text": "London", "answer_start": 22}]},
        {"answer": "London", "answer_start": 22},
        {"answer": "London", "answer_start": "22"},
    ],
)
def test_a_question_a_row(answers: dict[str, Any], tmp_path: Path) -> None:
    row = {"id": 7, "question": "Where?", "context": _CONTEXT, **answers}
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n")
    (tmp_path / "a.json").write_text(json.dumps({"data": [row]}))
    for source in ([row], tmp_path / "a.jsonl", tmp_path / "a.json"):
        [example] = read_questions(source)
        assert (example.id, example.answers, example.title) == ("7", (Span("London", 22),), None)


def test_questions_without_an_answer_and_without_a_word_of_it() -> None:
    row = {"question": "When?", "context": _CONTEXT}
    [none] = read_questions([{**row, "answers": {"text": [], "answer_start": []}}])
    assert (none.id, none.answers) == ("1", ())
    [unlabelled] = read_questions([row], unlabelled=True)
    assert unlabelled.answers == ()
    with pytest.raises(DataError, match=r"does not say which column holds the answers"):
        read_questions([row])
    with pytest.raises(DataError, match=r"row 2 of the list says nothing of answers"):
        list(read_questions([{**row, "answers": []}, {**row, "answers": None}]))


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (
            _question("x", start=21),
            "(id 'x') of a.json has the answer 'London' at character 21, where there is ' Londo'; it stands at 22.",
        ),
        (
            _question("x", "Paris"),
            "has the answer 'Paris' at character 22, where there is 'Londo'; it stands nowhere in the context.",
        ),
        (_question("x", start=99), "is nothing, as the context has 61 characters; it stands at 22."),
        (_question("x", start=-1), "is nothing"),
        (_question("x", start=None), "has the answer 'London' without the character at which it begins."),
        (_question("x", text=""), "has an answer that is no text, or an empty one."),
        (_question("x", is_impossible=True), "has answers, and says that there is none."),
        ({"id": "x", "question": "?", "answers": [], "is_impossible": False}, "says nothing of answers"),
        ({"id": "x", "question": "?"}, "says nothing of answers"),
        ({"id": "x", "question": "?", "answers": "London"}, "without the character at which it begins"),
        ({"id": "x", "question": "?", "answers": [3]}, "has an answer without 'text'"),
        ({"id": "x", "question": " ", "answers": []}, "has an empty 'question'."),
        ({"question": "?", "answers": []}, "data[0].paragraphs[1].qas[0] of a.json has no 'id'."),
        (_question("first"), "has the id 'first', which another question before it has."),
        ("text", "data[0].paragraphs[1].qas[0] of a.json is no object."),
    ],
)
def test_questions_at_fault(question: Any, message: str, tmp_path: Path) -> None:
    path = _squad(tmp_path / "a.json", question, _question("last"))
    with pytest.raises(DataError) as caught:
        list(read_questions(path))
    assert "data[0].paragraphs[1].qas[0]" in str(caught.value)
    assert message in str(caught.value)
    skipped = Skipped()
    assert [example.id for example in read_questions(path, skipped=skipped)] == ["first", "last"]
    assert skipped.listed == [str(caught.value)]


def test_paragraphs_at_fault(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"qas\[0\] \(id 'x'\) of a.json has an empty 'context'"):
        list(read_questions(_squad(tmp_path / "a.json", _question("x"), context=" ")))
    (tmp_path / "b.json").write_text(json.dumps({"data": [{"paragraphs": [{"qas": 3, "context": "x"}]}]}))
    with pytest.raises(DataError, match=r"data\[0\].paragraphs\[0\].qas of b.json is no array"):
        list(read_questions(tmp_path / "b.json"))


def test_a_file_of_one_long_line(tmp_path: Path) -> None:
    filler = {"id": "long", "question": "?", "answers": [], "note": "x" * 2**24}
    assert len(list(read_questions(_squad(tmp_path / "a.json", filler)))) == 2


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"data":\n "caf\xe9"}')
    with pytest.raises(DataError, match=r"line 2 of a.json is not UTF-8 .its byte 6 is 0xe9."):
        read_questions(tmp_path / "a.json")
    (tmp_path / "b.json").write_bytes(b"\xef\xbb\xbf[")
    with pytest.raises(DataError, match=r"b.json is no JSON: Expecting value at character 2 of line 1"):
        read_questions(tmp_path / "b.json")


def test_a_compressed_file_that_was_cut(tmp_path: Path) -> None:
    whole = gzip.compress(_squad(tmp_path / "a.json", _question("x")).read_bytes())
    for suffix in (".gz", ".xz", ".bz2"):  # only the first is what it says
        (tmp_path / f"b.json{suffix}").write_bytes(whole[:-20])
        with pytest.raises(DataError, match=rf"b.json{suffix}' cannot be read"):
            read_questions(tmp_path / f"b.json{suffix}")
