"""The small tokenizers answer as those of transformers 4.37.2 did: every line, call, position and file.

The questions and the answers are made by tests/reference/tokenization/make_tiny.py.
"""

import functools
import json
import lzma
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flax_albert import tokenization
from tests.reference.tokenization.jobs import KINDS, write_tiny_jobs
from tests.reference.tokenization.judge import leaves, meant
from tests.reference.tokenization.side import answers

CASES = [(kind, name) for kind, described in KINDS.items() for name in described.all_settings()]


@functools.cache
def golden(kind: str) -> dict[str, list[list[Any]]]:
    """The answers of 4.37 by setting."""
    by_setting = defaultdict(list)
    for line in lzma.decompress(KINDS[kind].golden.read_bytes()).decode().splitlines():
        answer = json.loads(line)
        by_setting[answer[0]].append(answer)
    return by_setting


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The questions to each kind."""
    return {
        name: json.loads(write_tiny_jobs(kind, tmp_path_factory.mktemp("jobs")).read_text())
        for name, kind in KINDS.items()
    }


def both(jobs: dict[str, Any], kind: str, name: str) -> Iterator[tuple[str, Any, Any]]:
    """Kind of question, our answer and that of 4.37, for one setting."""
    chosen = {**jobs, "settings": [setting for setting in jobs["settings"] if setting["name"] == name]}
    tokenizer_class = getattr(tokenization, KINDS[kind].tokenizer_class)
    for ours, theirs in zip(answers(tokenizer_class, "flax_albert", chosen), golden(kind)[name], strict=True):
        assert ours[1] == theirs[1]
        yield theirs[1], json.loads(json.dumps(ours[2])), theirs[2]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_answers_are_those_of_transformers_4_37(kind: str, name: str, jobs: dict[str, Any]) -> None:
    reasons: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for question, ours, theirs in both(jobs[kind], kind, name):
        asked[question] += 1
        if reason := meant(question, ours, theirs):
            reasons[reason] += 1
        else:
            assert not list(leaves(ours, theirs)), question
    assert asked["line"] >= (26 if name in KINDS[kind].settings else 1)
    assert sum(reasons.values()) <= (60 if name == "both" else 1), reasons


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_question_was_asked(kind: str) -> None:
    kinds = Counter(question for _, question, _ in golden(kind)["both"])
    assert kinds["call"] == 150
    assert kinds["words"] >= 5
    assert kinds["lookup"] >= 5 or "slow" in kind
    assert {"operation pad", "operation helpers", "operation copies", "saved", "state"} <= set(kinds)


def test_real_files_are_needed_by_none_of_this(jobs: dict[str, Any]) -> None:
    for asked in jobs.values():
        assert all(Path(setting["directory"]).parent == Path(asked["lines"]).parent for setting in asked["settings"])
