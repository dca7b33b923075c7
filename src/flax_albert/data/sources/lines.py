"""Lines of UTF-8 text, with their numbers, in bounded memory."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from flax_albert.data.errors import DataError

LONGEST_LINE = 2**24
"""Most bytes of a line; texts of millions of characters are shorter."""
_CHUNK = 2**16


class Stream(Protocol):
    """A binary stream that hands out what is there without waiting for more."""

    def read1(self, size: int, /) -> bytes:
        """At most ``size`` bytes, at least one unless the stream has ended."""
        ...


class Line(NamedTuple):
    """A line without its newline. One at fault has a text too, so that what surrounds it can still be read."""

    number: int
    text: str
    position: int
    fault: str | None = None


def read_lines(
    stream: Stream, source: str, position: Callable[[], int] | None = None, more: Callable[[], bool] | None = None
) -> Iterator[Line | None]:
    r"""Reads lines as they come.

    Args:
        stream: What to read.
        source: Its name, for messages.
        position: How far the stream is; by default the number of bytes that were read.
        more: Whether something can be read at once; by default nobody knows.

    Yields:
        The lines; and None whenever all that has arrived was handed out, so that the next may be long in coming.

    Raises:
        DataError: The stream cannot be read.

    Example:
        >>> import io
        >>> from flax_albert.data.sources.lines import read_lines
        >>> [line.text for line in read_lines(io.BytesIO(b"one\n\nthree"), "a file") if line]
        ['one', '', 'three']
    """
    number, rest, read, skipping = 0, b"", 0, False
    while chunk := _read(stream, source):
        read += len(chunk)
        where = position() if position else read
        *complete, rest = (rest + chunk).split(b"\n")
        for row in complete:
            if skipping:
                skipping = False
                continue
            number += 1
            yield _decoded(number, row, where, source)
        if not skipping and len(rest) > LONGEST_LINE:
            number, skipping = number + 1, True
            yield Line(number, "", where, _too_long(number, source))
        if skipping:
            rest = b""
        if not (more and more()):
            yield None
    if rest:
        yield _decoded(number + 1, rest, position() if position else read, source)


def _read(stream: Stream, source: str) -> bytes:
    try:
        return stream.read1(_CHUNK)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{source} cannot be read: {reason}.") from None


def _decoded(number: int, row: bytes, position: int, source: str) -> Line:
    if len(row) > LONGEST_LINE:
        return Line(number, "", position, _too_long(number, source))
    encoding = "utf-8-sig" if number == 1 else "utf-8"
    try:
        return Line(number, row.decode(encoding), position)
    except UnicodeDecodeError as error:
        byte = f"its byte {error.start + 1} is 0x{row[error.start]:02x}"
        fault = f"line {number} of {source} is not UTF-8 ({byte}); convert it, with iconv for example."
        return Line(number, row.decode(encoding, errors="replace"), position, fault)


def _too_long(number: int, source: str) -> str:
    return f"line {number} of {source} is longer than {LONGEST_LINE // 2**20} MiB; write one text a line."
