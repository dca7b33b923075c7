"""Where a command's texts come from: its arguments, or standard input, one a line and in bounded memory."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from flax_albert.cli.errors import UserError

if TYPE_CHECKING:
    from io import BufferedReader

_LONGEST_LINE = 2**20
_CHUNK = 2**16


class Text(NamedTuple):
    """A text and its number among the arguments or lines, counted from 1."""

    text: str
    number: int
    kind: str

    @property
    def size(self) -> int:
        """Bytes that it takes up in a file."""
        return len(self.text.encode()) + 1

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class Reader(Protocol):
    """A binary stream that hands out what is there without waiting for more."""

    def read1(self, size: int, /) -> bytes:
        """At most ``size`` bytes, at least one unless the stream has ended."""
        ...


def read_texts(arguments: Sequence[str]) -> tuple[Iterator[list[Text]], int | None]:
    """Finds the texts of a command.

    Args:
        arguments: Texts; none, or a lone ``"-"``, means standard input.

    Returns:
        The texts, in groups that can be answered at once; and their size in bytes where it is known.

    Raises:
        UserError: There is nothing to read, or an argument is not UTF-8.
    """
    if arguments and list(arguments) != ["-"]:
        texts = [_argument(number, text) for number, text in enumerate(arguments, start=1)]
        return iter([texts]), sum(text.size for text in texts)
    if sys.stdin is None or (not arguments and sys.stdin.isatty()):
        raise UserError(
            'there is no text: write one in quotes, as in "The capital of France is [MASK].", or pipe some in.'
        )
    # The buffer of a standard stream is a BufferedReader, whatever its annotation says.
    return _some(read_lines(cast("BufferedReader", sys.stdin.buffer))), _file_size()


def read_lines(stream: Reader) -> Iterator[list[Text]]:
    r"""Reads UTF-8 text, one a line; lines without text are skipped.

    A program that writes a line and waits for its answer is not kept waiting for a full batch: what has arrived comes
    at once.

    Args:
        stream: Standard input.

    Yields:
        The texts that have arrived, at least one.

    Raises:
        UserError: The stream cannot be read, or a line is not UTF-8 or absurdly long. All lines before it come first.

    Example:
        >>> import io
        >>> from flax_albert.cli.texts import read_lines
        >>> [[text.text for text in group] for group in read_lines(io.BytesIO(b"one\n\nthree"))]
        [['one'], ['three']]
    """
    before, rest = 0, b""
    while chunk := _read(stream):
        *complete, rest = (rest + chunk).split(b"\n")
        yield from _decoded(complete, before)
        before += len(complete)
        if len(rest) > _LONGEST_LINE:
            raise UserError(f"line {before + 1} of standard input is longer than 1 MiB; write one text a line.")
    yield from _decoded([rest], before)


def _read(stream: Reader) -> bytes:
    try:
        return stream.read1(_CHUNK)
    except OSError as error:
        raise UserError(f"standard input cannot be read: {error.strerror or error}.") from None


def _decoded(rows: list[bytes], before: int) -> Iterator[list[Text]]:
    texts: list[Text] = []
    fault: UserError | None = None
    for number, row in enumerate(rows, start=before + 1):
        try:
            text = row.decode("utf-8-sig" if number == 1 else "utf-8").removesuffix("\r")
        except UnicodeDecodeError as error:
            byte = f"its byte {error.start + 1} is 0x{row[error.start]:02x}"
            fault = UserError(
                f"line {number} of standard input is not UTF-8 ({byte}); convert it, with iconv for example."
            )
            break
        if text.strip():
            texts.append(Text(text, number, "line"))
    if texts:
        yield texts
    if fault:
        raise fault


def _some(groups: Iterator[list[Text]]) -> Iterator[list[Text]]:
    empty = True
    for group in groups:
        empty = False
        yield group
    if empty:
        raise UserError("standard input holds no text; write one a line.")


def _argument(number: int, text: str) -> Text:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UserError(f"text {number} is not UTF-8; check the encoding of the terminal or script.") from None
    return Text(text, number, "text")


def _file_size() -> int | None:
    try:
        status = os.fstat(sys.stdin.fileno())
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
