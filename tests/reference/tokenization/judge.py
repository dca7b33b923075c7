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
    if kind == "call" and different and all(theirs.get(name) == ["float64", [1, 0], [[]]] for name in different):
        return "the array of a text without any token is int64 (4.37 made it float64)"
    return None


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
