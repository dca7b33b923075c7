"""Texts in, answers out: how many tokens a second, beside transformers and sentence-transformers.

    python -m benchmarks.tasks --flax PYTHON --torch PYTHON [--minutes 24] [--rounds 5] [--quick]

All sides run in one go, each in a process and an environment of its own, interleaved round by round: ours, the jitted
Flax class of transformers 4.57 on batches of 32 padded to their longest, the PyTorch pipeline with batch_size=32, and
for embeddings sentence-transformers with batch_size=32. The texts are those of SST-2 dev, banking77 test and the
contexts of QAMR, shuffled; the model is of base size with random weights. A token is one that is no padding. The first
text and the first pass, which compile, are told apart from the rounds, in which every shape has been seen. The largest
difference is from the PyTorch side in float32.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

import numpy as np

from benchmarks.tasks.material import Material, operations, prepare
from benchmarks.tasks.report import markdown
from benchmarks.tasks.sides import Process, Side, SideError, sides
from flax_albert import AlbertConfig

ROOT = Path(__file__).parents[2]
DTYPES = ("float32", "bfloat16")
# What is used of the machine's ceiling, roughly: only to guess how many texts a run has time for.
SHARES = {
    ("ours-classification", "float32"): 0.6,
    ("ours-embedding", "float32"): 0.6,
    ("flax", "float32"): 0.4,
    ("torch", "float32"): 0.16,
    ("sentence-transformers", "float32"): 0.2,
    ("ours-classification", "bfloat16"): 0.2,
    ("ours-embedding", "bfloat16"): 0.2,
    ("flax", "bfloat16"): 0.15,
    ("torch", "bfloat16"): 0.07,
    ("sentence-transformers", "bfloat16"): 0.08,
}
# Seconds of a run that do not depend on the number of texts: starting, and compiling for every length.
FIXED = 420


class Run:
    """A run, and what it has measured so far.

    Args:
        material: What the sides are given.
        log: Where goes what the sides print.
        limit: Seconds that a side may take for one command.
        output: File that gets what was measured after every round, or None.
    """

    def __init__(self, material: Material, log: IO[str], limit: float, output: Path | None) -> None:
        self.material, self.limit, self.output = material, limit, output
        self._log = log
        self._processes: dict[str, Process] = {}
        self.measured: dict[str, Any] = {
            "machine": f"{processor()}, {os.cpu_count()} threads",
            "texts": len(material.texts),
            "tokens": material.tokens,
            "operations": material.operations,
            "rounds": 0,
            "ceiling": {dtype: [] for dtype in DTYPES},
            "sides": {},
        }

    def start(self, side: Side) -> None:
        """Starts a side, has it load, answer one text and make its first pass."""
        record = self.measured["sides"][side.key] = {
            **{name: getattr(side, name) for name in ("name", "kind", "dtype", "group")},
            "passes": [],
        }
        process = Process(side, self.material.folder, self._log)
        self._processes[side.key] = process
        try:
            loaded = process.ask("load", self.limit)
            record |= {"versions": loaded["versions"], "load": loaded["seconds"]}
            record["first_text"] = process.ask("first", self.limit)["seconds"]
            first = process.ask("pass", self.limit)
            record["first_pass"] = first["seconds"]
            if "compiles" in first:
                record["loaded_compiles"] = loaded["compiles"]
                for name in ("compiles", "compile_seconds"):
                    record[name] = first[name] - loaded[name]
            process.ask(f"results {self._results(side.key)}", self.limit)
            print(f"{side.key}: {record['first_text']:.1f} s, then {record['first_pass']:.1f} s", flush=True)
        except SideError as error:
            self._lose(side.key, error)
        self.save()

    def round(self) -> None:
        """Every side that still runs makes a pass."""
        for key in list(self._processes):
            record = self.measured["sides"][key]
            try:
                answer = self._processes[key].ask("pass", self.limit)
                record["passes"].append(answer["seconds"])
                if "compiles" in answer:
                    record["compiles_later"] = answer["compiles"] - record["loaded_compiles"] - record["compiles"]
                print(f"  {key}: {answer['seconds']:.1f} s", flush=True)
            except SideError as error:
                self._lose(key, error)
        self.measured["rounds"] += 1
        self.save()

    def finish(self) -> None:
        """Asks for peak memory, ends the sides, compares their results."""
        for key, process in self._processes.items():
            try:
                self.measured["sides"][key]["mebibytes"] = process.ask("memory", 60)["mebibytes"]
            except SideError as error:
                print(f"{key}: {error}", flush=True)
            process.close()
        self._processes = {}
        references = {"classification": "torch float32", "embedding": "sentence-transformers float32"}
        for key, record in self.measured["sides"].items():
            reference = self._results(references[record["group"]])
            if reference.exists() and self._results(key).exists():
                a, b = np.load(self._results(key)), np.load(reference)
                record["difference"] = float(np.abs(a - b).max()) if a.shape == b.shape else None
                record["largest_value"] = float(np.abs(b).max())
        self.save()

    def save(self) -> None:
        """Writes what there is, so that an interruption loses nothing."""
        if self.output:
            temporary = self.output.with_suffix(".tmp")
            temporary.write_text(json.dumps(self.measured, indent=1), encoding="utf-8")
            temporary.replace(self.output)

    def _results(self, key: str) -> Path:
        return self.material.folder / f"{key.replace(' ', '-')}.npy"

    def _lose(self, key: str, error: SideError) -> None:
        self.measured["sides"][key]["error"] = str(error)
        self._processes.pop(key).close()
        print(f"{key} is out: {error}", flush=True)


def ceiling(python: str, log: IO[str]) -> dict[str, float]:
    """Operations a second of the machine's matrix products, by dtype, as far as they run."""
    found = {}
    for dtype in DTYPES:
        process = Process(Side("", "ceiling", dtype, "", python), Path(), log)
        try:
            process.ask("load", 120)
            found[dtype] = process.ask("pass", 120)["value"]
        except SideError as error:
            print(f"the ceiling in {dtype}: {error}", flush=True)
        finally:
            process.close()
    return found


def affordable(found: dict[str, float], chosen: list[Side], rounds: int, minutes: float, size: str) -> int:
    """How many texts a run has time for, roughly.

    Args:
        found: The machine's ceiling.
        chosen: The sides.
        rounds: Passes after the first.
        minutes: How long the run may take.
        size: The model's size.

    Returns:
        A number of texts, 100 at least.
    """
    text = operations(AlbertConfig.released(size), 22)  # 22 tokens is a middling text here
    each = sum(text / (SHARES[side.kind, side.dtype] * found.get(side.dtype, 1e11)) for side in chosen)
    return max(100, int((minutes * 60 - FIXED) / (each * (rounds + 1))))


def processor() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> int:
    """Reads the command line, runs and prints."""
    default = os.environ.get("FLAX_ALBERT_DATA", ROOT.parent / "shared" / "data")
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tasks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ours", default=sys.executable, help="interpreter with flax_albert (default: this one)")
    parser.add_argument("--flax", help="interpreter with transformers 4.57, jax and flax")
    parser.add_argument("--torch", help="interpreter with transformers 4.57, torch and sentence-transformers")
    parser.add_argument("--data", type=Path, default=default, help="the folder of shared data (default: %(default)s)")
    parser.add_argument("--texts", type=int, help="how many texts, 0 for all (default: as many as there is time for)")
    parser.add_argument(
        "--minutes", type=float, default=24, help="how long it may take, roughly (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds after the first pass (default: %(default)s)")
    parser.add_argument("--size", default="albert-base-v2", help="a released size (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the texts' order and the weights")
    parser.add_argument(
        "--only", nargs="+", default=(), metavar="WORD", help="only sides with one of these in their key"
    )
    parser.add_argument(
        "--limit", type=float, default=1200, help="seconds for one pass of a side (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, help="file for what was measured, written after every round")
    parser.add_argument("--markdown", type=Path, help="file for the tables")
    parser.add_argument("--log", type=Path, default=Path(os.devnull), help="file for what the sides print")
    parser.add_argument("--quick", action="store_true", help="64 texts, 2 rounds: does everything run?")
    options = parser.parse_args()
    texts, rounds = (64, 2) if options.quick else (options.texts, options.rounds)
    if not options.data.is_dir():
        sys.exit(f"{options.data} is no folder; --data names the folder of shared data")
    chosen = sides(options.ours, options.flax, options.torch)
    chosen = [side for side in chosen if not options.only or any(word in side.key for word in options.only)]

    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary, options.log.open("w", encoding="utf-8") as log:
        before = ceiling(options.torch, log) if options.torch else {}
        if texts is None:
            texts = affordable(before, chosen, rounds, options.minutes, options.size)
        material = prepare(Path(temporary), options.data, texts, options.seed, options.size)
        print(f"{len(material.texts):,} texts, {material.tokens:,} tokens", flush=True)
        run = Run(material, log, options.limit, options.json)
        try:
            for side in chosen:
                run.start(side)
            for number in range(rounds):
                print(f"round {number + 1} of {rounds}, after {time.monotonic() - began:.0f} s", flush=True)
                run.round()
        finally:
            run.finish()
        after = ceiling(options.torch, log) if options.torch else {}
    for found in (before, after):
        for dtype, value in found.items():
            run.measured["ceiling"][dtype].append(value)
    run.save()
    tables = markdown(run.measured)
    print(tables)
    if options.markdown:
        options.markdown.write_text(tables, encoding="utf-8")
    return 1 if any("error" in record for record in run.measured["sides"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
