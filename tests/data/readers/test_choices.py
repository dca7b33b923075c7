"""Questions with choices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flax_albert.data.errors import DataError
from flax_albert.data.readers import Skipped, read_choices
from flax_albert.tasks.choice_questions import Question, question

_SWAG = {"sent1": "It rained.", "sent2": "The road", "ending0": "was dry.", "ending1": "was wet.", "label": 1}


@pytest.mark.parametrize(
    ("row", "prompt", "choices", "label"),
    [
        (_SWAG, "It rained.", ("The road was dry.", "The road was wet."), 1),
        ({**_SWAG, "sent2": ""}, "It rained.", ("was dry.", "was wet."), 1),
        ({**_SWAG, "startphrase": "It rained. The road", "ending2": "sang."}, "It rained.",
         ("The road was dry.", "The road was wet.", "The road sang."), 1),
        ({"article": "A.", "question": "What is _ ?", "options": ["b", "c"], "answer": "B"},
         "A.", ("What is b ?", "What is c ?"), 1),
        ({"article": "A.", "question": "What?", "options": ["b", "c"], "answer": "A"}, "A.", ("What? b", "What? c"), 0),
        ({"question": "Q?", "choices": {"text": ["b", "c"], "label": ["1", "2"]}, "answerKey": "2"},
         "Q?", ("b", "c"), 1),
        ({"question_stem": "Q", "choices": [{"text": "b", "label": "A"}, {"text": "c", "label": "B"}],
          "answerKey": "B"}, "Q", ("b", "c"), 1),
        ({"prompt": "P", "choices": ["b", "c", "d", "e", "f"], "label": "4"}, "P", ("b", "c", "d", "e", "f"), 4),
        ({"prompt": "P", "choices": '["b", "c"]', "label": "0"}, "P", ("b", "c"), 0),
        ({"ctx": "P", "endings": ["b", "c"], "label": "1"}, "P", ("b", "c"), 1),
        ({"goal": "P", "sol1": "b", "sol2": "c", "label": 0}, "P", ("b", "c"), 0),
    ],
)  # fmt: skip
def test_forms(row: dict[str, Any], prompt: str, choices: tuple[str, ...], label: int) -> None:
    [example] = read_choices([row])
    assert (example.prompt, example.choices, example.label) == (prompt, choices, label)


@pytest.mark.parametrize(
    "row",
    [
        _SWAG,
        {"article": "A.", "question": "What is _ ?", "options": ["b", "c"], "answer": "B"},
        {"prompt": "The _ is", "choices": ["b", "c"], "label": 0},
        {"context": "A.", "question": "What?", "choices": ["b", "c"], "label": 0},
    ],
)
def test_segments_are_those_that_the_task_reads(row: dict[str, Any]) -> None:
    [example] = read_choices([row])
    asked = question(row)
    assert isinstance(asked, Question)
    assert [(text.text, text.pair) for text in asked.examples] == [
        (example.prompt, choice) for choice in example.choices
    ]


def test_choices_in_columns_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("question,A,B,C,answer\nQ?,x,y,z,c\nR?,x,y,,A\n")
    first, second = read_choices(tmp_path / "a.csv", columns={"choices": ["A", "B", "C"], "prompt": "question"})
    assert (first.choices, first.label, second.choices, second.label) == (("x", "y", "z"), 2, ("x", "y"), 0)
    (tmp_path / "swag.csv").write_text(
        ",video-id,fold-ind,startphrase,sent1,sent2,gold-source,ending0,ending1,ending2,ending3,label\n"
        "0,v,1,It rained. It,It rained.,It,gold,a,b,c,d,3\n"
    )
    [example] = read_choices(tmp_path / "swag.csv")
    assert (example.prompt, example.choices, example.label) == ("It rained.", ("It a", "It b", "It c", "It d"), 3)


def test_a_folder_of_race(tmp_path: Path) -> None:
    article = {"article": "A.", "questions": ["Q?", "_ is"], "options": [["b", "c"], ["d", "e"]], "answers": ["A", "B"]}
    for name in ("high", "middle"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.txt").write_text(json.dumps({**article, "id": f"{name}1.txt"}))
    examples = list(read_choices(tmp_path))
    assert [(example.choices, example.label) for example in examples] == [
        (("Q? b", "Q? c"), 0),
        (("d is", "e is"), 1),
    ] * 2
    assert examples[3].where == "questions[1] of middle/1.txt"
    (tmp_path / "all.jsonl").write_text(json.dumps(article) + "\n")
    assert [example.choices for example in read_choices(tmp_path / "all.jsonl")] == [
        example.choices for example in examples[:2]
    ]
    (tmp_path / "high" / "2.txt").write_text(json.dumps({**article, "answers": ["A"]}))
    (tmp_path / "high" / "3.txt").write_text("{")
    skipped = Skipped()
    assert len(list(read_choices(tmp_path, skipped=skipped))) == 4
    assert skipped.listed[0] == "high/2.txt has no 'questions', 'options' and 'answers' of one length."
    assert skipped.listed[1].startswith("high/3.txt holds no article: 3.txt is no JSON")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"folder without .txt files"):
        list(read_choices(tmp_path / "empty"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": 2}, "line 2 of a.jsonl has '2' in 'label', and 2 choices: 0 to 1, or A to B."),
        ({"label": "C"}, "line 2 of a.jsonl has 'C' in 'label', and 2 choices"),
        ({"label": "both"}, "line 2 of a.jsonl has 'both' in 'label', which is neither a number nor a letter."),
        ({"label": -1}, "line 2 of a.jsonl has no 'label'."),
        ({"label": None}, "line 2 of a.jsonl has no 'label'."),
        ({"label": -2}, "line 2 of a.jsonl has '-2' in 'label', which is neither a number nor a letter."),
        ({"ending0": " "}, "line 2 of a.jsonl has a choice that is no text, or an empty one: number 0."),
        ({"ending0": None}, "line 2 of a.jsonl has a choice that is no text, or an empty one: number 0."),
        ({"ending1": ""}, "line 2 of a.jsonl has 1 choice; two are the fewest."),
        ({"sent1": ""}, "line 2 of a.jsonl has no 'sent1'."),
        ({"sent2": 3}, "line 2 of a.jsonl has a 'sent2' that is no text but int."),
    ],
)
def test_rows_at_fault(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    rows = [_SWAG, {**_SWAG, **change}, _SWAG]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(DataError) as caught:
        list(read_choices(tmp_path / "a.jsonl"))
    assert str(caught.value).startswith(message)
    skipped = Skipped()
    assert len(list(read_choices(tmp_path / "a.jsonl", skipped=skipped))) == 2
    assert skipped.listed == [str(caught.value)]


def test_unlabelled_where_that_is_asked_for() -> None:
    rows = [{**_SWAG, "label": -1}, {name: value for name, value in _SWAG.items() if name != "label"}]
    assert [example.label for example in read_choices(rows, unlabelled=True)] == [None, None]
