"""Questions about contexts that hold their answers: SQuAD's files, and the same as a table."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from flax_albert.data.errors import DataError
from flax_albert.data.examples import QuestionExample, Span
from flax_albert.data.readers.columns import Columns, chosen, name_of, text_of, unknown, usual
from flax_albert.data.readers.rows import Examples, Row, file_kind, open_table
from flax_albert.data.readers.skipped import Skipped, usable
from flax_albert.data.readers.spans import spans_of
from flax_albert.data.readers.squad import squad_rows

_USUAL = {
    "id": ("id", "qid", "question_id"),
    "question": ("question", "query"),
    "context": ("context", "passage", "paragraph"),
    "answers": ("answers", "answer", "answer_text"),
    "start": ("answer_start", "start"),
    "title": ("title",),
    "impossible": ("is_impossible",),
}


def read_questions(
    source: Examples,
    *,
    columns: Columns | None = None,
    file_format: str | None = None,
    header: Sequence[str] | None = None,
    unlabelled: bool = False,
    skipped: Skipped | None = None,
) -> Iterator[QuestionExample]:
    """Reads questions.

    Args:
        source: A JSON file of SQuAD, 1.1 or 2.0; a CSV, TSV, JSON Lines, JSON or Parquet file, a data set of
            ``datasets`` or dictionaries with a question in each row, and ``answers`` as ``{"text": [...],
            "answer_start": [...]}``, as a list of ``{"text", "answer_start"}``, or as one text beside its
            ``answer_start``.
        columns: Columns by ``id``, ``question``, ``context``, ``answers``, ``start``, ``title`` and ``impossible``,
            where they are not called as usual.
        file_format: The format of a file; by default what its name ends in.
        header: Names of the columns of a CSV or TSV that does not give them.
        unlabelled: Whether rows may say nothing of answers. One whose list of answers is empty does say something:
            that there is none.
        skipped: Where to note questions at fault; without it the first one is raised.

    Returns:
        The examples, as they are read.

    Raises:
        DataError: A question is at fault, or the source cannot be read; the message says where.

    Example:
        >>> from flax_albert.data.readers import read_questions
        >>> answers = {"text": ["Paris"], "answer_start": [10]}
        >>> row = {"id": "1", "question": "Where?", "context": "It was in Paris.", "answers": answers}
        >>> next(read_questions([row])).answers
        (Span(text='Paris', start=10),)
    """
    ids: set[str] = set()
    if isinstance(source, str | os.PathLike) and file_kind(Path(source), file_format, "tsv") == "json":
        rows = squad_rows(Path(source))
        if rows is not None:
            found: dict[str, Any] = {name: name for name in ("id", "question", "context", "answers", "title")}
            found["impossible"] = "is_impossible"
            make = _maker(found, ids, unlabelled)
            return usable(rows, make, Path(source).name, skipped)
    table = open_table(source, file_format, header)
    found = chosen(columns, list(_USUAL), table)
    for field, names in _USUAL.items():
        if field not in found:
            found.update(usual([{field: name} for name in names], table.columns))
    for field in ("question", "context", "answers"):
        if table.columns and field not in found and not (field == "answers" and unlabelled):
            raise unknown(field, table)
    return usable(table.rows, _maker(found, ids, unlabelled), table.name, skipped)


def _maker(found: Mapping[str, Any], ids: set[str], unlabelled: bool) -> Callable[[Row], Iterator[QuestionExample]]:
    return functools.partial(_example, found=found, ids=ids, numbers=itertools.count(1), unlabelled=unlabelled)


def _example(
    row: Row, found: Mapping[str, Any], ids: set[str], numbers: Iterator[int], unlabelled: bool
) -> Iterator[QuestionExample]:
    number = next(numbers)
    if row.fault:
        raise DataError(row.fault)
    name = name_of(row.columns.get(found["id"])) if "id" in found else str(number)
    if name is None:
        raise DataError(f"{row.where} has no {found['id']!r}.")
    if name in ids:
        raise DataError(f"{row.where} has the id {name[:80]!r}, which another question before it has.")
    question, context = text_of(row, found["question"]), text_of(row, found["context"])
    spans = _answers(row, found, context)
    if spans is None and not unlabelled:
        raise DataError(f"{row.where} says nothing of answers; an empty list of them would say that there is none.")
    title = name_of(row.columns.get(found["title"])) if "title" in found else None
    ids.add(name)
    yield QuestionExample(name, question, context, spans or (), title, row.where)


def _answers(row: Row, found: Mapping[str, Any], context: str) -> tuple[Span, ...] | None:
    """The answers; ``None`` where nothing is said of them."""
    value = row.columns.get(found["answers"]) if "answers" in found else None
    if isinstance(value, str):
        start = row.columns.get(found["start"]) if "start" in found else None
        value = {"text": [value], "answer_start": [start]} if value else []
    impossible = row.columns.get(found["impossible"]) if "impossible" in found else None
    impossible = None if impossible is None else name_of(impossible) in ("true", "True", "1")
    spans = None if value is None else spans_of(value, context, row.where)
    if impossible and spans:
        raise DataError(f"{row.where} has answers, and says that there is none.")
    if impossible:
        return ()
    if impossible is False and not spans:
        return None
    return spans
