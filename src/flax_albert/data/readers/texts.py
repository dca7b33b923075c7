"""Texts and pairs of texts with a class, several classes, or a number."""

from __future__ import annotations

import contextlib
import functools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

from flax_albert.data.errors import DataError
from flax_albert.data.examples import TextExample
from flax_albert.data.readers.columns import Columns, as_names, chosen, name_of, shown, text_of, unknown
from flax_albert.data.readers.rows import Examples, Row, Table, open_table
from flax_albert.data.readers.skipped import Skipped, SourceError, usable
from flax_albert.data.sources.columns import Fields
from flax_albert.data.sources.usual import PAIRS, TEXTS
from flax_albert.errors import listed

_PREFERRED = ("label", "labels", "gold_label")
_LABELS = (
    "category", "class", "intent", "sentiment", "target", "quality", "is_duplicate",
    "score", "similarity", "similarity_score", "stars", "rating", "answer", "classes", "categories",
)  # fmt: skip
_TEXTS = Fields([*TEXTS, *PAIRS], required=["text"])
_OF_FIELD = {"text": "text", "pair": "text_pair"}
_FIELDS = (*_OF_FIELD, "label")
_TRUTH = {"1": True, "0": False, "true": True, "false": False}

Labels = Literal["class", "classes", "number", "none"]
"""What is to be said of a text: one class, any number of classes, a number, or nothing."""


def read_texts(
    source: Examples,
    labels: Labels = "class",
    *,
    columns: Columns | None = None,
    file_format: str | None = None,
    header: Sequence[str] | None = None,
    separator: str = ",",
    unlabelled: bool = False,
    skipped: Skipped | None = None,
) -> Iterator[TextExample]:
    """Reads texts and pairs of texts.

    The files of GLUE are read as they come, without quotes and, for CoLA, without a header.

    Args:
        source: A CSV, TSV, JSON Lines, JSON or Parquet file; a data set of ``datasets``, whose numbers of classes
            become their names; or dictionaries.
        labels: What is to be said of a text.
        columns: Columns by ``text``, ``pair`` and ``label``, where they are not called as usual. Several columns of
            classes are those that hold 1 where they apply.
        file_format: The format of a file; by default what its name ends in.
        header: Names of the columns of a CSV or TSV that does not give them.
        separator: What stands between several classes in one text.
        unlabelled: Whether rows may lack a label.
        skipped: Where to note rows at fault; without it the first one is raised.

    Returns:
        The examples, as they are read.

    Raises:
        DataError: A row is at fault, or the source cannot be read; the message says where.
        ValueError: ``labels`` is none of the four.

    Example:
        >>> from flax_albert.data.readers import read_texts
        >>> rows = [{"sentence1": "It rains.", "sentence2": "It is wet.", "score": "4.2"}]
        >>> next(read_texts(rows, "number"))
        TextExample(text='It rains.', pair='It is wet.', label=4.2, where='row 1 of the list')
    """
    if labels not in get_args(Labels):
        raise ValueError(f"labels is one of {', '.join(get_args(Labels))}, and not {labels!r}.")
    table = open_table(source, file_format, header)
    found = _find(table, columns, labels, unlabelled) if table.columns else {}
    make = functools.partial(_examples, found=found, labels=labels, separator=separator, unlabelled=unlabelled)
    return usable(table.rows, make, table.name, skipped)


def _examples(
    row: Row, found: Mapping[str, Any], labels: Labels, separator: str, unlabelled: bool
) -> Iterator[TextExample]:
    if row.fault:
        raise DataError(row.fault)
    text = text_of(row, found["text"])
    pair = text_of(row, found["text_pair"]) if "text_pair" in found else None
    label = _label(row, found["label"], labels, separator) if "label" in found and labels != "none" else None
    if label is None and not (unlabelled or labels == "none"):
        raise DataError(f"{row.where} has no {found['label']!r}.")
    yield TextExample(text, pair, label, row.where)


def _label(
    row: Row, column: str | Sequence[str], labels: Labels, separator: str
) -> str | tuple[str, ...] | float | None:
    if not isinstance(column, str):
        return tuple(name for name in column if _applies(row, name))
    value = row.columns.get(column)
    if value is None or (column == "gold_label" and value == "-"):  # annotators did not agree
        return None
    if labels == "classes":
        return _several(row, column, separator)
    if isinstance(value, list | tuple):
        raise DataError(f"{row.where} has a list in {column!r}, which only texts of several classes have.")
    name = name_of(value)
    if name is None and not isinstance(value, str | float):
        raise DataError(f"{row.where} has a {column!r} that is no label but {type(value).__name__}.")
    return _number(row, column, name) if labels == "number" and name is not None else name


def _number(row: Row, column: str, name: str) -> float:
    try:
        number = float(name)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise DataError(f"{row.where} has {shown(name)} in {column!r}, which is no number.")
    return number


def _several(row: Row, column: str, separator: str) -> tuple[str, ...]:
    values = row.columns[column]
    if isinstance(values, str):
        values = _parts(values, separator)
    elif not isinstance(values, list | tuple):
        values = [values]
    names = [name_of(value) for value in values]
    if None in names:
        raise DataError(f"{row.where} has in {column!r} a label without a name.")
    return tuple(dict.fromkeys(name for name in names if name))


def _parts(text: str, separator: str) -> list[Any]:
    if text.lstrip().startswith("["):
        with contextlib.suppress(ValueError, RecursionError):
            return list(json.loads(text))
    return [part for part in text.split(separator) if part.strip()]


def _applies(row: Row, column: str) -> bool:
    name = name_of(row.columns.get(column))
    applies = _TRUTH.get(str(name).lower())
    if applies is None:
        raise DataError(f"{row.where} has {shown(name)} in {column!r}, where 1 says that the label applies and 0 not.")
    return applies


def _find(table: Table, columns: Columns | None, labels: Labels, unlabelled: bool) -> dict[str, Any]:
    named = chosen(columns, _FIELDS, table)
    label = named.pop("label", None)
    free = [name for name in table.columns if name != label]
    texts = {_OF_FIELD[field]: as_names(names) for field, names in named.items()}
    found: dict[str, Any] = {field: names[0] for field, names in _TEXTS.find(free, texts, table.name).items()}
    if labels == "none":
        return found
    label = label or _label_column(table, [name for name in free if name not in found.values()])
    if label is None and not unlabelled:
        raise unknown("label", table)
    if label is not None and not isinstance(label, str) and labels != "classes":
        raise SourceError("Only texts of several classes have several columns of labels.")
    return found if label is None else {**found, "label": label}


def _label_column(table: Table, free: Sequence[str]) -> str | None:
    preferred = [name for name in _PREFERRED if name in free]
    others = [name for name in free if name.lower() in _LABELS]
    if not preferred and len(others) > 1:
        raise SourceError(
            f"{table.name} may have its labels in {listed(others)}; name one with --label-column or columns."
        )
    return next(iter(preferred or others), None)
