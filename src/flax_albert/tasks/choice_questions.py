"""Questions with choices, in the forms that data sets have."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count, takewhile
from typing import Any, NamedTuple

from flax_albert.tasks.errors import UnfitError
from flax_albert.tasks.examples import Example

_FORMS = '"prompt" and "choices"; "sent1", "sent2", "ending0"...; or "article", "question" and "options"'


class Question(NamedTuple):
    """A question: its choices, and each with what it is read with."""

    choices: list[str]
    examples: list[Example]


def question(value: Any) -> Question | UnfitError:
    """A question with choices.

    Args:
        value: What is to be one, in a form that :class:`~flax_albert.tasks.multiple_choice.MultipleChoice` describes.

    Returns:
        It, or what is wrong with it.

    Example:
        >>> from flax_albert.tasks.choice_questions import question
        >>> question({"article": "It rained.", "question": "The road was _ .", "options": ["dry", "wet"]}).examples
        [Example(text='It rained.', pair='The road was dry .'), Example(text='It rained.', pair='The road was wet .')]
    """
    if not isinstance(value, Mapping):
        return UnfitError(f"must be a dictionary with {_FORMS}, got {type(value).__name__}.", kind=TypeError)
    if "prompt" in value and "choices" in value:
        return _question(value["prompt"], None, value["choices"], ("prompt", "", "choices"))
    if "sent1" in value and "ending0" in value:
        endings = [value[name] for name in takewhile(value.__contains__, (f"ending{number}" for number in count()))]
        return _question(value["sent1"], value.get("sent2") or None, endings, ("sent1", "sent2", "endings"))
    article = next((name for name in ("article", "context") if name in value), None)
    options = next((name for name in ("options", "choices") if name in value), None)
    if article and options and "question" in value:
        return _question(value[article], value["question"], value[options], (article, "question", options))
    held = ", ".join(repr(key) for key in value) or "nothing"
    return UnfitError(f"must hold {_FORMS}, and holds {held}.")


def _question(prompt: Any, middle: Any, choices: Any, names: tuple[str, str, str]) -> Question | UnfitError:
    for name, text in [(names[0], prompt)] + ([] if middle is None else [(names[1], middle)]):
        if not isinstance(text, str):
            return UnfitError(f"has a {name!r} that must be a str, and is {type(text).__name__}.", kind=TypeError)
        if not text.strip():
            return UnfitError(f"has an empty {name!r}; write some text.")
    if not isinstance(choices, list | tuple):
        return UnfitError(
            f"has {names[2]!r} that must be a list of texts, and is {type(choices).__name__}.", kind=TypeError
        )
    if not choices:
        return UnfitError("has no choices; give it some.")
    for number, choice in enumerate(choices):
        if not isinstance(choice, str):
            return UnfitError(
                f"has a choice that must be a str, number {number}, and is {type(choice).__name__}.", kind=TypeError
            )
        if not choice.strip():
            return UnfitError(f"has an empty choice, number {number}; write some text.")
    return Question(list(choices), [Example(prompt, _second(middle, choice, names[1])) for choice in choices])


def _second(middle: str | None, choice: str, name: str) -> str:
    if middle is None:
        return choice
    return middle.replace("_", choice) if name == "question" and "_" in middle else f"{middle} {choice}"
