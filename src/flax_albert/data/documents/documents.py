"""The documents of files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final, get_args

from flax_albert.data.documents.document import Document, fault_of
from flax_albert.data.documents.texts import TextLayout, gathered
from flax_albert.data.errors import DataError
from flax_albert.data.sources.files import format_of, lines_of, open_file
from flax_albert.data.sources.record import Record
from flax_albert.errors import listed


@dataclass(frozen=True)
class ReadOptions:
    """How documents stand in files.

    Attributes:
        file_format: ``text``, ``csv``, ``tsv``, ``jsonl`` or ``parquet``; by default what a file's name ends in.
        text_key: Key or column of a document's text, in formats that name such.
        id_key: Key or column of its name, where it has one.
        text_layout: What a document is in a text file: what stands between ``blank-lines``, the whole ``file``, or each
            ``line``.
    """

    file_format: str | None = None
    text_key: str = "text"
    id_key: str = "id"
    text_layout: TextLayout = "blank-lines"

    def __post_init__(self) -> None:
        layouts = get_args(TextLayout)
        if self.text_layout not in layouts:
            raise ValueError(f"text_layout must be one of {', '.join(layouts)}, got {self.text_layout!r}.")


@final
class Documents:
    r"""The documents of some files, in order.

    Args:
        paths: The files.
        options: How documents stand in them.

    Raises:
        DataError: A file is not there, or its format is not known.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.data.documents.documents import Documents
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "two.txt"
        >>> _ = path.write_text("One line.\nAnother.\n\nA second document.\n")
        >>> [(document.where, document.text) for document in Documents([path])]
        [('line 1 of two.txt', 'One line.\nAnother.'), ('line 4 of two.txt', 'A second document.')]
    """

    def __init__(self, paths: Sequence[Path | str], options: ReadOptions | None = None) -> None:
        self.paths = [Path(path) for path in paths]
        self._options = options or ReadOptions()
        if not self.paths:
            raise DataError("There is no file to read documents from.")
        self._formats = [self._options.file_format or format_of(path) for path in self.paths]
        for path, file_format in zip(self.paths, self._formats, strict=True):
            if file_format == "conll":
                raise DataError(f"{path.name} has columns of words; documents are read from text, JSONL or Parquet.")
            if not path.is_file():
                raise DataError(f"'{path}' is no file; name files that hold documents.")

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(path.stat().st_size for path in self.paths)

    def __iter__(self) -> Iterator[Document]:
        before = 0
        for path, file_format in zip(self.paths, self._formats, strict=True):
            for document in self._of(path, file_format):
                yield document._replace(position=before + document.position)
            before += path.stat().st_size

    def _of(self, path: Path, file_format: str) -> Iterator[Document]:
        if file_format == "text":
            yield from gathered(lines_of(path), self._options.text_layout, path.name)
            return
        source, size = open_file(path, file_format), path.stat().st_size
        for record in source.records:
            if record is not None:  # Parquet counts rows instead of bytes
                yield self._document(record, record.position * size // (source.total or 1))

    def _document(self, record: Record, position: int) -> Document:
        text, name = record.columns.get(self._options.text_key), record.columns.get(self._options.id_key)
        fault = record.fault or self._fault(record)
        text = text if isinstance(text, str) else ""
        return Document(text if name is None else str(name), text, record.where, fault, position)

    def _fault(self, record: Record) -> str | None:
        columns, key, id_key = record.columns, self._options.text_key, self._options.id_key
        if key not in columns:
            has = f"it has {listed(sorted(map(str, columns)))}" if columns else "it has nothing"
            return f"{record.where} has no {key!r}; {has}. Name the key of the text."
        text, name = columns[key], columns.get(id_key)
        if not isinstance(text, str):
            return f"{record.where} has a {key!r} that is no text but {_kind(text)}."
        if not isinstance(name, str | int | None):
            return f"{record.where} has an {id_key!r} that is neither text nor a whole number but {_kind(name)}."
        return fault_of(text, record.where)


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__
