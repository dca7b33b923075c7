"""Questions with their contexts, in all the ways that transformers lets one ask them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from flax_albert.tasks.errors import UnfitError

_MISSING: Final = object()


class Question(NamedTuple):
    """A question and the text that may answer it."""

    question: str
    context: str


def is_question(value: Any) -> bool:
    """Whether this is meant as one question with its context, rather than as several.

    Args:
        value: A dictionary, or an object like transformers' ``SquadExample``; also a text, which is at fault.

    Returns:
        Whether it is.
    """
    return isinstance(value, str | Mapping) or hasattr(value, "question_text")


def one_question(value: Any) -> Question | UnfitError:
    """A question with its context, seen to be such.

    Args:
        value: A dictionary with ``question`` and ``context``, and whatever else, as the rows of a data set have it; or
            an object like transformers' ``SquadExample``.

    Returns:
        It, or what is wrong with it.
    """
    if hasattr(value, "question_text"):
        value = {"question": value.question_text, "context": getattr(value, "context_text", None)}
    if not isinstance(value, Mapping):
        return UnfitError(
            f'must be a dictionary with "question" and "context", got {type(value).__name__}.', kind=TypeError
        )
    if "question" not in value or "context" not in value:
        keys = ", ".join(repr(key) for key in value) or "nothing"
        return UnfitError(f'must hold "question" and "context", and holds {keys}.')
    for name in Question._fields:
        part = value[name]
        if not isinstance(part, str):
            return UnfitError(f"has a {name!r} that must be a str, and is {type(part).__name__}.", kind=TypeError)
        if not part.strip():
            return UnfitError(f"has an empty {name!r}; write some text.")
    return Question(value["question"], value["context"])


def asked(inputs: tuple[Any, ...], question: Any, context: Any) -> Any:
    """What a call asks, whichever way it does.

    Args:
        inputs: What was given by position.
        question: A question, several, or None.
        context: A text, several, or None. One text goes with all questions, and one question with all texts.

    Returns:
        A question with its context, a list of them, or another iterable.

    Raises:
        TypeError: Questions came both ways.
        ValueError: There is no question, or no context; or there are more of one than of the other.
    """
    if question is None and context is None and inputs:
        if len(inputs) == 2 and all(isinstance(part, str) for part in inputs):
            return dict(zip(Question._fields, inputs, strict=True))
        return inputs[0] if len(inputs) == 1 else list(inputs)
    if inputs:
        raise TypeError("Questions are given either by position or as question=... and context=..., not both.")
    if question is None or context is None:
        missing = "context" if context is None and question is not None else "question"
        raise ValueError(f"There is no {missing}; ask with question=... and context=....")
    several = [part for part in (question, context) if not isinstance(part, str) and isinstance(part, Iterable)]
    if not several:
        return {"question": question, "context": context}
    pairs = _pairs(question, context)
    return list(pairs) if all(isinstance(part, list | tuple) for part in several) else pairs


def _pairs(question: Any, context: Any) -> Iterator[dict[str, Any]]:
    if isinstance(question, str) or not isinstance(question, Iterable):
        yield from ({"question": question, "context": one} for one in context)
    elif isinstance(context, str) or not isinstance(context, Iterable):
        yield from ({"question": one, "context": context} for one in question)
    else:
        for number, (one, text) in enumerate(zip_longest(question, context, fillvalue=_MISSING)):
            if one is _MISSING or text is _MISSING:
                raise ValueError(
                    f"There are {number} {'questions' if one is _MISSING else 'contexts'} and more "
                    f"{'contexts' if one is _MISSING else 'questions'}; give as many of both, or one for all."
                )
            yield {"question": one, "context": text}
