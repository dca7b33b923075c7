"""SQuAD 2.0's figures by the metrics of transformers 4.57; runs in an environment that has it.

Reads lists of answers to questions, each with a threshold, and writes the figures of each list.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from transformers.data.metrics.squad_metrics import squad_evaluate

_NAMES = {
    "exact": "exact_match",
    "f1": "f1",
    "HasAns_exact": "has_answer_exact_match",
    "HasAns_f1": "has_answer_f1",
    "NoAns_exact": "no_answer_exact_match",
    "NoAns_f1": "no_answer_f1",
    "best_exact": "best_exact_match",
    "best_exact_thresh": "best_exact_match_threshold",
    "best_f1": "best_f1",
    "best_f1_thresh": "best_f1_threshold",
}


def figures(questions: list[dict[str, Any]], threshold: float) -> dict[str, float]:
    """The figures of a list."""
    examples = [
        SimpleNamespace(qas_id=number, answers=[{"text": text} for text in one["right"]])
        for number, one in enumerate(questions)
    ]
    predicted = {number: one["predicted"] for number, one in enumerate(questions)}
    null_scores = {number: one["null"] for number, one in enumerate(questions)}
    found = squad_evaluate(examples, predicted, null_scores, threshold)
    return {ours: found[theirs] for theirs, ours in _NAMES.items() if theirs in found}


if __name__ == "__main__":
    lists = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(sys.argv[2]).write_text(json.dumps([figures(*one) for one in lists]), encoding="utf-8")
