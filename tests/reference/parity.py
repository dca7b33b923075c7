"""``make parity``: our models beside the FlaxAlbert classes of transformers 4.37.2 and 4.57.6, all three run now.

Each oracle lives in an environment of its own, outside the repository, made on first use from the versions pinned
beside this file. Weights and inputs come from a seed, and are not those of the committed answers; sides exchange files.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from tests import tolerances
from tests.reference.cases import HEADS, Case, live
from tests.reference.evaluate import Evaluation, worst

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PARTS = ("output", "train", "gradient")
LIMITS = {
    ("output", "small"): tolerances.SMALL,
    ("train", "small"): tolerances.SMALL,
    ("gradient", "small"): tolerances.GRADIENT,
    ("output", "base"): tolerances.BASE,
    ("train", "base"): tolerances.BASE,
    ("gradient", "base"): tolerances.GRADIENT,
}


@dataclass(frozen=True)
class Oracle:
    """An environment with a transformers release that has the Flax classes.

    Attributes:
        release: Names the file of pinned versions and the environment's folder.
        pythons: The Python versions it can be built on, best first.
    """

    release: str
    pythons: tuple[str, ...]

    def python(self, folder: Path) -> Path:
        """The environment's interpreter; the environment is built if there is none."""
        environment = folder / self.release
        python = environment / "bin" / "python"
        ready = environment / ".ready"
        pins = HERE / f"oracle-{self.release}.txt"
        if ready.exists() and ready.read_text() == pins.read_text():
            return python
        print(f"Building {environment} (once)", flush=True)
        shutil.rmtree(environment, ignore_errors=True)
        subprocess.run([self._base_python(), "-m", "venv", environment], check=True)
        install = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "-r", pins]
        subprocess.run(install, check=True)
        ready.write_text(pins.read_text())
        return python

    def _base_python(self) -> str:
        """An interpreter of one of the right versions: this one, on the PATH, or under pyenv."""
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        for version in self.pythons:
            names = [sys.executable, f"python{version}", *map(str, sorted(pyenv.glob(f"{version}.*/bin/python")))]
            for name in names:
                if _version_of(name) == version:
                    return name
        sys.exit(
            f"The oracle transformers {self.release} needs one of Python {', '.join(self.pythons)}; none was found."
        )


def _version_of(python: str) -> str | None:
    """An interpreter's version as ``3.11``, or None where it does not run."""
    if shutil.which(python) is None:
        return None
    ask = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    finished = subprocess.run(ask, capture_output=True, text=True, check=False)
    return finished.stdout.strip() or None


ORACLES = (Oracle("4.37", ("3.11",)), Oracle("4.57", ("3.13", "3.12", "3.11")))


def ask(python: Path, cases: list[Case], folder: Path) -> None:
    """Has an oracle answer the cases, a file each in the folder."""
    folder.mkdir()
    listing = folder / "cases.json"
    listing.write_text(json.dumps([asdict(case) for case in cases]))
    quiet = {**os.environ, "TRANSFORMERS_VERBOSITY": "error", "JAX_PLATFORM_NAME": "cpu", "PYTHONWARNINGS": "ignore"}
    program = [python, "-m", "tests.reference.oracle", listing, folder]
    subprocess.run(program, check=True, cwd=ROOT, env=quiet)


def answer_ourselves(cases: list[Case], folder: Path) -> None:
    """The same from our own classes."""
    import jax

    import flax_albert

    folder.mkdir()
    for case in cases:
        np.savez(folder / f"{case.name}.npz", **Evaluation(flax_albert, case).answer())
    versions = {"flax_albert": flax_albert.__version__, "jax": jax.__version__}
    (folder / "versions.json").write_text(json.dumps(versions))


def title(folder: Path) -> str:
    """A side's name with the versions that it reported."""
    return ", ".join(
        f"{name} {version}" for name, version in json.loads((folder / "versions.json").read_text()).items()
    )


def compare(cases: list[Case], ours: Path, theirs: Path) -> Iterator[dict[str, Any]]:
    """The differences between two sides, a row a case and part."""
    for case in cases:
        with np.load(ours / f"{case.name}.npz") as a, np.load(theirs / f"{case.name}.npz") as b:
            a, b = dict(a), dict(b)
        for part in PARTS if case.trains else PARTS[:1]:
            limit = LIMITS[part, case.size]
            yield asdict(case) | {"part": part, "difference": worst(a, b, part), "limit": limit}


def show(heading: str, rows: list[dict[str, Any]], console: Console) -> None:
    """Prints the worst difference of each class."""
    columns = list(LIMITS)
    table = Table(title=heading, title_justify="left")
    table.add_column("FlaxAlbert...", no_wrap=True)
    for part, size in columns:
        table.add_column(f"{part}\n{size}\n<= {LIMITS[part, size]:.0e}", justify="right")
    for head in (*HEADS, "all"):
        cells = []
        for part, size in columns:
            kind = [r for r in rows if (r["part"], r["size"]) == (part, size) and head in (r["head"], "all")]
            difference = max((r["difference"] for r in kind), default=None)
            cells.append(
                "" if difference is None else f"{difference:.1e}" + ("!" if difference > kind[0]["limit"] else "")
            )
        table.add_row(head, *cells)
    console.print(table)


def main(arguments: Iterable[str] | None = None) -> int:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "flax-albert" / "oracles"
    parser = argparse.ArgumentParser(prog="python -m tests.reference.parity", description=__doc__)
    parser.add_argument("--oracles", type=Path, default=cache, help=f"folder of the environments (default: {cache})")
    parser.add_argument("--python-4.37", dest="python_437", type=Path, help="interpreter of a ready environment")
    parser.add_argument("--python-4.57", dest="python_457", type=Path, help="interpreter of a ready environment")
    parser.add_argument("--seed", type=int, default=7, help="of weights and inputs (default: 7)")
    parser.add_argument("--size", choices=("small", "base"), help="only the small or only the base-size models")
    parser.add_argument("--json", type=Path, help="also write every difference there")
    options = parser.parse_args(arguments)

    cases = [case for case in live(options.seed) if options.size in (None, case.size)]
    print(f"seed {options.seed}, {len(cases)} cases", flush=True)
    pythons = [
        given or oracle.python(options.oracles)
        for given, oracle in zip((options.python_437, options.python_457), ORACLES, strict=True)
    ]
    console = Console(width=100)
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        for python, oracle in zip(pythons, ORACLES, strict=True):
            print(f"transformers {oracle.release} answers", flush=True)
            ask(python, cases, work / oracle.release)
        print("flax-albert answers", flush=True)
        answer_ourselves(cases, work / "ours")
        old, new = (work / oracle.release for oracle in ORACLES)
        sides = {
            f"{title(a)}, against {title(b)}": (a, b)
            for a, b in ((work / "ours", old), (work / "ours", new), (new, old))
        }
        results = {heading: list(compare(cases, *pair)) for heading, pair in sides.items()}
    for heading, rows in results.items():
        show(heading, rows, console)
    if options.json:
        options.json.write_text(json.dumps({"seed": options.seed, "differences": results}, indent=1))
    *ours, _ = results.values()
    broken = [row for rows in ours for row in rows if not row["difference"] <= row["limit"]]
    for row in broken:
        print(f"over the limit: {row}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
