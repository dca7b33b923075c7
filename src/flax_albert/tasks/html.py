"""Results that a notebook shows in their text: entities in the sentence, an answer in its context.

Each is the plain list or dictionary that it always was, equal to it and the same JSON, with the text kept beside it.
Colours come in the style of each element, so that nothing of a notebook's own page changes.
"""

from __future__ import annotations

import colorsys
import html
import numbers
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar, final

Entity = TypeVar("Entity", bound=Mapping[str, Any])

# Characters between two marks, or before the first and after the last, from which on their middle is left out, and how
# many are kept on either side of it.
_LONG = 600
_KEPT = 240
# Hues, from 0 to 1, of the labels of CoNLL-2003, which must not look alike; a hash decides the others.
_HUES = {"PER": 0.58, "PERSON": 0.58, "ORG": 0.1, "LOC": 0.36, "LOCATION": 0.36, "GPE": 0.42, "MISC": 0.83}
_LIGHTNESS = (0.79, 0.83, 0.87)  # contrast of the ink on every one of them: above 7 to 1
_ANSWER_COLOUR = "#ffe48a"
_INK = "#1b1b1f"  # on the light colours of the marks, whatever the notebook's own colours are
_TEXT_STYLE = "line-height:2;white-space:pre-wrap;overflow-wrap:anywhere;max-width:60em"
_MARK_STYLE = (
    "color:{ink};background:{colour};border-radius:.35em;padding:.12em .4em;"
    "box-decoration-break:clone;-webkit-box-decoration-break:clone"
)
_LABEL_STYLE = "font-size:.75em;margin-inline-start:.5em;unicode-bidi:isolate;user-select:none;white-space:nowrap"
_NOTE_STYLE = "opacity:.75"


@final
class EntityList(list[Entity]):
    """The entities of a text: a list of dictionaries that a notebook shows in their sentence.

    Args:
        entities: What was found, as transformers' keys have it.
        text: The text that their ``start`` and ``end`` count in.

    Attributes:
        text: That text.

    Example:
        >>> from flax_albert.tasks.html import EntityList
        >>> found = EntityList(
        ...     [{"entity_group": "PER", "score": 0.998, "word": "Ada", "start": 0, "end": 3}], "Ada came."
        ... )
        >>> found == [{"entity_group": "PER", "score": 0.998, "word": "Ada", "start": 0, "end": 3}]
        True
        >>> "PER" in found._repr_html_()
        True
    """

    def __init__(self, entities: Iterable[Entity] = (), text: str = "") -> None:
        super().__init__(entities)
        self.text = text

    def _repr_html_(self) -> str:
        placed: list[_Mark] = []
        beside: list[str] = []
        for entity in sorted(self, key=_position):
            label = str(entity.get("entity_group", entity.get("entity", "")))
            span = _span(entity, self.text)
            if span and (not placed or placed[-1].end <= span[0]):
                marked = _mark(self.text[slice(*span)], label, entity.get("score"), colour(label))
                placed.append(_Mark(*span, marked))
            else:  # without a place in the text, or within another entity: shown below
                beside.append(_mark(str(entity.get("word", "")), label, entity.get("score"), colour(label)))
        lines = [_block(_TEXT_STYLE, _marked_text(self.text, placed))]
        if beside:
            lines.append(_block(_TEXT_STYLE, " ".join(beside)))
        if not self:
            lines.append(_block(_NOTE_STYLE, "no entities"))
        return _block("", "".join(lines))


@final
class Answer(dict[str, Any]):
    """An answer: a dictionary that a notebook shows in its context.

    Args:
        fields: ``score``, ``start``, ``end`` and ``answer``, as transformers has them.
        question: What was asked.
        context: The text that ``start`` and ``end`` count in.

    Attributes:
        question: What was asked.
        context: That text.

    Example:
        >>> from flax_albert.tasks.html import Answer
        >>> answer = Answer({"score": 0.9, "start": 0, "end": 3, "answer": "Ada"}, "Who came?", "Ada came.")
        >>> answer == {"score": 0.9, "start": 0, "end": 3, "answer": "Ada"}
        True
        >>> "Who came?" in answer._repr_html_()
        True
    """

    def __init__(self, fields: Mapping[str, Any] | None = None, question: str = "", context: str = "") -> None:
        super().__init__(fields or {})
        self.question = question
        self.context = context

    def _repr_html_(self) -> str:
        return _block("", _question(self.question) + self._in_context())

    def _in_context(self) -> str:
        span, score = _span(self, self.context), self.get("score")
        if span:
            marked = _mark(self.context[slice(*span)], "", score, _ANSWER_COLOUR)
            return _block(_TEXT_STYLE, _marked_text(self.context, [_Mark(*span, marked)]))
        answer = self.get("answer")
        said = _mark(str(answer) if answer else "no answer", "", score, _ANSWER_COLOUR)
        return _block(_TEXT_STYLE, said) + _block(_TEXT_STYLE, _marked_text(self.context, []))


@final
class AnswerList(list[Answer]):
    """Several answers to one question, best first: a list of :class:`Answer` that a notebook shows one below the other.

    Example:
        >>> from flax_albert.tasks.html import Answer, AnswerList
        >>> answers = AnswerList([Answer({"score": 0.9, "start": 0, "end": 3, "answer": "Ada"}, "Who?", "Ada came.")])
        >>> answers[0]["answer"], "Who?" in answers._repr_html_()
        ('Ada', True)
    """

    def _repr_html_(self) -> str:
        shown: list[str] = []
        question = ""
        for answer in self:
            if answer.question != question:
                question = answer.question
                shown.append(_question(question))
            shown.append(answer._in_context())
        return _block("", "".join(shown))


def colour(label: str) -> str:
    """The colour of a label, the same everywhere: light, so that dark letters can be read on it.

    ``B-PER`` and ``I-PER`` have the colour of ``PER``.

    Args:
        label: A label.

    Returns:
        The colour in CSS, ``#`` and six hexadecimal digits.

    Example:
        >>> from flax_albert.tasks.html import colour
        >>> colour("B-PER") == colour("PER") != colour("ORG")
        True
    """
    name = (label[2:] if label[:2] in ("B-", "I-") else label).upper()
    hash_value = zlib.crc32(name.encode("utf-8", "surrogatepass"))
    hue = _HUES.get(name, hash_value % 24 / 24)
    red, green, blue = colorsys.hls_to_rgb(hue, _LIGHTNESS[hash_value // 24 % len(_LIGHTNESS)], 0.75)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


class _Mark(NamedTuple):
    start: int
    end: int
    html: str


def _position(entity: Mapping[str, Any]) -> tuple[bool, int]:
    start = entity.get("start")
    return (start is None, 0 if start is None else start)


def _span(fields: Mapping[str, Any], text: str) -> tuple[int, int] | None:
    """Where it stands in the text, or None where that is nowhere."""
    start, end = fields.get("start"), fields.get("end")
    if start is None or end is None or not 0 <= start < end <= len(text):
        return None
    return start, end


def _marked_text(text: str, marks: list[_Mark]) -> str:
    """The text with its marks, and without the middle of long stretches that hold none."""
    return "".join(_pieces(text, marks))


def _pieces(text: str, marks: list[_Mark]) -> Iterator[str]:
    position = 0
    for mark in marks:
        yield _stretch(text[position : mark.start], keep_start=position > 0, keep_end=True)
        yield mark.html
        position = mark.end
    yield _stretch(text[position:], keep_start=True, keep_end=False)


def _stretch(text: str, keep_start: bool, keep_end: bool) -> str:
    if len(text) <= _LONG:
        return _escaped(text)
    # Not within a word, unless that word is long or the script has no spaces.
    start = _escaped(re.sub(r"\s\S{0,20}\Z", "", text[:_KEPT])) if keep_start else ""
    end = _escaped(re.sub(r"\A\S{0,20}\s", "", text[-_KEPT:])) if keep_end else ""
    gap = f'<span style="{_NOTE_STYLE}"> … </span>'
    return f"{start}{gap}{end}"


def _mark(text: str, label: str, score: Any, background: str) -> str:
    style = _MARK_STYLE.format(ink=_INK, colour=background)
    said = [f"<b>{_escaped(label)}</b>"] if label else []
    if isinstance(score, numbers.Real):
        said.append(f"{float(score):.3f}")
    beside = f'<span style="{_LABEL_STYLE}">{" ".join(said)}</span>' if said else ""
    return f'<mark style="{style}"><bdi>{_escaped(text)}</bdi>{beside}</mark>'


def _question(question: str) -> str:
    return _block("font-weight:600", _escaped(question)) if question else ""


def _escaped(text: str) -> str:
    return html.escape(text.encode("utf-8", "replace").decode())  # lone surrogates are no characters


def _block(style: str, inside: str) -> str:
    styled = f' style="{style}"' if style else ""
    return f'<div dir="auto"{styled}>{inside}</div>'
