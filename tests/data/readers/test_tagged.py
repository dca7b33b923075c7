"""Sentences with tags: CoNLL's columns, CoNLL-U, and lists in rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flax_albert.data.errors import DataError
from flax_albert.data.readers import Skipped, read_tagged
from flax_albert.data.readers.schemes import in_iob2, scheme_of, to_iob2

_UNIVERSAL = """\
# newdoc id = one
# sent_id = 1
# text = I don't.
1\tI\tI\tPRON\tPRP\tCase=Nom|Number=Sing\t2\tnsubj\t_\t_
2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
2\tdo\tdo\tAUX\tVBP\t_\t0\troot\t_\tSpaceAfter=No
3\tn't\tnot\tPART\tRB\t_\t2\tadvmod\t_\t_
3.1\tgo\tgo\tVERB\tVB\t_\t_\t_\t_\t_

# newdoc id = two
# sent_id = 2
1\t#\t#\tSYM\tNN\tNumber=Sing\t0\troot\t_\t_
"""


def _read(path: Path, **options: Any) -> list[tuple[str, ...]]:
    return [(" ".join(example.words), " ".join(example.tags or ())) for example in read_tagged(path, **options)]


def test_columns_between_spaces_and_tabs(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("-DOCSTART- -X- -X- O\n\nEU NNP B-NP I-ORG\n# SYM O O\n\n\n# $ B-NP O\n")
    (tmp_path / "b.txt").write_text("New York\tB-LOC\r\n#\tO\r\n \t\r\nYes\tO")
    assert _read(tmp_path / "a.conll") == [("EU #", "I-ORG O"), ("#", "O")]
    assert _read(tmp_path / "a.conll", columns={"tags": 1}) == [("EU #", "NNP SYM"), ("#", "$")]
    assert _read(tmp_path / "a.conll", columns={"tags": "-2"})[0] == ("EU #", "B-NP O")
    first, second = read_tagged(tmp_path / "b.txt")
    assert (first.words, first.where, second.where) == (("New York", "#"), "line 1 of b.txt", "line 4 of b.txt")


def test_universal_dependencies(tmp_path: Path) -> None:
    path = tmp_path / "a.conllu"
    path.write_text(_UNIVERSAL)
    assert _read(path) == [("I do n't", "PRON AUX PART"), ("#", "SYM")]
    assert _read(path, columns={"tags": "xpos"})[0][1] == "PRP VBP RB"
    assert _read(path, columns={"tags": "feats:Number"}) == [("I do n't", "Sing _ _"), ("#", "Sing")]
    assert _read(path, columns={"words": "lemma", "tags": "deprel"})[0] == ("I do not", "nsubj root advmod")
    assert [example.document for example in read_tagged(path)] == ["document 1", "document 2"]
    with pytest.raises(DataError, match=r"a.conllu has no column 'color'; one of its columns is one of id, form"):
        _read(path, columns={"tags": "color"})


def test_lists_in_rows(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"tokens": ["A", "b"], "ner_tags": [3, 0], "doc_id": 5}\n')
    (tmp_path / "b.csv").write_text("words,tags\nA b,X Y\n")
    assert _read(tmp_path / "a.jsonl") == [("A b", "3 0")]
    assert next(read_tagged(tmp_path / "a.jsonl")).document == "5"
    assert _read(tmp_path / "b.csv") == [("A b", "X Y")]


def test_numbers_of_tags_become_names() -> None:
    class ClassLabel:
        names = ("O", "B-PER")

    class List:
        feature = ClassLabel()

    class DataSet(list[dict[str, Any]]):
        features = {"tokens": None, "ner_tags": List()}  # noqa: RUF012  (as the library has it)

    [example] = read_tagged(DataSet([{"tokens": ["Ada", "came"], "ner_tags": [1, 0]}]))
    assert example.tags == ("B-PER", "O")


@pytest.mark.parametrize(
    ("name", "bad", "message"),
    [
        ("a.conll", "word", "line 4 of a.conll has the word 'word' and no tag."),
        ("a.conll", "one two O", "line 4 of a.conll has 3 columns, and the file 2."),
        ("a.conllu", "3\tb\tb\tX\tX\t_\t0\troot\t_\t_", "line 4 of a.conllu has the word number 3, where 2 should"),
        ("a.conllu", "x\tb\tb\tX\tX\t_\t0\troot\t_\t_", "line 4 of a.conllu begins with 'x', which is no number"),
        ("a.conllu", "2\tb\tb\t_\tX\t_\t0\troot\t_\t_", "line 3 of a.conllu has no tag for its word number 2, 'b'."),
        ("a.conllu", "2\tb\tb\tX", "line 4 of a.conllu has 4 columns, and the file 10."),
        ("a.jsonl", '{"words": ["a", "b"], "tags": ["X"]}', "line 2 of a.jsonl has 2 words and 1 tags."),
        ("a.jsonl", '{"words": [], "tags": []}', "line 2 of a.jsonl has no words."),
        ("a.jsonl", '{"words": ["a"], "tags": [""]}', "line 2 of a.jsonl has no tag for its word number 1, 'a'."),
        ("a.jsonl", '{"words": ["a"]}', "line 2 of a.jsonl has no tags."),
        ("a.jsonl", '{"words": [3], "tags": ["X"]}', "line 2 of a.jsonl has in 'words' 3, which is no word."),
        ("a.jsonl", '{"words": 3, "tags": ["X"]}', "line 2 of a.jsonl has a 'words' that is no list but int."),
    ],
)
def test_sentences_at_fault(name: str, bad: str, message: str, tmp_path: Path) -> None:
    good = {
        "a.conll": "good O",
        "a.conllu": "1\tgood\tgood\tX\tX\t_\t0\troot\t_\t_",
        "a.jsonl": '{"words": ["good"], "tags": ["O"]}',
    }[name]
    between = "\n" if name == "a.jsonl" else "\n\n"
    start = "" if name == "a.jsonl" else f"{good}\n"
    (tmp_path / name).write_text(f"{good}{between}{start}{bad}{between}{good}\n")
    with pytest.raises(DataError) as caught:
        list(read_tagged(tmp_path / name))
    assert str(caught.value).startswith(message)
    skipped = Skipped()
    assert [example.words for example in read_tagged(tmp_path / name, skipped=skipped)] == [("good",)] * 2
    assert skipped.count == 1
    assert skipped.listed[0].startswith(message)


def test_a_line_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_bytes(b"A O\ncaf\xe9 O\n\nB O\n")
    skipped = Skipped()
    assert [example.words for example in read_tagged(tmp_path / "a.conll", skipped=skipped)] == [("B",)]
    assert skipped.listed[0].startswith("line 2 of a.conll is not UTF-8")


def test_words_alone_where_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("A\nb\n")
    assert [example.tags for example in read_tagged(tmp_path / "a.conll", unlabelled=True)] == [None]
    with pytest.raises(DataError, match=r"line 1 of a.conll has no tags"):
        list(read_tagged(tmp_path / "a.conll"))


@pytest.mark.parametrize(
    ("scheme", "tags", "expected"),
    [
        ("IO", "I-A I-A O I-B I-A", "B-A I-A O B-B B-A"),
        ("IOB1", "I-A I-A B-A I-A O", "B-A I-A B-A I-A O"),
        ("IOB2", "B-A I-A B-A O B-B", "B-A I-A B-A O B-B"),
        ("BIOES", "B-A I-A E-A S-A S-B O", "B-A I-A I-A B-A B-B O"),
        ("BIOES", "B-A E-A I-A O", "B-A I-A B-A O"),
        ("BILOU", "B-A I-A L-A U-A O", "B-A I-A I-A B-A O"),
        ("IOB2", "B I O B", "B I O B"),
        (None, "DET NOUN VERB", "DET NOUN VERB"),
    ],
)
def test_schemes(scheme: str | None, tags: str, expected: str) -> None:
    assert scheme_of([tags.split()]) == scheme
    if scheme:
        assert to_iob2(tags.split()) == tuple(expected.split())
    examples = list(read_tagged([{"words": ["w"] * len(tags.split()), "tags": tags.split()}]))
    [written], found = in_iob2(examples)
    assert (written.tags, found) == (tuple(expected.split()), scheme)
    assert examples[0].tags == tuple(tags.split())
