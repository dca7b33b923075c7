"""A file of any format, plain or compressed, or standard input, as rows."""

from __future__ import annotations

import io
import lzma
import os
import select
import stat
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, final

from flax_albert.data.errors import DataError
from flax_albert.data.sources.conll import read_conll
from flax_albert.data.sources.json_lines import read_json_lines
from flax_albert.data.sources.lines import Line, Stream, read_lines
from flax_albert.data.sources.record import Record, Source
from flax_albert.data.sources.tables import read_csv, read_tsv
from flax_albert.data.sources.texts import read_texts

if TYPE_CHECKING:
    from io import BufferedReader

FORMATS = ("text", "csv", "tsv", "jsonl", "parquet", "conll")
SUFFIXES = {
    ".txt": "text",
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".conll": "conll",
    ".conllu": "conll",
}
LONGEST_FILE = 2**31
"""Most bytes of a file that is read whole."""
COMPRESSED = (".gz", ".xz", ".bz2", ".zst")
_STANDARD_INPUT = "standard input"


def open_file(path: Path, file_format: str | None = None, header: Sequence[str] | None = None) -> Source:
    """Opens a file.

    Args:
        path: The file; ``.gz``, ``.xz``, ``.bz2`` and ``.zst`` are decompressed as they are read.
        file_format: One of :data:`FORMATS`; by default what the name ends in.
        header: Names of the columns of a CSV or TSV whose first line does not give them.

    Returns:
        Its rows.

    Raises:
        DataError: It cannot be read, is empty, or its format is not known.
    """
    name = path.name
    file_format = file_format or format_of(path)
    try:
        status = path.stat()
        regular = stat.S_ISREG(status.st_mode)
        if regular:  # a pipe could not be opened a second time
            path.open("rb").close()
    except OSError as error:
        raise _unreadable(path, error) from None
    if stat.S_ISDIR(status.st_mode):
        raise DataError(f"{str(path)!r} is a directory; name a file.")
    if regular and status.st_size == 0:
        raise DataError(f"{str(path)!r} is empty.")
    if file_format == "parquet":
        from flax_albert.data.sources.parquet import open_parquet

        return open_parquet(path, name)
    records = _reader(file_format, header)(lines_of(path), name)
    return Source(_some(records, name), status.st_size if regular else None, path if regular else None)


def format_of(path: Path) -> str:
    """What a file holds, going by its name.

    Args:
        path: The file.

    Returns:
        One of :data:`FORMATS`.

    Raises:
        DataError: The name does not say.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    while suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    file_format = SUFFIXES.get(suffixes[-1]) if suffixes else None
    if file_format is None:
        raise DataError(
            f"{str(path)!r} does not say what it is: its name ends in none of {', '.join(SUFFIXES)}. "
            f"Say so with --input-format {'|'.join(FORMATS)}."
        )
    return file_format


def lines_of(path: Path) -> Iterator[Line]:
    """The lines of a file, decompressed; it is open for as long as they are read.

    Args:
        path: The file.

    Yields:
        The lines.

    Raises:
        DataError: It cannot be read.
    """
    try:
        raw = open(path, "rb", buffering=0)  # noqa: PTH123, SIM115  (it is closed below)
    except OSError as error:
        raise _unreadable(path, error) from None
    with raw, _decompressed(raw, path) as stream:
        position = None if isinstance(stream, io.BufferedReader) else raw.tell
        yield from filter(None, read_lines(stream, path.name, position))


def contents_of(path: Path) -> bytes:
    """All that a file holds, decompressed.

    Args:
        path: The file.

    Returns:
        Its bytes.

    Raises:
        DataError: It cannot be read, or holds more than :data:`LONGEST_FILE`.
    """
    try:
        with path.open("rb", buffering=0) as raw, _decompressed(raw, path) as stream:
            contents = stream.read(LONGEST_FILE + 1)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise _unreadable(path, error) from None
    if len(contents) > LONGEST_FILE:
        raise DataError(f"{str(path)!r} holds more than {LONGEST_FILE // 2**30} GiB; write JSON Lines, or divide it.")
    return contents


def _unreadable(path: Path, error: Exception) -> DataError:
    return DataError(f"{str(path)!r} cannot be read: {getattr(error, 'strerror', None) or error}.")


def open_standard_input(file_format: str, header: Sequence[str] | None = None) -> Source:
    """Standard input. A program that writes a line and waits for its answer is not kept waiting for a full batch.

    Args:
        file_format: One of :data:`FORMATS`, but for Parquet, which cannot be read from a pipe.
        header: As for :func:`open_file`.

    Returns:
        Its rows.

    Raises:
        DataError: There is none, or it is to be Parquet.
    """
    if sys.stdin is None:
        raise DataError("there is no text: standard input is closed.")
    if file_format == "parquet":
        raise DataError("Parquet cannot be read from standard input; name the file with --input.")
    stream = _standard_input()
    lines = read_lines(stream, _STANDARD_INPUT, more=stream.more if isinstance(stream, _Unlocked) else None)
    # Errors of texts call a line just that, as there is no other.
    records = read_texts(lines, "") if file_format == "text" else _reader(file_format, header)(lines, _STANDARD_INPUT)
    return Source(_some(records, _STANDARD_INPUT), _standard_input_size())


@final
class _Unlocked:
    """Standard input without the lock of Python's buffer.

    Another thread may still wait for a line when the process ends; did it hold that lock, Python would abort.
    """

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw

    def read1(self, size: int, /) -> bytes:
        """What is there, at most ``size`` bytes."""
        return self._raw.read(size) or b""

    def more(self) -> bool:
        """Whether something is there, or the end, so that reading would not wait."""
        try:
            return bool(select.select([self._raw], [], [], 0)[0])
        except (OSError, ValueError):  # a system that cannot tell
            return False


def _standard_input() -> Stream:
    # The buffer of a standard stream is a BufferedReader, whatever its annotation says.
    buffer = cast("BufferedReader", sys.stdin.buffer)
    raw = getattr(buffer, "raw", None)
    return buffer if raw is None else _Unlocked(raw)


def _reader(file_format: str, header: Sequence[str] | None) -> Callable[[Any, str], Iterator[Record | None]]:
    if header and file_format not in ("csv", "tsv"):
        raise DataError("--header names the columns of a CSV or TSV; other formats name their own.")
    readers: dict[str, Callable[[Any, str], Iterator[Record | None]]] = {
        "text": read_texts,
        "jsonl": read_json_lines,
        "conll": read_conll,
        "csv": lambda lines, source: read_csv(lines, source, header),
        "tsv": lambda lines, source: read_tsv(lines, source, header),
    }
    return readers[file_format]


def _decompressed(raw: io.FileIO, path: Path) -> Any:
    """A stream over what the file holds, whatever it is packed in."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        import gzip

        return gzip.GzipFile(fileobj=raw)
    if suffix == ".xz":
        return lzma.LZMAFile(raw)
    if suffix == ".bz2":
        import bz2

        return bz2.BZ2File(raw)
    if suffix == ".zst":
        try:
            from pyarrow import CompressedInputStream
        except ImportError:
            raise DataError(f"{path.name} needs pyarrow: pip install 'flax-albert[parquet]'.") from None
        return CompressedInputStream(raw, "zstd")
    return io.BufferedReader(raw)


def _some(records: Iterator[Record | None], source: str) -> Iterator[Record | None]:
    empty = True
    for record in records:
        empty = empty and record is None
        yield record
    if empty:
        raise DataError(f"{source} holds no text; write one a line, below the names of the columns if it has some.")


def _standard_input_size() -> int | None:
    try:
        status = os.fstat(sys.stdin.fileno())
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
