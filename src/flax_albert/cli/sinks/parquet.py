"""Parquet of rows whose columns and types show only as they are read."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_ROWS = 4096
"""Rows of a row group."""


def write_parquet(rows: Callable[[], Iterator[dict[str, Any]]], new: Path, vector: str = "") -> None:
    """Writes rows, reading them twice: for the types of their columns, and for their values.

    A column of values that have no type in common, such as numbers and texts, holds each as JSON.

    Args:
        rows: Gives the rows, from the first, whenever it is called.
        new: The file to write.
        vector: A column of lists of float32.

    Raises:
        OSError: The file cannot be written.
        ValueError: A value does not fit the type of its column.

    Example:
        >>> import pathlib, tempfile
        >>> import pyarrow.parquet
        >>> from flax_albert.cli.sinks.parquet import write_parquet
        >>> new = pathlib.Path(tempfile.mkdtemp()) / "new.parquet"
        >>> write_parquet(lambda: iter([{"a": 1}, {"a": 2, "b": "x"}]), new)
        >>> pyarrow.parquet.read_table(new).to_pylist()
        [{'a': 1, 'b': None}, {'a': 2, 'b': 'x'}]
    """
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    types: dict[str, Any] = {}
    for group in _groups(rows()):
        for name in dict.fromkeys(itertools.chain.from_iterable(group)):
            types[name] = _common(types.get(name, pyarrow.null()), [row.get(name) for row in group])
    if vector in types:
        types[vector] = pyarrow.list_(pyarrow.float32())
    if "error" in types:
        types["error"] = types.pop("error")
    as_json = {name for name, kind in types.items() if kind is None}
    schema = pyarrow.schema([(name, kind or pyarrow.string()) for name, kind in types.items()])
    with ParquetWriter(new, schema, compression="zstd") as writer:
        for group in _groups(rows()):
            arrays = []
            for field in schema:
                column = [row.get(field.name) for row in group]
                if field.name in as_json:
                    column = [None if value is None else json.dumps(value, ensure_ascii=False) for value in column]
                arrays.append(pyarrow.array(column, field.type))
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))


def _common(before: Any, column: list[Any]) -> Any:
    """The type of some values and of those before them; None where there is none that Parquet has."""
    import pyarrow

    if before is None:
        return None
    try:
        fields = [pyarrow.schema([("x", one)]) for one in (before, pyarrow.array(column).type)]
        kind = pyarrow.unify_schemas(fields, promote_options="permissive").field("x").type
    except (pyarrow.ArrowException, OverflowError):
        return None
    return None if _hollow(kind) else kind


def _hollow(kind: Any) -> bool:
    """Whether it has an object without keys in it, which Parquet cannot hold."""
    import pyarrow

    if pyarrow.types.is_struct(kind):
        return kind.num_fields == 0 or any(_hollow(field.type) for field in kind)
    return pyarrow.types.is_list(kind) and _hollow(kind.value_type)


def _groups(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while group := list(itertools.islice(rows, _ROWS)):
        yield group
