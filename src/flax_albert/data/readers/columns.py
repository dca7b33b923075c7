"""Which columns hold what an example is made of, and what texts and names they hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flax_albert.data.errors import DataError
from flax_albert.data.readers.rows import Row, Table
from flax_albert.data.readers.skipped import SourceError
from flax_albert.errors import listed

_SHOWN = 60
Columns = Mapping[str, str | Sequence[str]]
"""The column of a field, by the field, where it is not one of the usual names; several where they hold a list."""


def usual(layouts: Iterable[Mapping[str, str]], columns: Iterable[str]) -> dict[str, str]:
    """The first layout whose columns are all there.

    Args:
        layouts: From field to column; one column such as ``ending*`` stands for ``ending0``, ``ending1``, ...
        columns: The columns that there are.

    Returns:
        The layout, or nothing.

    Example:
        >>> from flax_albert.data.readers.columns import usual
        >>> usual([{"text": "text"}, {"text": "sent1", "pair": "sent2"}], ["sent1", "sent2", "label"])
        {'text': 'sent1', 'pair': 'sent2'}
    """
    columns = list(columns)
    fits = (layout for layout in layouts if all(numbered(name, columns) for name in layout.values()))
    return dict(next(fits, {}))


def numbered(name: str, columns: Iterable[str]) -> list[str]:
    """The columns that a name stands for: itself, or those that have a number in place of its ``*``, by number."""
    columns = list(columns)
    if name in columns or not name.endswith("*"):
        return [name] if name in columns else []
    numbers = {column: column.removeprefix(name[:-1]) for column in columns if column.startswith(name[:-1])}
    return sorted((column for column in numbers if _is_index(numbers[column])), key=lambda name: int(numbers[name]))


def _is_index(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def chosen(columns: Columns | None, fields: Sequence[str], table: Table) -> dict[str, str | Sequence[str]]:
    """The columns that were named, if they are there.

    Args:
        columns: The columns, by field.
        fields: The fields that there are.
        table: What has the columns.

    Returns:
        The columns.

    Raises:
        SourceError: There is no such field or column.
    """
    for field, names in (columns or {}).items():
        if field not in fields:
            raise SourceError(f"There is no field {field!r} to name a column of; there are {listed(fields)}.")
        for name in as_names(names):
            if table.columns and not numbered(name, table.columns):
                raise SourceError(f"{table.name} has no column {name!r}; it has {listed(table.columns, 20)}.")
    return dict(columns or {})


def as_names(names: str | Sequence[str]) -> tuple[str, ...]:
    """The names of columns, one or several.

    Args:
        names: A name, or several.
    """
    return (names,) if isinstance(names, str) else tuple(names)


def unknown(field: str, table: Table) -> SourceError:
    """That no usual name is among the columns.

    Args:
        field: What was looked for.
        table: What has the columns.
    """
    return SourceError(
        f"{table.name} does not say which column holds the {field} (the columns are {listed(table.columns, 20)}); name "
        f"it with --{field}-column, or all with --header if the first line names none."
    )


def text_of(row: Row, column: str) -> str:
    """The text of a column.

    Args:
        row: A row.
        column: The column.

    Raises:
        DataError: There is none.
    """
    value = row.columns.get(column)
    if value is None or value == "":
        raise DataError(f"{row.where} has no {column!r}.")
    if not isinstance(value, str):
        raise DataError(f"{row.where} has a {column!r} that is no text but {type(value).__name__}.")
    if not value.strip():
        raise DataError(f"{row.where} has an empty {column!r}.")
    return value


def name_of(value: Any) -> str | None:
    """What a class is called: text as it is, numbers and truth values as JSON writes them.

    Args:
        value: What a column holds.

    Returns:
        The name; ``None`` where there is none, or where it is no single value.

    Example:
        >>> from flax_albert.data.readers.columns import name_of
        >>> [name_of(value) for value in (" yes", 2, 1.0, True, "", None)]
        ['yes', '2', '1', 'true', None, None]
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):  # how a table of numbers writes that there is none
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, int):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def shown(value: Any) -> str:
    """A value for a message: quoted, and not too long.

    Args:
        value: The value.
    """
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
