"""Results for people: entities in their sentence, answers in their context, choices, vectors."""

import re
from typing import Any

import numpy as np
import pytest

from flax_albert.cli.errors import UserError
from flax_albert.cli.tasks.answer_table import AnswerTable
from flax_albert.cli.tasks.choose_table import ChoiceTable
from flax_albert.cli.tasks.classify_table import LabelTable
from flax_albert.cli.tasks.embed_table import VectorTable
from flax_albert.cli.tasks.order_table import OrderTable
from flax_albert.cli.tasks.table import Table
from flax_albert.cli.tasks.tag_table import EntityTable


def lines(table: Table, item: Any, result: Any) -> list[str]:
    return [line.rstrip() for line in table.render(item, result).splitlines()]


def entity(text: str, word: str, label: str, score: float = 0.5) -> dict[str, Any]:
    start = text.index(word)
    return {"entity_group": label, "score": score, "word": word, "start": start, "end": start + len(word)}


def test_entities_stand_in_their_sentence() -> None:
    text = "Ada\x1b  Lovelace lived\nin London."
    found = [entity(text, " London", "LOC", 0.25), entity(text, "Ada\x1b  Lovelace", "PER", 0.75)]
    shown = lines(EntityTable(), text, found)
    assert shown[0] == "[Ada�  Lovelace PER] lived in [London LOC]."
    rows = [re.split(r" {2,}", line.strip()) for line in shown[1:]]
    assert [(row[0], row[1], row[2], row[-1]) for row in rows] == [
        ("London", "LOC", "0.250", "24-30"),
        ("Ada� Lovelace", "PER", "0.750", "0-14"),
    ]


def test_entities_within_others_or_without_a_place() -> None:
    text = "New York City"
    inner = entity(text, "York", "PER")
    nowhere = {"entity": "B-LOC", "score": 0.5, "word": "▁city", "start": None, "end": None}
    shown = lines(EntityTable(), text, [entity(text, text, "LOC"), inner, nowhere])
    assert shown[0] == "[New York City LOC]"
    assert "▁city" in shown[3]
    assert lines(EntityTable(), ["two", "words"], [])[:2] == ["two words", "  nothing found"]


def test_an_answer_stands_in_its_context() -> None:
    context = "Ada lived in London."
    answer = {"answer": "London", "score": 0.9, "start": 13, "end": 19}
    shown = lines(AnswerTable(), {"question": "Where?", "context": context}, answer)
    assert shown[:2] == ["Where?", "  Ada lived in [London]."]
    assert shown[2].split()[:2] == ["London", "0.900"]
    nothing = {"answer": "", "score": 0.6, "start": 0, "end": 0}
    shown = lines(AnswerTable(), {"question": "Why?", "context": context}, [nothing, answer])
    assert shown[1] == "  Ada lived in London."
    assert [line.split()[0] for line in shown[2:]] == ["no", "London"]


def test_a_long_context_is_shown_around_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    context = "before " * 500 + "HERE" + " after" * 500
    answer = {"answer": "HERE", "score": 0.9, "start": 3500, "end": 3504}
    shown = lines(AnswerTable(), {"question": "Where?", "context": context}, answer)[1].strip()
    assert 400 < len(shown) < 600
    assert shown.startswith("… before before")
    assert "before [HERE] after" in shown
    assert shown.endswith("after …")


def test_the_best_choice_is_marked() -> None:
    result = {"choice": 1, "answer": "light", "score": 0.75, "scores": [0.25, 0.75]}
    shown = lines(ChoiceTable(), {"prompt": "What?", "choices": ["a book", "light"]}, result)
    assert [line.strip() for line in shown[:1]] == ["What?"]
    assert shown[1].split()[:3] == ["a", "book", "0.250"]
    assert shown[2].split()[:3] == [">", "light", "0.750"]


def test_scores_that_are_no_probabilities_have_no_bars() -> None:
    assert lines(LabelTable(), "x", [{"label": "LABEL_0", "score": 4.5}]) == ["x", "  LABEL_0   4.500"]
    assert "█" in lines(LabelTable(), "x", [{"label": "LABEL_0", "score": 0.5}])[1]


def test_pairs_stand_on_lines_of_their_own() -> None:
    pair = {"text": "one", "text_pair": "two"}
    assert lines(OrderTable(), pair, {"label": "in_order", "score": 0.5})[:2] == ["one", "two"]
    assert lines(LabelTable(), pair, [{"label": "x", "score": 0.5}])[:2] == ["one", "two"]


def test_vectors_and_how_alike_they_are() -> None:
    vector = np.array([3.0, 4.0, 0.0, 0.0, 0.0], np.float32)
    assert lines(VectorTable(), "x", vector) == [
        "x",
        "  5 numbers: 3.0000 4.0000 0.0000 0.0000 … (length 5.0000)",
    ]
    table = VectorTable(lambda a, b: a @ b.T)
    assert table.render("one", vector[:1]) == table.render("two", vector[1:2]) == ""
    rows = [line.split() for line in table.render_end().splitlines()]
    assert rows == [["1", "2"], ["1", "9.000", "12.000", "one"], ["2", "12.000", "16.000", "two"]]
    for _ in range(48):
        table.render("more", vector)
    with pytest.raises(UserError, match="compares at most 50 texts"):
        table.render("more", vector)


def test_errors_and_results_are_set_apart() -> None:
    table = LabelTable()
    table.render("x", [])
    assert table.render_error("line 2 is\x1b empty.") == "\nline 2 is� empty.\n"
