"""Asks the FlaxAlbert classes of transformers; runs in an environment that has one (the pins lie beside this file).

``python -m tests.reference.oracle --golden`` writes the committed answers (with transformers 4.37.2 only);
``python -m tests.reference.oracle CASES.json FOLDER`` answers the cases of a JSON list, a file each.
"""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np
import transformers

from tests.reference.cases import GOLDEN, GOLDEN_GRADIENTS, HEADS, Case
from tests.reference.evaluate import Evaluation, signature

FOLDER = Path(__file__).parent / "golden"


def surface() -> dict[str, Any]:
    """What the classes look like from outside."""
    classes = {f"FlaxAlbert{head}": getattr(transformers, f"FlaxAlbert{head}") for head in HEADS}
    calls = {name: {m: signature(getattr(c, m)) for m in ("__init__", "__call__")} for name, c in classes.items()}
    config = transformers.AlbertConfig()
    keys = list(inspect.signature(transformers.AlbertConfig).parameters)[:-1]
    return {"signatures": calls, "config": {key: getattr(config, key) for key in keys}}


def golden() -> None:
    """Writes the committed answers."""
    if transformers.__version__ != "4.37.2":
        sys.exit(f"The committed answers come from transformers 4.37.2; this is {transformers.__version__}.")
    FOLDER.mkdir(exist_ok=True)
    for case in GOLDEN:
        evaluation = Evaluation(transformers, case)
        answer = {name: x.astype(np.float32) for name, x in evaluation.output().items()}
        if case in GOLDEN_GRADIENTS:
            answer |= {name: x for name, x in evaluation.training().items() if name.startswith("gradient/")}
        np.savez_compressed(FOLDER / f"{case.name}.npz", **answer)
    (FOLDER / "surface.json").write_text(json.dumps(surface(), indent=1) + "\n")


def answer(cases: Path, folder: Path) -> None:
    """Answers a JSON list of cases, a file each."""
    for fields in json.loads(cases.read_text()):
        case = Case(**fields)
        np.savez(folder / f"{case.name}.npz", **Evaluation(transformers, case).answer())
    versions = {"transformers": transformers.__version__, "jax": jax.__version__}
    (folder / "versions.json").write_text(json.dumps(versions))


def main(arguments: list[str]) -> None:
    """Reads the command line that the top of this file describes."""
    if arguments == ["--golden"]:
        golden()
    else:
        answer(*map(Path, arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
