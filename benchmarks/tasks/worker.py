"""``worker.py KIND DTYPE FOLDER``: one side, in a process and an environment of its own.

It reads one command a line on standard input and answers each with one line of JSON on what was standard output:
``load``, ``first`` (one text), ``pass`` (all texts), ``results FILE`` (saves them), ``memory``. Whatever libraries
print goes to standard error. Nothing of flax-albert's is imported but by the sides that are its own.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

BATCH = 32

Results = Any
"""An array with a row a text."""
Run = Callable[[list[str]], Results]


def ours(task: str, folder: Path, dtype: str) -> Run:
    """flax_albert.pipeline as a user calls it."""
    import flax_albert

    if task == "text-classification":
        pipe = flax_albert.pipeline(task, model=str(folder / "classifier"), dtype=dtype)
        return lambda texts: _scores(pipe(texts, top_k=None, function_to_apply="none"))
    pipe = flax_albert.pipeline(task, model=str(folder / "embedder"), dtype=dtype)
    return lambda texts: np.stack(pipe(texts))


def flax(folder: Path, dtype: str) -> Run:
    """The Flax class of transformers, jitted, on batches of 32 padded to their longest."""
    import jax
    from transformers import AutoTokenizer, FlaxAlbertForSequenceClassification

    path = folder / "classifier-flax"
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = FlaxAlbertForSequenceClassification.from_pretrained(path, dtype=getattr(jax.numpy, dtype))
    params = model.to_bf16(model.params) if dtype == "bfloat16" else model.params
    call = jax.jit(lambda params, inputs: model(**inputs, params=params).logits)

    def run(texts: list[str]) -> Results:
        started = []
        for place in range(0, len(texts), BATCH):
            batch = tokenizer(texts[place : place + BATCH], padding=True, return_tensors="np")
            started.append(call(params, dict(batch)))
        return np.concatenate([np.asarray(logits, np.float32) for logits in started])

    return run


def torch(folder: Path, dtype: str) -> Run:
    """The PyTorch pipeline of transformers with batch_size=32."""
    import torch
    from transformers import pipeline

    torch.set_num_threads(os.cpu_count() or 1)
    path = str(folder / "classifier")
    pipe = pipeline("text-classification", model=path, dtype=getattr(torch, dtype), device="cpu", batch_size=BATCH)
    return lambda texts: _scores(pipe(texts, top_k=None, function_to_apply="none"))


def sentence_transformers(folder: Path, dtype: str) -> Run:
    """SentenceTransformer.encode with batch_size=32."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(os.cpu_count() or 1)
    model = SentenceTransformer(str(folder / "embedder"), device="cpu", model_kwargs={"dtype": getattr(torch, dtype)})
    return lambda texts: np.asarray(model.encode(texts, batch_size=BATCH, show_progress_bar=False), np.float32)


def ceiling(folder: Path, dtype: str) -> Run:
    """No side at all: a large matrix product, through oneDNN; a pass gives operations a second."""
    import torch

    torch.set_num_threads(os.cpu_count() or 1)
    a, b = (torch.randn(shape, dtype=getattr(torch, dtype)) for shape in ((2048, 2048), (2048, 2048)))

    def run(texts: list[str]) -> Results:
        best = 0.0
        until = time.perf_counter() + 2.0
        while time.perf_counter() < until:
            began = time.perf_counter()
            torch.mm(a, b)
            best = max(best, 2 * 2048**3 / (time.perf_counter() - began))
        return np.asarray([[best]])

    return run


def _scores(results: list[list[dict[str, Any]]]) -> Results:
    """Every label's score, in the labels' order."""
    return np.asarray([[one["score"] for one in sorted(r, key=lambda one: one["label"])] for r in results], np.float32)


SIDES: dict[str, Callable[[Path, str], Run]] = {
    "ours-classification": lambda folder, dtype: ours("text-classification", folder, dtype),
    "ours-embedding": lambda folder, dtype: ours("sentence-embedding", folder, dtype),
    "flax": flax,
    "torch": torch,
    "sentence-transformers": sentence_transformers,
    "ceiling": ceiling,
}


class Compiles:
    """Counts what XLA compiles, where jax is, and the seconds that takes."""

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0
        try:
            import jax
        except ModuleNotFoundError:
            return
        jax.monitoring.register_event_duration_secs_listener(self._heard)

    def _heard(self, event: str, seconds: float, **_: Any) -> None:
        if event == "/jax/core/compile/backend_compile_duration":
            self.count, self.seconds = self.count + 1, self.seconds + seconds


def versions() -> dict[str, str]:
    """Of what matters here and is installed."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": sys.version.split()[0]}
    for name in ("jax", "jaxlib", "flax", "torch", "transformers", "sentence-transformers", "tokenizers"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def peak() -> float:
    """The most memory that this process has held, in MiB. `getrusage` would tell that of its parent, if larger."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def main(kind: str, dtype: str, folder: Path) -> None:
    """Obeys until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever is printed is none of the answers
    warnings.simplefilter("ignore")
    texts = [] if kind == "ceiling" else json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    run: Run | None = None
    results: Results = None
    compiles: Compiles | None = None
    for line in sys.stdin:
        command, *rest = line.split()
        answer: dict[str, Any] = {}
        began = time.perf_counter()
        try:
            if command == "load":
                compiles = Compiles() if kind in ("ours-classification", "ours-embedding", "flax") else None
                run = SIDES[kind](folder, dtype)
                answer = {"versions": versions()}
            elif command == "memory":
                answer = {"mebibytes": peak()}
            elif run is None:
                raise RuntimeError(f"{command} before load")
            elif command == "first":
                run(texts[:1])
            elif command == "pass":
                results = run(texts)
                answer = {"value": float(results[0, 0])} if kind == "ceiling" else {}
            elif command == "results":
                np.save(rest[0], results)
            answer["seconds"] = time.perf_counter() - began
            if compiles:
                answer["compiles"], answer["compile_seconds"] = compiles.count, compiles.seconds
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:500]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
