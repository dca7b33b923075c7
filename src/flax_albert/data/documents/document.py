"""A document, and the documents of files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, final

from flax_albert.data.errors import DataError
from flax_albert.data.sources.files import format_of, lines_of, open_file
from flax_albert.data.sources.lines import Line
from flax_albert.data.sources.record import Record
from flax_albert.errors import listed

TextLayout = Literal["blank-lines", "file", "line"]


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


class Document(NamedTuple):
    """A document.

    Attributes:
        id: Its name; where the file gives none, the file and the number of its first line or row.
        text: Its text.
        where: Where it stands, for messages.
        fault: Why it cannot be used, as a whole sentence.
        position: How much of the file has been read when it is used up, in bytes of the file.
    """

    id: str
    text: str
    where: str
    fault: str | None
    position: int


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
        >>> from flax_albert.data.documents.document import Documents
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "two.txt"
        >>> _ = path.write_text("One line.\nAnother.\n\nA second document.\n")
        >>> [(document.id, document.text) for document in Documents([path])]
        [('two.txt:1', 'One line.\nAnother.'), ('two.txt:4', 'A second document.')]
    """

    def __init__(self, paths: Sequence[Path], options: ReadOptions | None = None) -> None:
        self._options = options or ReadOptions()
        self._paths = [Path(path) for path in paths]
        if not self._paths:
            raise DataError("There is no file to read documents from.")
        self._formats = [self._options.file_format or format_of(path) for path in self._paths]
        for path, file_format in zip(self._paths, self._formats, strict=True):
            if file_format == "conll":
                raise DataError(f"{path.name} has columns of words; documents are read from text, JSONL or Parquet.")
            if not path.is_file():
                raise DataError(f"'{path}' is no file; name files that hold documents.")

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(path.stat().st_size for path in self._paths)

    def __iter__(self) -> Iterator[Document]:
        before = 0
        for path, file_format in zip(self._paths, self._formats, strict=True):
            size = path.stat().st_size
            for document in self._of(path, file_format):
                # Rows of Parquet have no place in the file: they count when the file is done.
                within = document.position if document.position <= size else size
                yield document._replace(position=before + within)
            before += size

    def _of(self, path: Path, file_format: str) -> Iterator[Document]:
        if file_format == "text":
            yield from _texts(path, self._options.text_layout)
            return
        source = open_file(path, file_format)
        whole = path.stat().st_size
        for record in source.records:
            if record is not None:
                document = self._named(record, path)
                rows = source.total != whole  # what is counted are rows
                yield document._replace(position=0) if rows else document

    def _named(self, record: Record, path: Path) -> Document:
        key, columns = self._options.text_key, record.columns
        name = columns.get(self._options.id_key)
        identity = f"{path.name}:{record.number}" if name is None else str(name)
        fault, text = record.fault, columns.get(key)
        if fault is None and key not in columns:
            has = f"it has {listed(sorted(map(str, columns)))}" if columns else "it has nothing"
            fault = f"{record.where} has no {key!r}; {has}. Name the key of the text."
        elif fault is None and not isinstance(text, str):
            fault = f"{record.where} has a {key!r} that is no text but {type(text).__name__}."
        elif fault is None and not _says_something(str(text)):
            fault = f"{record.where} is an empty document: its {key!r} holds no letter and no digit."
        return Document(identity, str(text or ""), record.where, fault, record.position)


def _texts(path: Path, layout: TextLayout) -> Iterator[Document]:
    if layout == "line":
        for line in lines_of(path):
            if line.text.strip() or line.fault:
                yield _document(path, [line])
        return
    lines: list[Line] = []
    for line in lines_of(path):
        if layout == "file" or line.text.strip() or line.fault:
            lines.append(line)
        elif lines:
            yield _document(path, lines)
            lines = []
    if lines:
        yield _document(path, lines)


def _document(path: Path, lines: list[Line]) -> Document:
    first, text = lines[0].number, "\n".join(line.text.rstrip("\r") for line in lines)
    where = f"line {first} of {path.name}"
    fault = next((line.fault for line in lines if line.fault), None)
    if fault is None and not _says_something(text):
        fault = f"{where} begins an empty document: it holds no letter and no digit."
    return Document(f"{path.name}:{first}", text, where, fault, lines[-1].position)


def _says_something(text: str) -> bool:
    return any(character.isalnum() for character in text)
