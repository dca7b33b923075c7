"""Reading lines: every one with its number, as they come, in bounded memory."""

import io
import itertools

import pytest

from flax_albert.data.errors import DataError
from flax_albert.data.sources import lines
from flax_albert.data.sources.lines import read_lines
from flax_albert.data.sources.texts import from_arguments, read_texts


class Slow:
    """A stream that has one chunk at a time to give."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = list(chunks)

    def read1(self, size: int, /) -> bytes:
        return self.chunks.pop(0) if self.chunks else b""


def test_lines_keep_their_text_and_number() -> None:
    stream = io.BytesIO("\ufeffone\r\n\n   \n  two é \nthree".encode())
    texts = [record for record in read_texts(read_lines(stream, "standard input"), "") if record]
    assert [(record.columns["text"], record.number, record.where) for record in texts] == [
        ("one", 1, "line 1"),
        ("  two é ", 4, "line 4"),
        ("three", 5, "line 5"),
    ]


def test_what_has_arrived_is_handed_out_before_more_is_asked_for() -> None:
    stream = Slow(b"one\ntwo\nthr", b"ee\n", "né\n".encode()[:2], "né\n".encode()[2:], b"last")
    found = read_lines(stream, "standard input")
    shown: list[str | None] = []
    for line in found:
        shown.append(line.text if line else None)
        if line is None and len(shown) == 3:
            assert len(stream.chunks) == 4
    assert shown == ["one", "two", None, "three", None, None, "né", None, None, "last"]


def test_no_pause_where_more_is_there_already() -> None:
    stream = Slow(b"one\n", b"two\n", b"three\n")
    found = read_lines(stream, "standard input", more=lambda: len(stream.chunks) > 1)
    assert [line.text if line else None for line in found] == ["one", "two", None, "three", None]


def test_a_line_that_is_not_utf8_is_named_and_the_others_stay() -> None:
    found = [line for line in read_lines(io.BytesIO(b"one\ntwo\nthr\xffee\nfour\n"), "data.txt") if line]
    assert [line.text for line in found if not line.fault] == ["one", "two", "four"]
    assert found[2].fault == (
        "line 3 of data.txt is not UTF-8 (its byte 4 is 0xff); convert it, with iconv for example."
    )


def test_a_line_that_is_too_long_is_told_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST_LINE", 2**20)
    read = 0

    class Endless:
        def read1(self, size: int, /) -> bytes:
            nonlocal read
            read += size
            return b"x" * size

    fault = next(line.fault for line in read_lines(Endless(), "standard input") if line)
    assert fault == "line 1 of standard input is longer than 1 MiB; write one text a line."
    assert read < 2**21


def test_what_follows_a_line_that_is_too_long_keeps_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST_LINE", 100)
    stream = Slow(b"one\n", b"x" * 90, b"x" * 90, b"x" * 90 + b"\nthree\n", b"y" * 200 + b"\nfive")
    found = [(line.number, line.text, bool(line.fault)) for line in read_lines(stream, "data.txt") if line]
    assert found == [(1, "one", False), (2, "", True), (3, "three", False), (4, "", True), (5, "five", False)]


def test_an_endless_stream_is_read_as_it_is_used() -> None:
    class Endless:
        def read1(self, size: int, /) -> bytes:
            return b"a line\n" * 3

    found = (line.number for line in read_lines(Endless(), "standard input") if line)
    assert list(itertools.islice(found, 9)) == list(range(1, 10))


@pytest.mark.parametrize(
    ("error", "reason"),
    [(IsADirectoryError(21, "Is a directory"), "Is a directory"), (EOFError("cut short"), "cut short")],
)
def test_a_stream_that_cannot_be_read_is_an_error(error: Exception, reason: str) -> None:
    class Broken:
        def read1(self, size: int, /) -> bytes:
            raise error

    with pytest.raises(DataError, match=f"standard input cannot be read: {reason}"):
        list(read_lines(Broken(), "standard input"))


def test_arguments_are_numbered() -> None:
    source = from_arguments([{"text": "one"}, {"text": "zwö"}])
    assert [(record.columns, record.where) for record in source.records if record] == [
        ({"number": 1, "text": "one"}, "text 1"),
        ({"number": 2, "text": "zwö"}, "text 2"),
    ]
    assert source.total == 2
    with pytest.raises(DataError, match="text 2 is not UTF-8"):
        from_arguments([{"text": "one"}, {"text": "tw\udcff"}])
