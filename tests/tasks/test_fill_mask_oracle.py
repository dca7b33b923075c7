"""Fill-mask gives what the pipeline of transformers 4.37 gives: real vocabulary, real text, random weights.

``FLAX_ALBERT_ORACLE_437`` names the Python of an environment with transformers 4.37 and torch.
"""

import json
import lzma
import os
import random
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from flax_albert import AlbertTokenizerFast, FlaxAlbertForMaskedLM
from flax_albert.tasks import FillMask
from tests.tolerances import SMALL

pytestmark = pytest.mark.slow

ORACLE = Path(__file__).parents[1] / "reference" / "tasks" / "fill_mask.py"
ODD = [
    "[MASK]",
    "[MASK][MASK]",
    " [MASK] ",
    "a[MASK]b",
    "a [MASK] b",
    "Paris <pad> is [MASK] <pad>",
    "中文 [MASK] ελληνικά [MASK] 😀",
    "[CLS] twice [MASK] [SEP] over",
    "one\ntwo\t[MASK]",
    "[MASK] " * 40,
    "x " * 505 + "[MASK]",
    "ALL CAPS [MASK], é [MASK]!",
]


def sentences(shared_data: Path, count: int) -> list[str]:
    """Sentences of textbooks with one to four words masked."""
    generator = random.Random(0)
    texts: list[str] = []
    with lzma.open(shared_data / "pretrain" / "train_expository.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            for sentence in re.split(r"(?<=[.!?])\s+", json.loads(line)["text"])[:20]:
                words = sentence.split()
                if 4 <= len(words) <= 120:
                    for place in generator.sample(range(len(words)), generator.choice([1, 1, 1, 2, 4])):
                        words[place] = "[MASK]"
                    texts.append(" ".join(words))
            if len(texts) >= count:
                return texts[:count]
    raise AssertionError("the file is shorter than expected")


def questions(shared_data: Path) -> list[dict[str, Any]]:
    real = sentences(shared_data, 300)
    targets = [["▁paris", "▁man"], ["man", "woman", "man"], "Paris", ["quickbrowning"], ["s", "▁", "."], ["the"]]
    return [
        {"texts": real, "options": {}},
        {"texts": ODD, "options": {"top_k": 12}},
        *({"texts": text, "options": {"top_k": 1}} for text in (*ODD, [real[0]], [ODD[1]], [])),
        *({"texts": [*real[:10], *ODD], "options": {"targets": target}} for target in targets),
        *({"texts": faulty, "options": {}} for faulty in ("", "no mask", ["a [MASK]", "b"], 3, "[MASK] " * 600)),
        *({"texts": "a [MASK]", "options": {"targets": faulty}} for faulty in ("", [], [""])),
    ]


def same(ours: Any, theirs: Any, worst: list[float]) -> None:
    """Equal in shape and content, scores apart, whose relative differences are noted."""
    assert type(ours) is type(theirs)
    if isinstance(ours, list):
        assert len(ours) == len(theirs)
        for pair in zip(ours, theirs, strict=True):
            same(*pair, worst)
    else:
        assert {**ours, "score": None} == {**theirs, "score": None}
        worst.append(abs(ours["score"] / theirs["score"] - 1))


def test_answers_equal_those_of_transformers(shared_data: Path, tmp_path: Path) -> None:
    python = os.environ.get("FLAX_ALBERT_ORACLE_437")
    if not python:
        pytest.skip("FLAX_ALBERT_ORACLE_437 does not name the Python of an environment with transformers 4.37")
    asked = questions(shared_data)
    (tmp_path / "questions.json").write_text(json.dumps(asked))
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "XLA_FLAGS")}
    done = subprocess.run(
        [python, ORACLE, shared_data / "tokenizer", tmp_path],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-4000:]

    task = FillMask(FlaxAlbertForMaskedLM.from_pretrained(tmp_path), AlbertTokenizerFast.from_pretrained(tmp_path))
    worst: list[float] = []
    for question, theirs in zip(asked, json.loads((tmp_path / "answers.json").read_text()), strict=True):
        if theirs is None:
            with pytest.raises((ValueError, TypeError)):
                task(question["texts"], **question["options"])
        else:
            same(task(question["texts"], **question["options"]), theirs, worst)
    assert len(worst) > 300 * 5
    assert max(worst) <= SMALL
