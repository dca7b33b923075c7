"""RACE as it is given away: a folder of files, each an article with its questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flax_albert.data.errors import DataError
from flax_albert.data.readers.json_file import load_json
from flax_albert.data.readers.rows import Row
from flax_albert.data.readers.skipped import SourceError

_LISTS = ("questions", "options", "answers")


def articles(folder: Path) -> Iterator[Row]:
    """The questions of all files of a folder and of the folders in it, such as ``middle`` and ``high``.

    Args:
        folder: The folder.

    Yields:
        A row a question.

    Raises:
        DataError: There are no files.
    """
    paths = sorted(path for path in folder.rglob("*.txt") if path.is_file())
    if not paths:
        raise SourceError(f"{str(folder)!r} is a folder without .txt files; RACE has an article in each.")
    for path in paths:
        name = str(path.relative_to(folder))
        try:
            value = load_json(path)
        except DataError as error:
            yield Row(name, {}, f"{name} holds no article: {error}")
            continue
        if isinstance(value, dict):
            yield from questions_of(Row(name, value))
        else:
            yield Row(name, {}, f"{name} holds no article of RACE, which is a JSON object.")


def questions_of(row: Row) -> Iterator[Row]:
    """The questions of an article.

    Args:
        row: The article: ``article``, and lists of ``questions``, ``options`` and ``answers``.

    Yields:
        A row a question: ``article``, ``question``, ``options`` and ``answer``.
    """
    if row.fault:
        yield row
        return
    lists = [row.columns.get(name) for name in _LISTS]
    if lists[2] is None and isinstance(lists[0], list):
        lists[2] = [None] * len(lists[0])
    if not all(isinstance(values, list) for values in lists) or len({len(values or ()) for values in lists}) > 1:
        yield Row(row.where, {}, f"{row.where} has no 'questions', 'options' and 'answers' of one length.")
        return
    for number, (question, options, answer) in enumerate(zip(*map(list, filter(None, lists)), strict=True)):
        where = f"questions[{number}] of {row.where}"
        columns = {"article": row.columns.get("article"), "question": question, "options": options, "answer": answer}
        yield Row(where, columns)
