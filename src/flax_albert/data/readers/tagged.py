"""Sentences of words with a tag each."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from flax_albert.data.errors import DataError
from flax_albert.data.examples import TaggedExample
from flax_albert.data.readers.columns import chosen, name_of, shown, unknown, usual
from flax_albert.data.readers.conll import Block, blocks
from flax_albert.data.readers.conll import Columns as ConllColumns
from flax_albert.data.readers.rows import Examples, Row, file_kind, open_table
from flax_albert.data.readers.skipped import Skipped, usable
from flax_albert.data.sources.files import lines_of, open_file

_WORDS = ("words", "tokens")
_TAGS = ("tags", "ner_tags", "labels", "pos_tags", "upos", "ner", "pos", "chunk_tags", "xpos")
_DOCUMENTS = ("document", "doc_id", "document_id")
_FIELDS = ("words", "tags", "document")
_LOOKED_AT = 100


def read_tagged(
    source: Examples,
    *,
    columns: dict[str, Any] | None = None,
    file_format: str | None = None,
    unlabelled: bool = False,
    skipped: Skipped | None = None,
) -> Iterator[TaggedExample]:
    """Reads sentences of words with tags.

    Args:
        source: A file of CoNLL's columns, between tabs or spaces, or CoNLL-U; JSON Lines, JSON or Parquet with a list
            of words and one of tags in each row; a data set of ``datasets``, whose numbers of classes become their
            names; or dictionaries.
        columns: Columns by ``words`` and ``tags``, where they are not the usual ones. In CoNLL's columns these are the
            first and the last, and others are named by number, from 0; in CoNLL-U they are ``form`` and ``upos``, and
            others are named as its description does: ``xpos``, ``deprel``, ``feats:Number``, ...
        file_format: The format of a file; by default what its name ends in, and ``conll`` for ``.txt``.
        unlabelled: Whether sentences may lack tags.
        skipped: Where to note sentences at fault; without it the first one is raised.

    Returns:
        The examples, as they are read; tags are as they stand there, see
        :func:`flax_albert.data.readers.schemes.in_iob2`.

    Raises:
        DataError: A sentence is at fault, or the source cannot be read; the message says where.

    Example:
        >>> from flax_albert.data.readers import read_tagged
        >>> next(read_tagged([{"tokens": ["Ada", "came"], "ner_tags": ["B-PER", "O"]}])).tags
        ('B-PER', 'O')
    """
    if isinstance(source, str | os.PathLike) and file_kind(Path(source), file_format, "conll") == "conll":
        return _read_conll(Path(source), columns or {}, unlabelled, skipped)
    table = open_table(source, file_format)
    found: dict[str, Any] = chosen(columns, _FIELDS, table)
    for field, names in (("words", _WORDS), ("tags", _TAGS), ("document", _DOCUMENTS)):
        if field not in found:
            found.update(usual([{field: name} for name in names], table.columns))
    for field in ("words", "tags"):
        if table.columns and field not in found and not (field == "tags" and unlabelled):
            raise unknown(field, table)
    make = functools.partial(_example, found=found, unlabelled=unlabelled)
    return usable(table.rows, make, table.name, skipped)


def _read_conll(
    path: Path, columns: dict[str, Any], unlabelled: bool, skipped: Skipped | None
) -> Iterator[TaggedExample]:
    open_file(path, "conll")  # says what is wrong with a file that is none
    sentences = blocks(lines_of(path))
    first = list(itertools.islice(sentences, _LOOKED_AT))
    taken = ConllColumns(first, columns.get("words"), columns.get("tags"), path)

    def make(block: Block) -> Iterator[TaggedExample]:
        where = f"line {block.lines[0].number} of {path.name}"
        words, tags = taken.words_and_tags(block)
        if words:  # not comments alone
            yield _tagged(words, tags if any(tags) else None, where, block.document, unlabelled)

    return usable(itertools.chain(first, sentences), make, path.name, skipped)


def _example(row: Row, found: dict[str, Any], unlabelled: bool) -> Iterator[TaggedExample]:
    if row.fault:
        raise DataError(row.fault)
    words = _list(row, found["words"])
    if words is None:
        raise DataError(f"{row.where} has no {found['words']!r}.")
    for word in words:
        if not isinstance(word, str) or not word.strip():
            raise DataError(f"{row.where} has in {found['words']!r} {shown(word)}, which is no word.")
    tags = _list(row, found["tags"]) if "tags" in found else None
    names = None if tags is None else [name_of(tag) or "" for tag in tags]
    document = name_of(row.columns.get(found["document"])) if "document" in found else None
    yield _tagged(words, names, row.where, document, unlabelled)


def _list(row: Row, column: str) -> Sequence[Any] | None:
    value = row.columns.get(column)
    if isinstance(value, str):
        return value.split()
    if value is None or isinstance(value, list | tuple):
        return value
    raise DataError(f"{row.where} has a {column!r} that is no list but {type(value).__name__}.")


def _tagged(
    words: Sequence[str], tags: Sequence[str] | None, where: str, document: str | None, unlabelled: bool
) -> TaggedExample:
    if not words:
        raise DataError(f"{where} has no words.")
    if tags is None:
        if not unlabelled:
            raise DataError(f"{where} has no tags.")
        return TaggedExample(tuple(words), None, where, document)
    if len(tags) != len(words):
        raise DataError(f"{where} has {len(words)} words and {len(tags)} tags.")
    if "" in tags:
        missing = tags.index("")
        raise DataError(f"{where} has no tag for its word number {missing + 1}, {words[missing][:60]!r}.")
    return TaggedExample(tuple(words), tuple(tags), where, document)
