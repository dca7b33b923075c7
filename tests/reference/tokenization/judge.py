"""Where two answers differ, and which differences are meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# Id of the unknown token in every vocabulary that is compared.
UNKNOWN = 1


def meant(kind: str, ours: Any, theirs: Any) -> str | None:
    """Why two answers differ, where the difference is meant.

    Args:
        kind: What was asked.
        ours: The answer of this project.
        theirs: The answer of transformers 4.37.

    Returns:
        The reason, or None.
    """
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return None
    different = {name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)}
    if kind == "line":
        surrogates = any("\ud800" <= character <= "\udfff" for character in ours["text"])
        if surrogates and different == {"offset_mapping"}:
            return "a lone surrogate is one character, so that offsets hold in the text given (4.37 counted three)"
        if different == {"tokens"} and len(ours["tokens"]) == len(theirs["tokens"]):
            pairs = zip(ours["tokens"], theirs["tokens"], ours["input_ids"], strict=True)
            if all(first == second or index == UNKNOWN for first, second, index in pairs):
                return "tokens() shows the text of an unknown letter, which a newer Unicode lower-cases"
    if kind == "call" and ours["refused"] and not theirs["refused"]:
        return _meant_refusal(ours["call"], theirs)
    if kind == "call" and theirs["refused"] and not ours["refused"]:
        call = ours["call"]
        if call["arguments"]["is_split_into_words"] and [] in _texts_of(call["texts"]):
            return "a text without words is answered (4.37's slow tokenizers failed)"
        return None
    if kind == "call" and different:
        arrays = [(ours.get(name), theirs.get(name)) for name in different]
        if all(_is_empty(theirs_) and _is_empty(ours_) for ours_, theirs_ in arrays):
            return "the array of a text without any token is int64 (4.37 made it float64)"
        if theirs.get("input_ids") == [] or _is_empty(theirs.get("input_ids")):
            return "a text without any token is padded like any other (4.37 returned it as it was)"
    return None


def _is_empty(value: Any) -> bool:
    """Whether it is an array without numbers, written with its dtype and shape."""
    return isinstance(value, list) and len(value) == 3 and isinstance(value[1], list) and 0 in value[1]


def _texts_of(values: list[Any]) -> Iterator[list[Any]]:
    """Every list of words, however deep."""
    for value in values:
        if isinstance(value, list):
            yield value
            yield from _texts_of(value)


def _meant_refusal(call: dict[str, Any], theirs: dict[str, Any]) -> str | None:
    if theirs.get("ragged"):
        return "rows of different lengths as one array are refused (4.37 made an array of objects)"
    texts, arguments = call["texts"], call["arguments"]
    first = texts[0]
    batch_of_pairs = isinstance(first, list) and bool(first) and isinstance(first[0], (list, tuple))
    pair = len(texts) == 2 or (batch_of_pairs and not arguments["is_split_into_words"])
    room = arguments["max_length"] - (3 if pair else 2) * arguments["add_special_tokens"]
    if room < 0:
        return "max_length smaller than the number of special tokens is refused (4.37 did not truncate at all)"
    if arguments["stride"] >= room:
        return "a stride that makes no progress is refused (4.37 panicked as soon as it had to truncate)"
    return None


def leaves(ours: Any, theirs: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two answers differ, and what stands there."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in {**ours, **theirs}:
            yield from leaves(ours.get(key, "nothing"), theirs.get(key, "nothing"), f"{path}/{key}".lstrip("/"))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (first, second) in enumerate(zip(ours, theirs, strict=True)):
            yield from leaves(first, second, f"{path}/{index}")
    elif ours != theirs:
        yield path, ours, theirs
