"""The small tokenizer answers as the fast tokenizer of transformers 4.37.2 did: every line, call, position and file.

The questions and the answers are made by tests/reference/tokenization/make_tiny.py.
"""

import json
import lzma
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flax_albert.tokenization import AlbertTokenizer
from tests.reference.tokenization.jobs import GOLDEN, SETTINGS, TINY_SIZE, small_settings, write_tiny_jobs
from tests.reference.tokenization.judge import leaves, meant
from tests.reference.tokenization.side import answers


@pytest.fixture(scope="module")
def golden() -> dict[str, list[list[Any]]]:
    """The answers of 4.37 by setting."""
    by_setting = defaultdict(list)
    for line in lzma.decompress(GOLDEN.read_bytes()).decode().splitlines():
        answer = json.loads(line)
        by_setting[answer[0]].append(answer)
    return by_setting


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The questions."""
    return json.loads(write_tiny_jobs(tmp_path_factory.mktemp("jobs")).read_text())


def both(jobs: dict[str, Any], golden: dict[str, list[list[Any]]], name: str) -> Iterator[tuple[str, Any, Any]]:
    """Kind of question, our answer and that of 4.37, for one setting."""
    chosen = {**jobs, "settings": [setting for setting in jobs["settings"] if setting["name"] == name]}
    for ours, theirs in zip(answers(AlbertTokenizer, "flax_albert", chosen), golden[name], strict=True):
        assert ours[1] == theirs[1]
        yield theirs[1], json.loads(json.dumps(ours[2])), theirs[2]


@pytest.mark.parametrize("name", [*SETTINGS, *small_settings(TINY_SIZE)])
def test_answers_are_those_of_transformers_4_37(name: str, jobs: dict[str, Any], golden: dict[str, Any]) -> None:
    reasons: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for kind, ours, theirs in both(jobs, golden, name):
        asked[kind] += 1
        if reason := meant(kind, ours, theirs):
            reasons[reason] += 1
        else:
            assert not list(leaves(ours, theirs)), kind
    assert asked["line"] >= (26 if name in SETTINGS else 1)
    assert sum(reasons.values()) <= (60 if name == "both" else 1), reasons


def test_every_kind_of_question_was_asked(jobs: dict[str, Any], golden: dict[str, Any]) -> None:
    kinds = Counter(kind for kind, _, _ in both(jobs, golden, "both"))
    assert kinds["call"] == 150
    assert kinds["words"] >= 5
    assert kinds["lookup"] >= 5
    assert {"operation pad", "operation helpers", "operation copies", "saved", "state"} <= set(kinds)


def test_real_files_are_needed_by_none_of_this(jobs: dict[str, Any]) -> None:
    assert all(Path(setting["directory"]).parent == Path(jobs["lines"]).parent for setting in jobs["settings"])
