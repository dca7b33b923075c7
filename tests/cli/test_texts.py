"""Reading texts: every line with its number, as they come, in bounded memory."""

import io
import itertools

import pytest

from flax_albert.cli.errors import UserError
from flax_albert.cli.texts import read_lines, read_texts


class Slow:
    """A stream that has one chunk at a time to give."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = list(chunks)

    def read1(self, size: int, /) -> bytes:
        return self.chunks.pop(0) if self.chunks else b""


def test_lines_keep_their_text_and_number() -> None:
    stream = io.BytesIO("\ufeffone\r\n\n   \n  two é \nthree".encode())
    texts = [text for group in read_lines(stream) for text in group]
    assert [(text.text, text.number, str(text)) for text in texts] == [
        ("one", 1, "line 1"),
        ("  two é ", 4, "line 4"),
        ("three", 5, "line 5"),
    ]


def test_what_has_arrived_is_handed_out_before_more_is_asked_for() -> None:
    stream = Slow(b"one\ntwo\nthr", b"ee\n", "né\n".encode()[:2], "né\n".encode()[2:], b"last")
    groups = read_lines(stream)
    assert [text.text for text in next(groups)] == ["one", "two"]
    assert len(stream.chunks) == 4
    assert [[text.text for text in group] for group in groups] == [["three"], ["né"], ["last"]]


def test_a_line_that_is_not_utf8_is_named_after_those_before_it() -> None:
    groups = read_lines(io.BytesIO(b"one\ntwo\nthr\xffee\nfour\n"))
    assert [text.text for text in next(groups)] == ["one", "two"]
    with pytest.raises(UserError, match=r"line 3 of standard input is not UTF-8 \(its byte 4 is 0xff\)"):
        next(groups)


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    read = 0

    class Endless:
        def read1(self, size: int, /) -> bytes:
            nonlocal read
            read += size
            return b"x" * size

    with pytest.raises(UserError, match="line 1 of standard input is longer than 1 MiB"):
        list(read_lines(Endless()))
    assert read < 2**21


def test_an_endless_stream_is_read_as_it_is_used() -> None:
    class Endless:
        def read1(self, size: int, /) -> bytes:
            return b"a line\n" * 3

    assert [text.number for group in itertools.islice(read_lines(Endless()), 3) for text in group] == list(range(1, 10))


def test_a_stream_that_cannot_be_read_is_an_error() -> None:
    class Directory:
        def read1(self, size: int, /) -> bytes:
            raise IsADirectoryError(21, "Is a directory")

    with pytest.raises(UserError, match="standard input cannot be read: Is a directory"):
        list(read_lines(Directory()))


def test_arguments_are_one_group_of_known_size() -> None:
    groups, size = read_texts(["one", "zwö"])
    assert [[(text.text, str(text)) for text in group] for group in groups] == [[("one", "text 1"), ("zwö", "text 2")]]
    assert size == 4 + 5
    with pytest.raises(UserError, match="text 2 is not UTF-8"):
        read_texts(["one", "tw\udcff"])
