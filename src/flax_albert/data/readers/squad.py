"""SQuAD's JSON files: articles of paragraphs of questions."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flax_albert.data.readers.columns import shown
from flax_albert.data.readers.json_file import ExtraDataError, load_json
from flax_albert.data.readers.rows import Row


def squad_rows(path: Path) -> Iterator[Row] | None:
    """Rows of a file of SQuAD's form.

    Args:
        path: The file.

    Returns:
        A row a question, with what its paragraph and article say; ``None`` where the file is of another form.

    Raises:
        DataError: The file is no JSON.
    """
    value: Any = None
    with contextlib.suppress(ExtraDataError):
        value = load_json(path)
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, list) or not any(isinstance(part, dict) and "paragraphs" in part for part in data):
        return None
    return _rows(data, path.name)


def _rows(data: list[Any], name: str) -> Iterator[Row]:
    for article, place in _objects(data, "data", name):
        if isinstance(article, Row):
            yield article
            continue
        for paragraph, inner in _objects(article.get("paragraphs"), f"{place}.paragraphs", name):
            if isinstance(paragraph, Row):
                yield paragraph
                continue
            around = {"context": paragraph.get("context"), "title": article.get("title")}
            for question, innermost in _objects(paragraph.get("qas"), f"{inner}.qas", name):
                if isinstance(question, Row):
                    yield question
                    continue
                known = question.get("id")
                named = f"{innermost} (id {shown(known)})" if known is not None else innermost
                yield Row(f"{named} of {name}", {**question, **around})


def _objects(values: Any, place: str, name: str) -> Iterator[tuple[Mapping[str, Any] | Row, str]]:
    """The objects of an array, or rows that say that there are none."""
    if not isinstance(values, list):
        yield Row(f"{place} of {name}", {}, f"{place} of {name} is no array."), place
        return
    for number, value in enumerate(values):
        inner = f"{place}[{number}]"
        if isinstance(value, dict):
            yield value, inner
        else:
            yield Row(f"{inner} of {name}", {}, f"{inner} of {name} is no object."), inner
