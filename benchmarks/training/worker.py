"""``worker.py KIND DTYPE FOLDER``: one side, in a process and an environment of its own.

It reads one command a line on standard input and answers each with one line of JSON on what was standard output:
``load``, ``steps N`` (times and losses of that many steps), ``memory``. Whatever libraries print goes to standard
error. Every side does the same: the gradient of the masked-LM loss, clipped by its global norm, to AdamW with bias
correction and weight decay of kernels and embeddings, parameters and moments in float32, whatever it computes in.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Step = Callable[[int], float]
"""Takes a step on a batch, waits for it, and returns its loss."""
Batches = Mapping[str, np.ndarray]


def ours(folder: Path, dtype: str, batches: Batches, settings: Mapping[str, float], everywhere: bool) -> Step:
    """The training step of flax_albert, as its loop compiles it; words are predicted where they are masked."""
    import jax

    import flax_albert
    from flax_albert import parallel
    from flax_albert.model.leaves import leaves_of
    from flax_albert.training.finetuning.mlm import MaskedWords
    from flax_albert.training.optimizers import optimizer
    from flax_albert.training.settings import OptimizerSettings
    from flax_albert.training.state import first_state
    from flax_albert.training.step import train_step

    model = flax_albert.FlaxAlbertForMaskedLM.from_pretrained(folder / "model", dtype=dtype)
    leaves = leaves_of(model.module, model.config, (1, 1))
    chosen = OptimizerSettings(
        "optax.adamw",
        learning_rate=settings["rate"],
        schedule="constant",
        weight_decay=settings["decay"],
        clip=settings["clip"],
    )
    transformation = optimizer(chosen, 10**6, leaves)
    mesh = parallel.device_mesh()
    rows = parallel.row_sharding(mesh)
    first = lambda params: first_state(params, transformation)  # noqa: E731
    places = parallel.shardings(jax.eval_shape(first, model.params), leaves, mesh, "replicated")
    state = jax.jit(first, out_shardings=places)(model.params)
    update = train_step(MaskedWords(model.module), transformation, rows=rows)
    compiled = jax.jit(update, donate_argnums=0, out_shardings=(places, None))
    del model

    def batch(number: int) -> dict[str, np.ndarray]:
        ids = batches["ids"][number]
        common = {"input_ids": ids, "attention_mask": np.ones_like(ids), "valid": np.ones(len(ids), bool)}
        if everywhere:
            labels = batches["everywhere"][number]
            return {**common, "masked_ids": np.maximum(labels, 0), "masked": labels >= 0}
        labels = batches["labels"][number]
        told = {"masked_ids": labels, "masked": np.ones(labels.shape, bool)}
        return {**common, **told, "masked_positions": batches["positions"][number]}

    def step(number: int) -> float:
        nonlocal state
        state, report = compiled(state, jax.device_put(batch(number), rows))
        jax.block_until_ready(state)
        return float(report.loss)

    return step


def flax(folder: Path, dtype: str, batches: Batches, settings: Mapping[str, float]) -> Step:
    """The Flax class of transformers in a loop written by hand with optax."""
    import functools

    import jax
    import jax.numpy as jnp
    import optax
    from transformers import FlaxAlbertForMaskedLM

    model = FlaxAlbertForMaskedLM.from_pretrained(folder / "model-flax", dtype=getattr(jnp, dtype))
    decays = jax.tree_util.tree_map_with_path(lambda path, _: path[-1].key in ("kernel", "embedding"), model.params)
    transformation = optax.chain(
        optax.clip_by_global_norm(settings["clip"]),
        optax.adamw(settings["rate"], weight_decay=settings["decay"], mask=decays),
    )
    params = jax.tree.map(jnp.array, model.params)
    moments = transformation.init(params)

    def loss(params: Any, ids: jax.Array, labels: jax.Array) -> jax.Array:
        logits = model(ids, attention_mask=jnp.ones_like(ids), params=params).logits.astype(jnp.float32)
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, jnp.maximum(labels, 0))
        return jnp.where(labels >= 0, losses, 0).sum() / (labels >= 0).sum()

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def update(params: Any, moments: Any, ids: jax.Array, labels: jax.Array) -> tuple[Any, Any, jax.Array]:
        value, gradient = jax.value_and_grad(loss)(params, ids, labels)
        updates, moments = transformation.update(gradient, moments, params)
        return optax.apply_updates(params, updates), moments, value

    def step(number: int) -> float:
        nonlocal params, moments
        params, moments, value = update(params, moments, batches["ids"][number], batches["everywhere"][number])
        jax.block_until_ready(params)
        return float(value)

    return step


def torch(folder: Path, dtype: str, batches: Batches, settings: Mapping[str, float], compiled: bool) -> Step:
    """The PyTorch class of transformers, eager or compiled; bfloat16 by autocast."""
    import torch
    from transformers import AlbertForMaskedLM

    torch.set_num_threads(os.cpu_count() or 1)
    model = AlbertForMaskedLM.from_pretrained(folder / "model").train()
    groups = [
        {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": settings["decay"]},
        {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=settings["rate"], eps=1e-8, fused=True)
    call = torch.compile(model) if compiled else model
    half = torch.autocast("cpu", torch.bfloat16) if dtype == "bfloat16" else contextlib.nullcontext()

    def step(number: int) -> float:
        ids, labels = (torch.from_numpy(batches[name][number]).long() for name in ("ids", "everywhere"))
        with half:
            loss = call(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings["clip"])
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return float(loss)

    return step


def ceiling(folder: Path, dtype: str, batches: Batches, settings: Mapping[str, float]) -> Step:
    """No side at all: a large matrix product, through oneDNN; its "loss" is operations a second."""
    import torch

    torch.set_num_threads(os.cpu_count() or 1)
    one = torch.randn((2048, 2048), dtype=getattr(torch, dtype))

    def step(number: int) -> float:
        best, until = 0.0, time.perf_counter() + 2.0
        while time.perf_counter() < until:
            began = time.perf_counter()
            torch.mm(one, one)
            best = max(best, 2 * 2048**3 / (time.perf_counter() - began))
        return best

    return step


SIDES: dict[str, Callable[[Path, str, Batches, Mapping[str, float]], Step]] = {
    "ours": lambda *given: ours(*given, everywhere=False),
    "ours-everywhere": lambda *given: ours(*given, everywhere=True),
    "flax": flax,
    "torch-eager": lambda *given: torch(*given, compiled=False),
    "torch-compiled": lambda *given: torch(*given, compiled=True),
    "ceiling": ceiling,
}


def versions() -> dict[str, str]:
    """Of what matters here and is installed."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": sys.version.split()[0]}
    for name in ("jax", "jaxlib", "flax", "optax", "torch", "transformers"):
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def resident() -> dict[str, float]:
    """Memory that this process holds, and the most that it has held since it was last asked to forget, in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    sizes = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmHWM", "VmRSS"))}
    return {"now": int(sizes["VmRSS"]) / 1024, "most": int(sizes["VmHWM"]) / 1024}


def forget_the_most() -> None:
    """Has the most begin anew at what is held now; see ``man 5 proc``, ``clear_refs``."""
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def main(kind: str, dtype: str, folder: Path) -> None:
    """Obeys until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever is printed is none of the answers
    warnings.simplefilter("ignore")
    step: Step | None = None
    batches: Batches = {}
    taken = 0
    for line in sys.stdin:
        command, *rest = line.split()
        answer: dict[str, Any] = {}
        try:
            if command == "load":
                settings: dict[str, float] = {}
                if kind != "ceiling":
                    batches = dict(np.load(folder / "batches.npz"))
                    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
                step = SIDES[kind](folder, dtype, batches, settings)
                answer = {"versions": versions(), "memory": resident()["now"]}
            elif command == "memory":
                answer = {"memory": resident()["most"]}
                forget_the_most()
            elif step is None:
                raise RuntimeError(f"{command} before load")
            elif command == "steps":
                seconds, losses = [], []
                for _ in range(int(rest[0])):
                    began = time.perf_counter()
                    losses.append(step(taken % len(batches.get("ids", [0]))))
                    seconds.append(time.perf_counter() - began)
                    taken += 1
                answer = {"seconds": seconds, "losses": losses}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:500]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
