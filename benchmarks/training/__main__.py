"""One step of masked-LM training: how long it takes and how much memory, beside transformers in Flax and in PyTorch.

    python -m benchmarks.training --flax PYTHON --torch PYTHON [--rounds 7] [--steps 2] [--quick]

All sides run in one go, each in a process and an environment of its own, interleaved round by round: the training step
that flax_albert's loop compiles, the Flax class of transformers 4.57 in a loop written by hand with optax, and its
PyTorch class, eager and compiled. All start from the same random weights of base size and see the same rows, with
AdamW, clipping, and float32 parameters; bfloat16 is what is computed in. The first step, which compiles, and a second
one are told apart from the rounds. A step's peak memory is the largest resident set since then. Losses are compared
with those of PyTorch in float32, step by step; they drift apart as the parameters do.

The share of the ceiling counts the operations that are needed, with words predicted at the masked positions only. That
is what flax_albert does; the classes of transformers predict them everywhere, and so does the side ``ours-everywhere``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

from benchmarks.tasks.__main__ import processor
from benchmarks.tasks.sides import Process, Side, SideError
from benchmarks.training.material import Material, prepare
from benchmarks.training.report import markdown

WORKER = Path(__file__).with_name("worker.py")
DTYPES = ("float32", "bfloat16")
NAMES = {
    "ours": "flax-albert",
    "flax": "transformers Flax class, optax",
    "torch-eager": "transformers PyTorch, eager",
    "ours-everywhere": "flax-albert, every position",
    "torch-compiled": "transformers PyTorch, compiled",
}


def sides(pythons: dict[str, str | None]) -> list[Side]:
    """Every side whose environment there is, in the order of a round.

    Args:
        pythons: Interpreters of ``ours``, ``flax`` and ``torch``.

    Returns:
        The sides.
    """
    found = [(kind, dtype, pythons[kind.split("-")[0]]) for dtype in DTYPES for kind in NAMES]
    return [Side(NAMES[kind], kind, dtype, "training", python) for kind, dtype, python in found if python]


class Run:
    """A run, and what it has measured so far.

    Args:
        material: What the sides are given.
        log: Where goes what the sides print.
        limit: Seconds that a side may take for one command.
        output: File that gets what was measured after every round, or None.
        measured: What is known of the run beforehand.
    """

    def __init__(
        self, material: Material, log: IO[str], limit: float, output: Path | None, measured: dict[str, Any]
    ) -> None:
        self.measured = {**measured, "tokens": material.tokens, "flops": material.flops, "rounds": 0, "sides": {}}
        self._material, self._log, self._limit, self._output = material, log, limit, output
        self._processes: dict[str, Process] = {}

    def start(self, side: Side) -> None:
        """Starts a side and has it take two steps, the first of which compiles."""
        record = self.measured["sides"][side.key] = {
            **{name: getattr(side, name) for name in ("name", "kind", "dtype")},
            "seconds": [],
            "losses": [],
        }
        process = self._processes[side.key] = Process(side, self._material.folder, self._log, WORKER)
        try:
            loaded = process.ask("load", self._limit)
            record |= {"versions": loaded["versions"], "loaded_memory": loaded["memory"]}
            first = process.ask("steps 2", self._limit)
            record["first_step"] = first["seconds"][0]
            record["losses"] += first["losses"]
            record["memory_with_compiling"] = process.ask("memory", 60)["memory"]
            print(f"{side.key}: first step {record['first_step']:.1f} s", flush=True)
        except SideError as error:
            self._lose(side.key, error)
        self.save()

    def round(self) -> None:
        """Every side that still runs takes some steps."""
        for key in list(self._processes):
            record = self.measured["sides"][key]
            try:
                answer = self._processes[key].ask(f"steps {self.measured['steps']}", self._limit)
                record["seconds"].append(answer["seconds"])
                record["losses"] += answer["losses"]
                print(f"  {key}: {min(answer['seconds']):.2f} s a step", flush=True)
            except SideError as error:
                self._lose(key, error)
        self.measured["rounds"] += 1
        self.save()

    def finish(self) -> None:
        """Asks for peak memory and ends the sides."""
        for key, process in self._processes.items():
            try:
                self.measured["sides"][key]["memory"] = process.ask("memory", 60)["memory"]
            except SideError as error:
                print(f"{key}: {error}", flush=True)
            process.close()
        self._processes = {}
        self.save()

    def save(self) -> None:
        """Writes what there is, so that an interruption loses nothing."""
        if self._output:
            temporary = self._output.with_suffix(".tmp")
            temporary.write_text(json.dumps(self.measured, indent=1), encoding="utf-8")
            temporary.replace(self._output)

    def _lose(self, key: str, error: SideError) -> None:
        self.measured["sides"][key]["error"] = str(error)
        self._processes.pop(key).close()
        print(f"{key} is out: {error}", flush=True)


def ceiling(python: str, log: IO[str], found: dict[str, list[float]]) -> None:
    """Adds the operations a second of the machine's matrix products, by dtype, as far as they run."""
    for dtype in DTYPES:
        process = Process(Side("", "ceiling", dtype, "", python), Path(), log, WORKER)
        try:
            process.ask("load", 120)
            found[dtype] += process.ask("steps 1", 120)["losses"]
        except SideError as error:
            print(f"the ceiling in {dtype}: {error}", flush=True)
        finally:
            process.close()


def main() -> int:
    """Reads the command line, runs and prints."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ours", default=sys.executable, help="interpreter with flax_albert (default: this one)")
    parser.add_argument("--flax", help="interpreter with transformers 4.57, jax and flax")
    parser.add_argument("--torch", help="interpreter with transformers 4.57 and torch")
    parser.add_argument("--size", default="albert-base-v2", help="a released size (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=8, help="rows (default: %(default)s)")
    parser.add_argument("--length", type=int, default=128, help="tokens of a row (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="rounds after the first steps (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=2, help="steps of a side in a round (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=1e-4, help="learning rate (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the weights and the rows")
    parser.add_argument(
        "--only", nargs="+", default=(), metavar="WORD", help="only sides with one of these in their key"
    )
    parser.add_argument("--limit", type=float, default=900, help="seconds for one command (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="file for what was measured, written after every round")
    parser.add_argument("--markdown", type=Path, help="file for the table")
    parser.add_argument("--log", type=Path, default=Path(os.devnull), help="file for what the sides print")
    parser.add_argument("--quick", action="store_true", help="2 rows of 32 tokens, 2 rounds: does everything run?")
    options = parser.parse_args()
    batch, length, rounds = (2, 32, 2) if options.quick else (options.batch, options.length, options.rounds)
    chosen = sides({"ours": options.ours, "flax": options.flax, "torch": options.torch})
    chosen = [side for side in chosen if not options.only or any(word in side.key for word in options.only)]

    began = time.monotonic()
    known = {"machine": f"{processor()}, {os.cpu_count()} threads", "size": options.size, "batch": batch}
    known |= {"length": length, "steps": options.steps, "ceiling": {dtype: [] for dtype in DTYPES}}
    with tempfile.TemporaryDirectory() as temporary, options.log.open("w", encoding="utf-8") as log:
        material = prepare(Path(temporary), options.size, batch, length, options.rate, options.seed)
        run = Run(material, log, options.limit, options.json, known)
        try:
            if options.torch:
                ceiling(options.torch, log, run.measured["ceiling"])
            for side in chosen:
                run.start(side)
            for number in range(rounds):
                print(f"round {number + 1} of {rounds}, after {time.monotonic() - began:.0f} s", flush=True)
                run.round()
        finally:
            run.finish()
        if options.torch:
            ceiling(options.torch, log, run.measured["ceiling"])
    run.save()
    table = markdown(run.measured)
    print(table)
    if options.markdown:
        options.markdown.write_text(table, encoding="utf-8")
    return 1 if any("error" in record for record in run.measured["sides"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
