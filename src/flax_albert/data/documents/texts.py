"""Documents of plain text: its lines, gathered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, final

from flax_albert.data.documents.document import Document, fault_of
from flax_albert.data.sources.lines import Line

TextLayout = Literal["blank-lines", "file", "line"]
LONGEST_DOCUMENT = 2**26
"""Most characters of a document, which has to be in memory; a long novel has fewer than two millions."""


def gathered(lines: Iterable[Line], layout: TextLayout, source: str) -> Iterator[Document]:
    """Makes documents of the lines of a file.

    Args:
        lines: The lines.
        layout: What a document is: what stands between ``blank-lines``, the whole ``file``, or each ``line``.
        source: The file, for messages.

    Yields:
        The documents.
    """
    gathering = _Gathering(source)
    for line in lines:
        blank = not line.text.strip() and not line.fault
        if not blank or (layout == "file" and gathering):
            gathering.add(line)
        if gathering and (layout == "line" or (layout == "blank-lines" and blank)):
            yield gathering.document()
            gathering = _Gathering(source)
    if gathering:
        yield gathering.document()


@final
class _Gathering:
    """Lines on their way to a document."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._texts: list[str] = []
        self._length = self._first = self._position = 0
        self._fault: str | None = None

    def __bool__(self) -> bool:
        return self._first > 0

    def add(self, line: Line) -> None:
        self._first = self._first or line.number
        self._position = line.position
        self._fault = self._fault or line.fault
        self._length += len(line.text) + 1
        if self._length > LONGEST_DOCUMENT:
            self._texts.clear()
        else:
            self._texts.append(line.text.removesuffix("\r"))

    def document(self) -> Document:
        where, text = f"line {self._first} of {self._source}", "\n".join(self._texts)
        if self._length > LONGEST_DOCUMENT:
            too_long = f"{LONGEST_DOCUMENT // 2**20} million characters; cut it into several."
            self._fault = self._fault or f"the document that begins at {where} is longer than {too_long}"
        return Document(text, text, where, self._fault or fault_of(text, where), self._position)
