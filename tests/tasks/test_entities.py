"""From labels of tokens to entities, apart from any model: schemes of tags, words, neighbours."""

import numpy as np
import pytest

from flax_albert.tasks.tagging.entities import AcrossTokens, Stretches, join, label_tokens, label_words
from flax_albert.tasks.tagging.tag_schemes import TagScheme

BIO = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
IO = ["O", "I-PER", "I-LOC"]
BIOES = ["O", *(f"{mark}-{kind}" for kind in ("PER", "LOC") for mark in "BIES")]
BILOU = ["O", *(f"{mark}-PER" for mark in "BILU")]
SPEECH = ["NOUN", "VERB", "PUNCT"]
DASHES = ["O", "B-PER", "I-PER", "WH-WORD", "x-ray", "U-turn"]


def certain(labels: list[str], names: list[str]) -> np.ndarray:
    """Probabilities that leave no doubt."""
    return np.eye(len(names), dtype=np.float32)[[names.index(label) for label in labels]]


def found(stretches: Stretches, scheme: TagScheme) -> list[str]:
    """Each stretch as ``KIND start:stop``, without those that name nothing."""
    kinds = [scheme.names[kind] for kind in stretches.labels]
    spans = zip(kinds, stretches.starts, stretches.stops, strict=True)
    return [f"{kind} {start}:{stop}" for kind, start, stop in spans if kind != "O"]


@pytest.mark.parametrize(
    ("names", "tags", "expected"),
    [
        (BIO, "O B-PER I-PER O B-LOC", ["PER 1:3", "LOC 4:5"]),
        (BIO, "B-PER B-PER I-PER", ["PER 0:1", "PER 1:3"]),
        (BIO, "B-PER I-LOC I-LOC", ["PER 0:1", "LOC 1:3"]),
        (BIO, "I-PER I-PER B-PER", ["PER 0:2", "PER 2:3"]),
        (BIO, "B-PER O I-PER", ["PER 0:1", "PER 2:3"]),
        (IO, "I-PER I-PER O I-LOC I-PER", ["PER 0:2", "LOC 3:4", "PER 4:5"]),
        (BIOES, "B-PER I-PER E-PER S-PER S-PER", ["PER 0:3", "PER 3:4", "PER 4:5"]),
        (BIOES, "B-PER E-PER I-PER E-PER O S-LOC", ["PER 0:2", "PER 2:4", "LOC 5:6"]),
        (BIOES, "B-PER E-LOC", ["PER 0:1", "LOC 1:2"]),
        (BILOU, "B-PER I-PER L-PER U-PER", ["PER 0:3", "PER 3:4"]),
        (SPEECH, "NOUN NOUN VERB PUNCT", ["NOUN 0:2", "VERB 2:3", "PUNCT 3:4"]),
        (DASHES, "WH-WORD WH-WORD x-ray B-PER", ["WH-WORD 0:2", "x-ray 2:3", "PER 3:4"]),
    ],
)
def test_neighbours_of_a_kind_are_put_together(names: list[str], tags: str, expected: list[str]) -> None:
    scheme = TagScheme.of(names)
    assert found(join(label_tokens(certain(tags.split(), names)), scheme), scheme) == expected


def test_marks_of_ends_are_names_where_nothing_marks_beginnings() -> None:
    labels = ["S-1", "E-mail", "M-dash"]
    assert TagScheme.of(labels).names == tuple(labels)


def test_an_entitys_score_is_the_average_of_what_it_is_made_of() -> None:
    probabilities = np.array([[0.1, 0.9, 0], [0.3, 0, 0.7], [0.6, 0.2, 0.2]], np.float32)
    entity, outside = join(label_tokens(probabilities), TagScheme.of(["O", "B-PER", "I-PER"])).scores
    assert entity == pytest.approx(0.8)
    assert outside == pytest.approx(0.6)


def test_the_score_of_a_stretch_as_long_as_a_book_is_exact() -> None:
    tokens = 300_000
    probabilities = np.full((tokens, 1), 0.9, np.float32)
    [score] = join(label_tokens(probabilities), TagScheme.of(["O"])).scores
    assert score == np.float32(0.9)


def test_the_tokens_of_a_word_agree_on_its_label() -> None:
    probabilities = np.array([[0.6, 0.4, 0], [0.2, 0.8, 0], [0.1, 0, 0.9], [0, 0, 1], [0.45, 0.55, 0]], np.float32)
    words = np.array([0, 0, 0, 1, 4])
    expected: dict[AcrossTokens, tuple[list[int], list[float]]] = {
        "first": ([0, 2, 1], [0.6, 1, 0.55]),
        "average": ([1, 2, 1], [0.4, 1, 0.55]),
        "max": ([2, 2, 1], [0.9, 1, 0.55]),
    }
    for strategy, (labels, scores) in expected.items():
        stretches = label_words(probabilities, words, strategy)
        assert stretches.starts.tolist() == [0, 3, 4]
        assert stretches.stops.tolist() == [3, 4, 5]
        assert stretches.labels.tolist() == labels
        np.testing.assert_allclose(stretches.scores, scores, rtol=1e-6)


def test_of_tokens_that_are_equally_certain_the_first_decides() -> None:
    probabilities = np.array([[0.1, 0.9], [0.9, 0.1]], np.float32)
    assert label_words(probabilities, np.array([3, 3]), "max").labels.tolist() == [1]


@pytest.mark.parametrize("strategy", ["first", "average", "max"])
def test_a_text_without_tokens_holds_nothing(strategy: AcrossTokens) -> None:
    nothing = np.zeros((0, 3), np.float32)
    scheme = TagScheme.of(["O", "B-PER", "I-PER"])
    assert found(join(label_tokens(nothing), scheme), scheme) == []
    assert found(join(label_words(nothing, np.zeros(0, np.int32), strategy), scheme), scheme) == []
