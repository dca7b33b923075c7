"""Entities out of tags, and their scores, are those of seqeval: on tags of every sort and on real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from seqeval import scheme as seqeval_schemes
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities, precision_recall_fscore_support

from flax_albert.tasks.tagging.entities import join, label_tokens
from flax_albert.tasks.tagging.tag_schemes import TagScheme
from flax_albert.training.metrics.entities import Scheme, are_entity_tags, entities, entity_scores

KINDS = ("PER", "LOC", "ORG")
MARKS = {"IOB2": "BI", "IOB1": "IIIB", "I-only": "I", "BIOES": "BIES", "IOE": "IE"}
NAMES = {"BIOES": "IOBES"}
Sentences = list[list[str]]


def random_tags(marks: str, seed: int, sentences: int = 400) -> Sentences:
    """Tags that follow no rules, so that every way of breaking them occurs."""
    random = np.random.default_rng(seed)
    every = ["O", "O", *(f"{mark}-{kind}" for mark in marks for kind in KINDS)]
    return [random.choice(every, random.integers(0, 9)).tolist() for _ in range(sentences)]


def perturbed(sentences: Sentences, share: float = 0.15) -> Sentences:
    """The same tags, some of them replaced by others that occur."""
    random = np.random.default_rng(7)
    every = sorted({tag for sentence in sentences for tag in sentence})
    return [[str(random.choice(every)) if random.random() < share else tag for tag in one] for one in sentences]


def assert_equal_to_seqeval(true: Sentences, predicted: Sentences, strict: Scheme | None = None) -> None:
    options: dict[str, Any] = {"zero_division": 0}
    if strict is not None:
        options |= {"mode": "strict", "scheme": getattr(seqeval_schemes, NAMES.get(strict, strict))}
    ours = entity_scores(true, predicted, strict)
    close: Callable[[Any], Any] = lambda value: pytest.approx(value, abs=1e-12)  # noqa: E731
    assert ours.overall.precision == close(precision_score(true, predicted, **options))
    assert ours.overall.recall == close(recall_score(true, predicted, **options))
    assert ours.overall.f1 == close(f1_score(true, predicted, **options))
    if strict is None:  # by the alphabet of kinds
        figures: Any = precision_recall_fscore_support(true, predicted, average=None, **options)
        got = [(one.precision, one.recall, one.f1, one.true) for one in ours.kinds.values()]
        assert np.array(got) == close(np.array(figures).T)


@pytest.mark.parametrize("marks", MARKS.values(), ids=MARKS)
def test_entities_are_those_of_seqeval(marks: str) -> None:
    for sentence in random_tags(marks, seed=1):
        expected = [(start, stop + 1, kind) for kind, start, stop in get_entities(sentence)]
        assert entities(sentence) == expected, sentence


@pytest.mark.parametrize("strict", ["IOB2", "BIOES", "BILOU"])
def test_a_scheme_is_taken_at_its_word_as_in_seqeval(strict: Scheme) -> None:
    kind = getattr(seqeval_schemes, NAMES.get(strict, strict))
    for sentence in random_tags({"IOB2": "BI", "BIOES": "BIIES", "BILOU": "BIILU"}[strict], seed=2):
        expected = [(one.start, one.end, one.tag) for one in seqeval_schemes.Tokens(sentence, kind).entities]
        assert entities(sentence, strict) == expected, sentence


@pytest.mark.parametrize("marks", MARKS.values(), ids=MARKS)
def test_scores_are_those_of_seqeval(marks: str) -> None:
    true = [one for one in random_tags(marks, seed=3) if one]
    assert_equal_to_seqeval(true, perturbed(true))
    assert_equal_to_seqeval(true, true)
    if marks in (MARKS["IOB2"], MARKS["BIOES"]):
        assert_equal_to_seqeval(true, perturbed(true), "IOB2" if marks == MARKS["IOB2"] else "BIOES")


def test_names_of_marks_do_not_matter() -> None:
    for sentence in random_tags("BIES", seed=4):
        for old, new in (("ES", "LU"), ("I", "M")):
            table = str.maketrans(old, new)
            renamed = [tag[0].translate(table) + tag[1:] for tag in sentence]
            assert entities(renamed) == entities(sentence)


def test_the_task_finds_the_entities_that_are_measured() -> None:
    """Words joined by the task of token classification are the entities that the score counts."""
    labels = ["O", *(f"{mark}-{kind}" for mark in "BIES" for kind in KINDS)]
    scheme = TagScheme.of(labels)
    for sentence in random_tags("BIES", seed=5):
        found = join(
            label_tokens(np.eye(len(labels), dtype=np.float32)[[labels.index(tag) for tag in sentence]]), scheme
        )
        joined = [
            (start, stop, scheme.names[kind])
            for start, stop, kind in zip(found.starts.tolist(), found.stops.tolist(), found.labels, strict=True)
            if scheme.names[kind] != "O"
        ]
        assert joined == entities(sentence)


def columns(path: Path, tag: int) -> Sentences:
    """The tags of a file of columns."""
    sentences: Sentences = [[]]
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            sentences[-1].append(line.split()[tag])
        else:
            sentences.append([])
    return [sentence for sentence in sentences if sentence]


def test_real_tags_score_as_in_seqeval(shared_data: Path) -> None:
    files = sorted((shared_data / "tasks/tokens").rglob("*wikigold*")) + sorted(
        (shared_data / "tasks/tokens").rglob("*wnut*")
    )
    checked = 0
    for path in (path for path in files if path.is_file()):
        true = columns(path, -1)
        if are_entity_tags({tag for sentence in true for tag in sentence}):
            assert_equal_to_seqeval(true, perturbed(true))
            checked += len(true)
    assert checked > 1000


def test_nothing_found_scores_nothing() -> None:
    scores = entity_scores([["B-PER", "O"]], [["O", "O"]])
    assert (scores.overall.precision, scores.overall.recall, scores.overall.f1) == (0.0, 0.0, 0.0)
    assert entity_scores([["O"]], [["O"]]).kinds == {}


def test_tags_of_another_scheme_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^The tag 'E-PER' is none of IOB2's, which are O, B-\.\.\., I-\.\.\.\.$"):
        entities(["B-PER", "E-PER"], "IOB2")
    with pytest.raises(ValueError, match="has 2 tags, and 1 predicted"):
        entity_scores([["O", "O"]], [["O"]])


@pytest.mark.parametrize(
    ("tags", "are"),
    [
        (["O", "B-PER", "I-PER"], True),
        (["S-GENE", "E-GENE"], True),
        (["NOUN", "VERB"], False),
        (["O"], False),
        (["B-PER", "PER"], False),
        (["-LRB-", "NN"], False),
        ([], False),
    ],
)
def test_tags_of_entities_are_told(tags: Sequence[str], are: bool) -> None:
    assert are_entity_tags(tags) is are
