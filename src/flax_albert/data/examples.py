"""Labelled examples, one class a kind; what they are read from knows them, and what makes arrays of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextExample:
    """A text, or a pair of texts, with what is to be said of it.

    Attributes:
        text: The text.
        pair: A second text.
        label: A class, several of them, or a number; ``None`` where it is unlabelled.
        where: Where it stands, for messages: ``line 7 of train.csv``.
    """

    text: str
    pair: str | None
    label: str | tuple[str, ...] | float | None
    where: str


@dataclass(frozen=True, slots=True)
class TaggedExample:
    """A sentence of words with a tag each.

    Attributes:
        words: The words.
        tags: As many; ``None`` where it is unlabelled.
        where: Where it stands.
        document: What it is from, where that is known.
    """

    words: tuple[str, ...]
    tags: tuple[str, ...] | None
    where: str
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """An answer and the character of the context at which it begins."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class QuestionExample:
    """A question about a context.

    Attributes:
        id: Its name, in files of predictions.
        question: The question.
        context: The text that holds the answer.
        answers: Right answers, each at its place in the context; none where there is no answer.
        title: The article that the context is from, where that is known.
        where: Where it stands.
    """

    id: str
    question: str
    context: str
    answers: tuple[Span, ...]
    title: str | None
    where: str


@dataclass(frozen=True, slots=True)
class ChoiceExample:
    """A prompt and choices, one of which is right.

    Attributes:
        prompt: What the choices go on from, or answer: the first segment of every pair.
        choices: The second segments.
        label: Number of the right one, from 0; ``None`` where it is unlabelled.
        where: Where it stands.
    """

    prompt: str
    choices: tuple[str, ...]
    label: int | None
    where: str
