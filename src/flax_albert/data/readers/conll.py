"""CoNLL's columns and CoNLL-U: sentences of words, each with what the columns say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from flax_albert.data.errors import DataError
from flax_albert.data.readers.skipped import SourceError
from flax_albert.data.sources.lines import Line

_U_COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
_START = "-DOCSTART-"
_NEW_DOCUMENT = "# newdoc"


class Block(NamedTuple):
    """The lines of a sentence, and the document that it is of."""

    lines: tuple[Line, ...]
    document: str | None


def blocks(lines: Iterable[Line]) -> Iterator[Block]:
    """Cuts a file at its blank lines.

    Args:
        lines: Its lines.

    Yields:
        The sentences, with their comments; documents begin with ``-DOCSTART-`` or ``# newdoc``.
    """
    sentence: list[Line] = []
    documents, document = 0, None
    for line in lines:
        starts = line.text.startswith((_START, _NEW_DOCUMENT))
        if sentence and (starts or not (line.text.strip() or line.fault)):
            yield Block(tuple(sentence), document)
            sentence = []
        if starts:
            documents += 1
            document = f"document {documents}"
        elif line.text.strip() or line.fault:
            sentence.append(line)
    if sentence:
        yield Block(tuple(sentence), document)


def fields_of(line: Line) -> list[str]:
    """What a line holds: between tabs if it has some, between spaces otherwise."""
    text = line.text.strip("\r\n")
    return [field.strip() for field in text.split("\t")] if "\t" in text else text.split()


class Columns:
    """Takes words and tags from the lines of a sentence.

    Args:
        first: Sentences that tell how many columns the file has.
        words: The column of the words, by its number or, in CoNLL-U, its name.
        tags: The column of the tags, likewise; in CoNLL-U also ``feats:NAME`` and ``misc:NAME``. Numbers are counted
            from 0, and from the end below that.
        path: The file, for messages.

    Raises:
        SourceError: There is no such column.
    """

    def __init__(self, first: Sequence[Block], words: str | int | None, tags: str | int | None, path: Path) -> None:
        rows = [line for block in first for line in block.lines if not line.text.startswith("#") and not line.fault]
        self._count = Counter(len(fields_of(row)) for row in rows).most_common(1)[0][0] if rows else 2
        self._name = path.name
        self._universal = self._count == len(_U_COLUMNS) and "\t" in rows[-1].text
        self._feature = ""
        names = _U_COLUMNS if self._universal else ()
        if self._universal and isinstance(tags, str) and ":" in tags:
            tags, _, self._feature = tags.partition(":")
        self._words = self._index(words, names, 1 if self._universal else 0)
        self._tags = self._index(tags, names, 3 if self._universal else self._count - 1)

    def words_and_tags(self, block: Block) -> tuple[list[str], list[str]]:
        """The words of a sentence and their tags.

        Args:
            block: The sentence.

        Returns:
            Both; of CoNLL-U the words that syntax knows, two for ``don't``, and neither words that are left out. An
            empty tag is one that is missing.

        Raises:
            DataError: A line is at fault.
        """
        words, tags = [], []
        for line in block.lines:
            where = f"line {line.number} of {self._name}"
            if line.fault:
                raise DataError(line.fault)
            fields = fields_of(line)
            if self._is_comment(line, fields):
                continue
            if len(fields) == 1 and self._count > 1:
                raise DataError(f"{where} has the word {fields[0][:60]!r} and no tag.")
            if len(fields) != self._count:
                raise DataError(f"{where} has {len(fields)} columns, and the file {self._count}.")
            if self._universal and not self._is_word(fields[0], len(words), where):
                continue
            if not fields[self._words]:
                raise DataError(f"{where} has an empty word.")
            words.append(fields[self._words])
            tags.append(self._tag(fields))
        return words, tags

    def _tag(self, fields: Sequence[str]) -> str:
        tag = fields[self._tags] if self._tags != self._words else ""
        if self._feature:
            start = f"{self._feature}="
            return next((part.removeprefix(start) for part in tag.split("|") if part.startswith(start)), "_")
        return "" if self._universal and tag == "_" else tag

    def _is_comment(self, line: Line, fields: Sequence[str]) -> bool:
        if not line.text.startswith("#"):
            return False
        # Where columns are separated by spaces, "# O" is a word; a comment has other words.
        return self._universal or len(fields) != self._count or line.text.startswith(("# sent_id", "# text", "# id"))

    @staticmethod
    def _is_word(number: str, before: int, where: str) -> bool:
        if number.isascii() and number.isdecimal():
            if number != str(before + 1):
                raise DataError(f"{where} has the word number {number[:20]}, where {before + 1} should follow.")
            return True
        one, mark, other = number.replace(".", "-").partition("-")  # a contraction, or a word that is left out
        if not (mark and one.isdecimal() and other.isdecimal()):
            raise DataError(f"{where} begins with {number[:20]!r}, which is no number of a word.")
        return False

    def _index(self, column: str | int | None, names: Sequence[str], usual: int) -> int:
        if column is None:
            return usual
        if column in names:
            return names.index(str(column))
        try:
            index = int(column)
        except ValueError:
            index = self._count
        if not -self._count <= index < self._count:
            known = f"is one of {', '.join(names)}" if names else f"is a number from 0 to {self._count - 1}"
            raise SourceError(f"{self._name} has no column {column!r}; one of its columns {known}.")
        return index % self._count
