"""The programs that compare tasks with PyTorch's see a difference where there is one, and only there."""

from typing import Any

import numpy as np
import pytest

from tests.reference.tasks.cases import Case
from tests.reference.tasks.compare import markdown
from tests.reference.tasks.differences import Tally

TEXT = "Mary lives in Paris"
PARIS = {"entity_group": "LOC", "word": "paris", "score": 0.9, "start": 14, "end": 19}


def compared(task: str, given: Any, ours: Any, theirs: Any, mended: Any = None) -> Tally:
    tally = Tally()
    tally.add(task, given, ours, theirs, mended)
    return tally


def kind(tally: Tally) -> str:
    kinds = ("same", "spaces", "mended", "ties", "refused", "differing")
    (found,) = [kind for kind in kinds if getattr(tally, kind)]
    return found


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ([PARIS], [PARIS], "same"),
        ([], [], "same"),
        ([PARIS], [{**PARIS, "start": 13}], "differing"),
        ([PARIS], [{**PARIS, "entity_group": "PER"}], "differing"),
        ([PARIS], [{**PARIS, "word": "pari"}], "differing"),
        ([PARIS], [], "differing"),
        ([], [PARIS], "differing"),
        ([PARIS], {"error": "refused"}, "differing"),
        ({"error": "no"}, {"error": "refused"}, "refused"),
    ],
)
def test_entities(ours: Any, theirs: Any, expected: str) -> None:
    assert kind(compared("token-classification", TEXT, ours, theirs)) == expected


def test_only_equal_scores_may_change_places() -> None:
    first, second = {"label": "a", "score": 0.4}, {"label": "b", "score": 0.4 + 1e-7}
    assert kind(compared("text-classification", "x", [first, second], [second, first])) == "ties"
    second = {"label": "b", "score": 0.401}
    assert kind(compared("text-classification", "x", [first, second], [second, first])) == "differing"


def test_largest_difference_of_scores_and_arrays() -> None:
    one, other = {"label": "a", "score": 0.5}, {"label": "a", "score": 0.53}
    assert compared("text-classification", "x", [one], other).largest == pytest.approx(0.03)
    a, b = np.zeros((1, 3, 2)), np.full((1, 3, 2), 0.25)
    tally = compared("feature-extraction", "x", a.tolist(), b)
    assert (tally.largest, tally.parts) == (0.25, 6)
    assert kind(compared("feature-extraction", "x", a[:, :2], b)) == "differing"


def test_spaces_and_mended_defects_count_apart() -> None:
    given = {"question": "Where?", "context": TEXT}
    ours, theirs = ({"answer": TEXT[s:19], "start": s, "end": 19, "score": 0.5} for s in (14, 13))
    assert kind(compared("question-answering", given, ours, ours, ours)) == "same"
    assert kind(compared("question-answering", given, ours, theirs, theirs)) == "spaces"
    part = {**ours, "answer": "aris", "start": 15}
    assert kind(compared("question-answering", given, ours, part, [ours])) == "mended"
    assert kind(compared("question-answering", given, ours, part, part)) == "differing"


def test_tables_have_a_row_a_task_and_a_case() -> None:
    case = Case("token-classification", "sentences, simple", "entities", [TEXT])
    tally = compared("token-classification", TEXT, [PARIS], [{**PARIS, "score": 0.90002}])
    lines = markdown([(case, tally), (case, tally)]).splitlines()
    assert lines[2] == "| token-classification | 2 | 2 | 2 | 0 | 0 | 0 | 0 | 0 | 2.0e-05 |"
    assert lines[-1] == "| sentences, simple | 1 | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 2.0e-05 |"
