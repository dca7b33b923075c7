"""Results in a notebook: the marks stand where the offsets say, nothing of a text is markup, a list stays a list."""

import copy
import json
import pickle
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from flax_albert.tasks.html import Answer, AnswerList, EntityList, colour

VOID = {"br", "hr", "img", "input", "meta", "link"}
HOSTILE = "</mark><script>alert('1')</script> & \"quoted\" <b>"


class Page(HTMLParser):
    """Checks that elements nest, and keeps the text and what is marked; labels are kept apart."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.text, self.labels = "", []
        self.marks: list[str] = []
        self.feed(fragment)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert all(name in ("style", "dir") for name, _ in attrs)
        self.elements.add(tag)
        self.open.append(tag)
        if tag == "bdi":
            self.marks.append("")
        if tag == "span" and self.open[-2] == "mark":
            self.labels.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "mark" in self.open and "bdi" not in self.open:
            self.labels[-1] += data
            return
        self.text += data
        if "bdi" in self.open:
            self.marks[-1] += data


def entity(text: str, word: str, label: str, **more: Any) -> dict[str, Any]:
    start = text.index(word)
    return {"entity_group": label, "score": 0.5, "word": word, "start": start, "end": start + len(word)} | more


def answer_in(context: str, words: str, **more: Any) -> dict[str, Any]:
    start = context.index(words)
    return {"score": 0.25, "start": start, "end": start + len(words), "answer": words} | more


def test_entities_are_marked_in_their_sentence() -> None:
    text = "Ada Lovelace met Charles Babbage\nin London."
    found = EntityList(
        [entity(text, "London", "LOC"), entity(text, "Ada Lovelace", "PER", score=np.float32(0.998))], text
    )
    page = Page(found._repr_html_())
    assert page.text == text
    assert page.marks == ["Ada Lovelace", "London"]
    assert page.labels == ["PER 0.998", "LOC 0.500"]
    for label in ("PER", "LOC"):
        assert f"background:{colour(label)}" in found._repr_html_()


def test_entities_without_a_place_of_their_own_are_not_lost() -> None:
    text = "New York Times"
    found = EntityList(
        [
            entity(text, "New York Times", "ORG"),
            entity(text, "New York", "LOC"),
            {"entity": "B-PER", "score": 0.5, "word": "▁Ada", "start": None, "end": None},
            {"entity": "B-PER", "score": 0.5, "word": "out", "start": 90, "end": 93},
        ],
        text,
    )
    page = Page(found._repr_html_())
    assert page.text.startswith(text)
    assert page.marks == ["New York Times", "New York", "out", "▁Ada"]
    assert "no entities" in Page(EntityList([], text)._repr_html_()).text


def test_an_answer_is_marked_in_its_context() -> None:
    context = "The Analytical Engine was designed by Charles Babbage."
    page = Page(Answer(answer_in(context, "Charles Babbage"), "Who designed it?", context)._repr_html_())
    assert page.text == "Who designed it?" + context
    assert page.marks == ["Charles Babbage"]
    assert page.labels == ["0.250"]


def test_a_long_context_is_shortened_around_the_answer() -> None:
    context = "before " * 500 + "here it is" + " after" * 500
    page = Page(Answer(answer_in(context, "here it is"), "", context)._repr_html_())
    assert len(page.text) < 600
    before, after = page.text.split("here it is")
    assert before.startswith(" … ")
    assert after.endswith(" … ")
    assert set(before.removeprefix(" … ").split()) == {"before"}
    assert set(after.removesuffix(" … ").split()) == {"after"}


def test_no_answer_is_said() -> None:
    page = Page(Answer({"score": 0.9, "start": 0, "end": 0, "answer": ""}, "Why?", "A text.")._repr_html_())
    assert page.text == "Why?no answerA text."
    assert page.marks == ["no answer"]


def test_several_answers_name_their_question_once() -> None:
    context = "Ada met Charles."
    answers = AnswerList([Answer(answer_in(context, name), "Who?", context) for name in ("Charles", "Ada")])
    page = Page(answers._repr_html_())
    assert page.text == "Who?" + context * 2
    assert page.marks == ["Charles", "Ada"]


def test_nothing_of_a_text_is_markup() -> None:
    fields = {"score": 0.5, "start": 0, "end": len(HOSTILE), "word": HOSTILE, "answer": HOSTILE}
    shown = [
        EntityList([fields | {"entity": HOSTILE}, fields | {"entity_group": HOSTILE, "start": None}], HOSTILE * 2),
        EntityList([], HOSTILE * 100),
        Answer(fields, HOSTILE, HOSTILE),
        Answer(fields | {"start": None}, HOSTILE, HOSTILE * 100),
        AnswerList([Answer(fields, HOSTILE, HOSTILE)]),
    ]
    for result in shown:
        page = Page(result._repr_html_())
        assert page.elements <= {"div", "mark", "bdi", "span", "b"}
        assert HOSTILE[:20] in page.text


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_results_are_plain_and_travel_with_their_text(protocol: int) -> None:
    plain: list[dict[str, Any]] = [entity("Ada came.", "Ada", "PER")]
    found = EntityList(plain, "Ada came.")
    fields = answer_in("Ada came.", "Ada")
    answer = Answer(fields, "Who?", "Ada came.")
    assert found == plain
    assert plain == found
    assert answer == fields
    assert fields == answer
    assert json.dumps([found, answer]) == json.dumps([plain, fields])
    assert repr(found) == repr(plain)
    for copied in (pickle.loads(pickle.dumps(found, protocol)), copy.copy(found), copy.deepcopy(found)):
        assert type(copied) is EntityList
        assert copied == plain
        assert copied.text == "Ada came."
        assert copied._repr_html_() == found._repr_html_()
    for copied in (pickle.loads(pickle.dumps(answer, protocol)), copy.copy(answer), copy.deepcopy(answer)):
        assert type(copied) is Answer
        assert copied == fields
        assert (copied.question, copied.context) == ("Who?", "Ada came.")


def luminance(css: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    values = [int(css[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def test_colours_of_labels_are_apart_and_dark_letters_can_be_read_on_them() -> None:
    assert len({colour(label) for label in ("PER", "ORG", "LOC", "MISC")}) == 4
    assert colour("I-corporation") == colour("corporation")
    ink = luminance("#1b1b1f")
    for label in ["PER", "ORG", "LOC", "MISC", *map(str, range(200))]:
        assert (luminance(colour(label)) + 0.05) / (ink + 0.05) >= 7
