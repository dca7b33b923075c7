"""``python -m tests.reference.tasks.compare``: our tasks beside the PyTorch pipelines of transformers 4.57.6.

The models are those of tests.reference.tasks.models, which has made them before; the texts are real. PyTorch answers
first, in the environment that ``--torch`` names, and its answers are kept in ``--answers``, where there is one, for the
next time. Where a result differs from the pipeline's, it is compared with that of the pipeline with its known defects
mended (tests/reference/tasks/mended.py). Sentence embeddings are compared with sentence-transformers, multiple choice
and sentence order with the PyTorch model itself.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tests.reference.tasks.cases import GROUPS, Case, cases
from tests.reference.tasks.differences import LIMIT, Tally, read
from tests.reference.tasks.models import ROOT

COLUMNS = (
    "texts",
    "results",
    "equal",
    "equal but for spaces",
    "equal, defects mended",
    "ties",
    "refused by both",
    "differing",
    "largest",
)


def ask(asked: Sequence[Case], models: Path, torch: str, folder: Path) -> Path:
    """Has PyTorch's side answer, unless the folder has its answers.

    Args:
        asked: The cases.
        models: The folder of models.
        torch: The interpreter.
        folder: Where answers are kept.

    Returns:
        The folder with the answers.
    """
    questions = json.dumps([case.question(models) for case in asked])
    kept = folder / hashlib.sha256(questions.encode()).hexdigest()[:16]
    if (kept / "versions.json").exists():
        return kept
    kept.mkdir(parents=True, exist_ok=True)
    (kept / "questions.json").write_text(questions, encoding="utf-8")
    quiet = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "XLA_FLAGS")}
    quiet |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_VERBOSITY": "error"}
    program = Path(__file__).with_name("theirs.py")
    subprocess.run([torch, program, kept / "questions.json", kept], check=True, env=quiet)
    return kept


def answer(case: Case, models: Path, task: Any) -> list[Any]:
    """Our results of a case, errors as theirs are written."""
    results: list[Any] = []
    for result in task.iterate(case.inputs, **case.options):
        results.append({"error": str(result)} if isinstance(result, Exception) else result)
    return results


def compare(asked: Sequence[Case], models: Path, kept: Path) -> Iterable[tuple[Case, Tally]]:
    """Answers every case ourselves and compares.

    Args:
        asked: The cases.
        models: The folder of models.
        kept: The folder with the other side's answers to them.

    Yields:
        Each case with what became of it.
    """
    import flax_albert

    answers = json.loads((kept / "answers.json").read_text(encoding="utf-8"))
    tasks: dict[tuple[str, str], Any] = {}
    with np.load(kept / "arrays.npz") as arrays:
        for case, given in zip(asked, answers, strict=True):
            key = case.task, case.model
            if key not in tasks:
                tasks[key] = flax_albert.pipeline(case.task, model=str(models / case.model), on_error="yield")
            tally = Tally()
            ours = answer(case, models, tasks[key])
            for one, own, (theirs, mended) in zip(case.inputs, ours, read(given, arrays), strict=True):
                tally.add(case.task, one, own, theirs, mended)
            yield case, tally


def row(tally: Tally) -> list[str]:
    """A tally's cells."""
    counts = (
        tally.inputs,
        tally.parts,
        tally.same,
        tally.spaces,
        tally.mended,
        tally.ties,
        tally.refused,
        tally.differing,
    )
    return [*(f"{count:,}" for count in counts), f"{tally.largest:.1e}"]


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of several."""
    whole = Tally()
    for tally in tallies:
        for name in ("inputs", "parts", "same", "spaces", "mended", "ties", "refused", "differing"):
            setattr(whole, name, getattr(whole, name) + getattr(tally, name))
        whole.largest = max(whole.largest, tally.largest)
    return whole


def markdown(results: Sequence[tuple[Case, Tally]]) -> str:
    """A table by task, then a table of its cases for each."""

    def table(head: str, rows: Iterable[tuple[str, Tally]]) -> list[str]:
        rule = ["---", *("---:" for _ in COLUMNS)]
        body = [[name, *row(tally)] for name, tally in rows]
        return [f"| {' | '.join(cells)} |" for cells in ([head, *COLUMNS], rule, *body)]

    by_task: dict[str, list[tuple[Case, Tally]]] = {}
    for case, tally in results:
        by_task.setdefault(case.task, []).append((case, tally))
    lines = table("task", [(task, total(tally for _, tally in rows)) for task, rows in by_task.items()])
    for task, rows in by_task.items():
        lines += ["", f"### {task}", "", *table("case", [(case.title, tally) for case, tally in rows])]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads the command line, compares and prints."""
    default = os.environ.get("FLAX_ALBERT_DATA", ROOT.parent / "shared" / "data")
    parser = argparse.ArgumentParser(prog="python -m tests.reference.tasks.compare", description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="folder of the models")
    parser.add_argument("--data", type=Path, default=default, help="the folder of shared data (default: %(default)s)")
    parser.add_argument("--torch", required=True, help="interpreter with transformers 4.57.6, torch and the rest")
    parser.add_argument("--tasks", nargs="+", default=(), choices=tuple(GROUPS), help="only these (default: all)")
    parser.add_argument("--case", default="", help="only cases with this in their title")
    parser.add_argument("--share", type=float, default=1.0, help="which share of the texts (default: all)")
    parser.add_argument("--answers", type=Path, help="folder where PyTorch's answers are kept")
    parser.add_argument("--markdown", type=Path, help="also write the tables there")
    parser.add_argument("--examples", type=Path, help="also write examples of what differs there, as JSON")
    options = parser.parse_args(arguments)

    warnings.simplefilter("ignore")
    asked = [case for case in cases(options.data, options.tasks, options.share) if options.case in case.title]
    if missing := {case.model for case in asked if not (options.models / case.model / "config.json").exists()}:
        sys.exit(
            f"{options.models} lacks {', '.join(sorted(missing))}: python -m tests.reference.tasks.models makes them"
        )
    results: list[tuple[Case, Tally]] = []
    with contextlib.ExitStack() as stack:
        folder = options.answers or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        print("PyTorch answers", flush=True)
        kept = ask(asked, options.models, options.torch, folder)
        print(json.loads((kept / "versions.json").read_text()), flush=True)
        began = time.monotonic()
        for case, tally in compare(asked, options.models, kept):
            results.append((case, tally))
            print(case.task, case.title, *(f"{n}={c}" for n, c in zip(COLUMNS, row(tally), strict=True)), flush=True)
        print(f"flax-albert took {time.monotonic() - began:.0f} s", flush=True)
    tables = markdown(results)
    print(tables)
    if options.markdown:
        options.markdown.write_text(tables, encoding="utf-8")
    if options.examples:
        found = [{**asdict(case), "inputs": None, **asdict(tally)} for case, tally in results if tally.examples]
        options.examples.write_text(json.dumps(found, indent=1, default=str), encoding="utf-8")
    whole = total(tally for _, tally in results)
    return 1 if whole.differing or whole.largest > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
