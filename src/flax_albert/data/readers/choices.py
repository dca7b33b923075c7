"""Prompts with choices, one of which is right: SWAG's columns, RACE's files, and lists of choices."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from flax_albert.data.errors import DataError
from flax_albert.data.examples import ChoiceExample
from flax_albert.data.readers.columns import Columns, as_names, chosen, name_of, numbered, shown, text_of, unknown
from flax_albert.data.readers.race import articles, questions_of
from flax_albert.data.readers.rows import Examples, Row, Table, open_table
from flax_albert.data.readers.skipped import Skipped, usable
from flax_albert.data.sources.columns import Fields
from flax_albert.data.sources.usual import CHOICES

_CHOICES = Fields(CHOICES, required=["prompt", "choices"])
_LABELS = ("label", "answerKey", "answer", "answer_key", "correct", "gold")
_FIELDS = ("prompt", "start", "question", "choices", "label")


def read_choices(
    source: Examples,
    *,
    columns: Columns | None = None,
    file_format: str | None = None,
    header: Sequence[str] | None = None,
    unlabelled: bool = False,
    skipped: Skipped | None = None,
) -> Iterator[ChoiceExample]:
    """Reads questions with choices, of which there may be any number.

    The second segment of a choice is the choice; in SWAG's columns it follows ``sent2``. Of RACE it follows the
    question, or takes the place of the question's ``_``, as in Google's program.

    Args:
        source: A CSV, TSV, JSON Lines, JSON or Parquet file; a folder of RACE's, with its ``.txt`` files; a data set of
            ``datasets``; or dictionaries.
        columns: Columns by ``prompt``, ``choices``, ``label``, and what choices follow, ``start`` (SWAG) or
            ``question`` (RACE), where they are not called as usual. Choices are a list in one column, or stand in
            several: a list of names, or one such as ``ending*``.
        file_format: The format of a file; by default what its name ends in.
        header: Names of the columns of a CSV or TSV that does not give them.
        unlabelled: Whether rows may lack a label.
        skipped: Where to note rows at fault; without it the first one is raised.

    Returns:
        The examples, as they are read. Labels count from 0; letters and the choices' own labels are understood.

    Raises:
        DataError: A row is at fault, or the source cannot be read; the message says where.

    Example:
        >>> from flax_albert.data.readers import read_choices
        >>> row = {"sent1": "It rained.", "sent2": "The road", "ending0": "was dry.", "ending1": "was wet.", "label": 1}
        >>> next(read_choices([row])).choices
        ('The road was dry.', 'The road was wet.')
    """
    if isinstance(source, str | os.PathLike) and Path(source).is_dir():
        folder = Path(source)
        found: dict[str, Any] = {"prompt": "article", "question": "question", "choices": "options", "label": "answer"}
        make = functools.partial(_example, found=found, unlabelled=unlabelled)
        return usable(articles(folder), make, str(folder), skipped)
    table = open_table(source, file_format, header)
    rows = table.rows
    if "article" in table.columns and "questions" in table.columns:  # all questions of an article in one row
        rows = (question for row in table.rows for question in questions_of(row))
        table = Table(table.name, ["article", "question", "options", "answer"], rows)
    found = _find(table, columns, unlabelled) if table.columns else {}
    return usable(rows, functools.partial(_example, found=found, unlabelled=unlabelled), table.name, skipped)


def _find(table: Table, columns: Columns | None, unlabelled: bool) -> dict[str, Any]:
    named = chosen(columns, _FIELDS, table)
    label = named.pop("label", None)
    free = [name for name in table.columns if name != label]
    texts = {field: as_names(names) for field, names in named.items()}
    found: dict[str, Any] = {
        field: names if len(names) > 1 else names[0] for field, names in _CHOICES.find(free, texts, table.name).items()
    }
    label = label or next((name for name in _LABELS if name in free), None)
    if label is None and not unlabelled:
        raise unknown("label", table)
    return found if label is None else {**found, "label": label}


def _example(row: Row, found: Mapping[str, Any], unlabelled: bool) -> Iterator[ChoiceExample]:
    if row.fault:
        raise DataError(row.fault)
    choices, names = _choices(row, found["choices"])
    for number, choice in enumerate(choices):
        if not isinstance(choice, str) or not choice.strip():
            raise DataError(f"{row.where} has a choice that is no text, or an empty one: number {number}.")
    if len(choices) < 2:
        raise DataError(f"{row.where} has {len(choices) or 'no'} choice{'s' * (not choices)}; two are the fewest.")
    label = _label(row, found["label"], choices, names) if "label" in found else None
    if label is None and not unlabelled:
        raise DataError(f"{row.where} has no {found['label']!r}.")
    yield ChoiceExample(text_of(row, found["prompt"]), _seconds(row, found, choices), label, row.where)


def _seconds(row: Row, found: Mapping[str, Any], choices: Sequence[str]) -> tuple[str, ...]:
    if "question" in found:
        question = text_of(row, found["question"])
        if "_" in question:
            return tuple(question.replace("_", choice) for choice in choices)
        return tuple(f"{question} {choice}" for choice in choices)
    start = row.columns.get(found["start"]) if "start" in found else None
    if start is not None and not isinstance(start, str):
        raise DataError(f"{row.where} has a {found['start']!r} that is no text but {type(start).__name__}.")
    return tuple(f"{start} {choice}" for choice in choices) if start and start.strip() else tuple(choices)


def _choices(row: Row, column: str | Sequence[str]) -> tuple[list[Any], list[str] | None]:
    """The choices, and what the row calls them, if it does."""
    if not isinstance(column, str) or column not in row.columns:
        columns = [name for part in ([column] if isinstance(column, str) else column) for name in _columns(part, row)]
        values = [row.columns.get(name) for name in columns]
        while values and values[-1] in (None, ""):  # not every row has as many
            values.pop()
        return values, [name.lower() for name in columns] if not isinstance(column, str) else None
    value = row.columns[column]
    if isinstance(value, str):  # as a CSV holds it
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise DataError(f"{row.where} has {shown(value)} in {column!r}, which is no list of choices.") from None
    if isinstance(value, Mapping) and isinstance(value.get("text"), list | tuple):
        return list(value["text"]), _names(value.get("label"))
    if isinstance(value, list | tuple) and all(isinstance(choice, Mapping) for choice in value):
        return [choice.get("text") for choice in value], _names([choice.get("label") for choice in value])
    if not isinstance(value, list | tuple):
        raise DataError(f"{row.where} has a {column!r} that is no list of choices.")
    return list(value), None


def _columns(name: str, row: Row) -> list[str]:
    return numbered(name, row.columns) if name.endswith("*") else [name]


def _names(labels: Any) -> list[str] | None:
    if not isinstance(labels, list | tuple) or not all(name_of(label) for label in labels):
        return None
    return [str(name_of(label)).lower() for label in labels]


def _label(row: Row, column: str, choices: Sequence[str], names: Sequence[str] | None) -> int | None:
    name = name_of(row.columns.get(column))
    if name is None or name == "-1":  # how data sets write what they do not tell
        return None
    if names and name.lower() in names:
        return names.index(name.lower())
    if name.isascii() and name.isdecimal() and len(name) < 6:
        index = int(name)
    elif len(name) == 1 and "a" <= name.lower() <= "z":
        index = ord(name.lower()) - ord("a")
    else:
        raise DataError(f"{row.where} has {shown(name)} in {column!r}, which is neither a number nor a letter.")
    if index >= len(choices):
        raise DataError(
            f"{row.where} has {shown(name)} in {column!r}, and {len(choices)} choices: 0 to {len(choices) - 1}, or "
            f"A to {chr(ord('A') + len(choices) - 1)}."
        )
    return index
