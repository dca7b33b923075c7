"""Fine-tunes every task from a pretrained model and from random weights of the same architecture, and compares.

    python -m benchmarks.downstream --model albert-mini-en --data DATA/tasks --output OUT [--only CoLA MCTest]

A run that is done is not done again, and one that was interrupted goes on. ``OUT/table.md`` is the table and
``OUT/results.json`` the figures, with every command. The budget of each task stands in ``tasks.py``.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.downstream.tasks import RUNS, Run

_STARTS = ("pretrained", "random")


def done(run: Run, start: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Fine-tunes, unless it was done, and returns what was measured."""
    output = options.output / start / f"{run.name.replace(' ', '-').replace(',', '')}-{seed}"
    result = output.with_suffix(".json")
    if result.is_file():
        return json.loads(result.read_text())
    model = options.model
    if run.after is not None:
        model = options.output / start / f"{run.after}-{seed}"
    arguments = run.command(model, options.data, output, from_scratch=start == "random" and run.after is None)
    arguments += ["--seed", str(seed)]
    more = ["--resume"] if (output / "training" / "run.json").is_file() else []
    print(f"flax-albert {shlex.join(arguments)}", flush=True)
    command = [sys.executable, "-m", "flax_albert.cli", *arguments, *more, "--json", "--no-tensorboard", "--keep", "1"]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    measured = json.loads(told)
    record = {"task": run.name, "start": start, "seed": seed, "command": arguments, "measured": measured}
    result.write_text(json.dumps(record, indent=1) + "\n")
    return record


def figure(run: Run, record: dict[str, Any]) -> tuple[float, float | None]:
    """The figure of a run, and that of a guess that looks at nothing, where there is one."""
    (evaluation,) = record["measured"]["evaluations"].values()
    return evaluation["metrics"][run.metric], evaluation.get("baselines", {}).get(run.metric)


def table(records: dict[tuple[str, str], list[dict[str, Any]]]) -> str:
    """The comparison, in Markdown."""
    lines = ["| task | metric | pretrained | random weights | a guess |", "|---|---|---:|---:|---:|"]
    for run in RUNS:
        if not run.shown or any((run.name, start) not in records for start in _STARTS):
            continue
        figures = [[figure(run, record) for record in records[run.name, start]] for start in _STARTS]
        scores = [" ".join(f"{100 * mean(value for value, _ in values):.1f}".split()) for values in figures]
        guess = figures[0][0][1]
        lines.append(f"| {run.name} | {run.metric} | {scores[0]} | {scores[1]} | {_share(guess)} |")
    return "\n".join(lines) + "\n"


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}"


def main() -> None:
    """Runs everything that is not done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="albert-mini-en", help="the pretrained model")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the data sets")
    parser.add_argument("--output", type=Path, required=True, help="folder for everything that is made")
    parser.add_argument("--only", nargs="*", default=[run.name for run in RUNS], help="names of tasks")
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    records: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for run in RUNS:
        if run.name not in options.only:
            continue
        for start in _STARTS:
            (options.output / start).mkdir(parents=True, exist_ok=True)
            records[run.name, start] = [done(run, start, seed, options) for seed in range(options.seeds)]
        text = table(records)
        (options.output / "table.md").write_text(text)
        (options.output / "results.json").write_text(json.dumps([r for rs in records.values() for r in rs], indent=1))
        print(text, flush=True)


if __name__ == "__main__":
    main()
