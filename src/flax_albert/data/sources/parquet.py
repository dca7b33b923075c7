"""Parquet, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flax_albert.data.errors import DataError
from flax_albert.data.sources.record import Record, Source
from flax_albert.errors import listed

_ROWS = 1024
"""Rows that are in memory at once."""


def open_parquet(path: Path, source: str) -> Source:
    """Opens a Parquet file.

    Args:
        path: The file.
        source: Its name, for messages.

    Returns:
        Its rows, which are read a batch at a time.

    Raises:
        DataError: pyarrow is not installed, the file is no Parquet, or two of its columns have one name.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise DataError("Parquet needs pyarrow: pip install 'flax-albert[parquet]'.") from None
    try:
        file = ParquetFile(path)
    except (ArrowException, OSError) as error:
        raise DataError(f"{source} cannot be read as Parquet: {error}") from error
    names = file.schema_arrow.names
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"{source} has two columns named {listed(repeated)}; rename one.")
    return Source(_records(file, source), file.metadata.num_rows, path)


def _records(file: Any, source: str) -> Iterator[Record]:
    from pyarrow import ArrowException

    number = 0
    try:
        for batch in file.iter_batches(batch_size=_ROWS):
            for columns in batch.to_pylist():
                number += 1
                yield Record(number, columns, "row", source, number)
    except (ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{source} cannot be read after row {number}: {error}") from error
