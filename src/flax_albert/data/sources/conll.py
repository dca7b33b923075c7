"""CoNLL's columns: a word a line, a blank line after each sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flax_albert.data.sources.lines import Line
from flax_albert.data.sources.record import Record

_CONLL_U = 10
"""Columns of CoNLL-U: number, form, lemma, part of speech..."""


def read_conll(lines: Iterable[Line | None], source: str) -> Iterator[Record]:
    r"""Sentences, with the words of the first column and the tags of the last; of CoNLL-U, the forms and UPOS.

    Args:
        lines: The lines.
        source: The file that errors name.

    Yields:
        A record a sentence, with the columns ``number``, of its first line, ``words`` and ``tags``.

    Example:
        >>> import io
        >>> from flax_albert.data.sources.conll import read_conll
        >>> from flax_albert.data.sources.lines import read_lines
        >>> lines = read_lines(io.BytesIO(b"Ada\tB-PER\ncame\tO\n\nYes\tO\n"), "data.conll")
        >>> [record.columns for record in read_conll(lines, "data.conll")][0]
        {'number': 1, 'words': ['Ada', 'came'], 'tags': ['B-PER', 'O']}
    """
    sentence: list[Line] = []
    for line in lines:
        if line is None or line.text.startswith("-DOCSTART-"):
            continue
        if line.text.startswith("# ") and not sentence:  # further down it is a word
            continue
        if line.text.strip() or line.fault:
            sentence.append(line)
        elif sentence:
            yield _record(sentence, source)
            sentence = []
    if sentence:
        yield _record(sentence, source)


def _record(sentence: list[Line], source: str) -> Record:
    first, last = sentence[0], sentence[-1]
    fault = next((line.fault for line in sentence if line.fault), None)
    if fault:
        return Record(first.number, {"number": first.number}, "line", source, last.position, fault)
    words, tags = [], []
    for line in sentence:
        columns = line.text.strip("\r").split("\t") if "\t" in line.text else line.text.split()
        if len(columns) == _CONLL_U and "\t" in line.text:
            if columns[0].isdecimal():  # neither the span of a contraction nor a word that is left out
                words.append(columns[1])
                tags.append(columns[3])
        else:
            words.append(columns[0])
            tags.append(columns[-1] if len(columns) > 1 else None)
    return Record(first.number, {"number": first.number, "words": words, "tags": tags}, "line", source, last.position)
