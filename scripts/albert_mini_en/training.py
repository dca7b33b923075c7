"""The training loop: Muon on masked positions, a learning rate that follows the clock, logs and checkpoints."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import serialization
from rich.console import Console

from scripts.albert_mini_en.batches import Batch, in_background

Parameters = Any
Predict = Callable[[Parameters, Batch], jax.Array]
"""Parameters and a batch to the logits of its masked positions, ``[batch, slots, vocabulary]``."""


@dataclass(frozen=True)
class Phase:
    """A stretch of training at one sequence length.

    Attributes:
        length: Length of the sequences.
        sequences: Sequences in a batch.
        until: Share of the time at which it ends.
        masked: Share of the pieces to predict. A short run sees so few of them that twice the usual 15% pays at first;
            the end returns to what is usual, and nearer to use.
    """

    length: int
    sequences: int
    until: float
    masked: float


@dataclass(frozen=True)
class Settings:
    """Everything that shapes a run.

    Attributes:
        minutes: Wall time of the whole run, pauses before a resumption not counted.
        peak: Largest learning rate.
        warmup: Share of the time in which the learning rate rises.
        decay: Weight decay, of kernels only.
        phases: Sequence lengths in order; most of the time goes to short sequences, which are cheaper, as in BERT.
        pause: Seconds between two checkpoints, and between two measurements on held-out text.
        seed: Seed of the initial parameters and the batches.
    """

    minutes: float
    peak: float = 2e-3
    warmup: float = 0.03
    decay: float = 0.01
    phases: tuple[Phase, ...] = (
        Phase(64, 32, 0.3, 0.3),
        Phase(128, 16, 0.7, 0.25),
        Phase(128, 16, 0.92, 0.15),
        Phase(512, 4, 1.0, 0.15),
    )
    pause: float = 180.0
    seed: int = 0

    def rate(self, progress: float) -> float:
        """Returns the learning rate at a share of the time: a linear rise, then a linear fall to zero."""
        return self.peak * min(progress / self.warmup, max(0.0, 1 - progress) / (1 - self.warmup))

    def phase(self, progress: float) -> Phase:
        """Returns the phase that a share of the time falls into."""
        return next((phase for phase in self.phases if progress < phase.until), self.phases[-1])


class State(NamedTuple):
    """What a checkpoint holds; ``seconds`` is the time spent so far."""

    parameters: Parameters
    moments: Any
    step: int
    pieces: int
    seconds: float


def optimizer(settings: Settings) -> optax.GradientTransformation:
    """Returns Muon for the kernels and Adam for the rest, without their learning rate, which `make_step` applies.

    Muon gives every update of a matrix the same size in all directions. In short trials it had left the plateau of the
    piece frequencies after 75 steps, where AdamW was still on it after 250; two cores make a few thousand in an hour.
    Its updates are scaled to the size of Adam's, so that one learning rate serves both.
    """

    def kernels(tree: Parameters) -> Parameters:
        matrix = optax.contrib.MuonDimensionNumbers()
        return jax.tree_util.tree_map_with_path(lambda path, _: matrix if path[-1].key == "kernel" else None, tree)

    return optax.contrib.muon(
        learning_rate=-1.0,  # it would turn the sign, which `make_step` does
        adam_learning_rate=-1.0,
        adam_b2=0.98,
        weight_decay=settings.decay,
        consistent_rms=0.2,
        muon_weight_dimension_numbers=kernels,
    )


def make_step(predict: Predict, settings: Settings) -> Callable[..., tuple[Parameters, Any, jax.Array]]:
    """Compiles one update: ``(parameters, moments, batch, rate) -> (parameters, moments, loss)``."""
    rule = optimizer(settings)

    def loss(parameters: Parameters, batch: Batch) -> jax.Array:
        logits = predict(parameters, batch).astype(jnp.float32)
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, batch.labels)
        return (losses * batch.weights).sum() / jnp.maximum(batch.weights.sum(), 1)

    def step(parameters: Parameters, moments: Any, batch: Batch, rate: float) -> tuple[Parameters, Any, jax.Array]:
        value, gradient = jax.value_and_grad(loss)(parameters, batch)
        updates, moments = rule.update(gradient, moments, parameters)
        return jax.tree.map(lambda leaf, update: leaf - rate * update, parameters, updates), moments, value

    return jax.jit(step, donate_argnums=(0, 1))


def make_ranks(predict: Predict) -> Callable[[Parameters, Batch], tuple[jax.Array, jax.Array]]:
    """Compiles the measurement: every label's rank among the logits, 0 the best, and its loss, ``[batch, slots]``."""

    def ranks(parameters: Parameters, batch: Batch) -> tuple[jax.Array, jax.Array]:
        logits = predict(parameters, batch).astype(jnp.float32)
        true = jnp.take_along_axis(logits, batch.labels[..., None], axis=-1)
        return (logits > true).sum(-1), optax.softmax_cross_entropy_with_integer_labels(logits, batch.labels)

    return jax.jit(ranks)


def accuracy(ranks: Callable[..., Any], parameters: Parameters, batches: Sequence[Batch]) -> dict[str, float]:
    """Measures top-1 and top-5 accuracy and loss over the masked positions of some batches."""
    totals = np.zeros(4)
    for batch in batches:
        rank, loss = (np.asarray(array) for array in ranks(parameters, batch))
        chosen = batch.weights > 0
        totals += ((rank[chosen] < 1).sum(), (rank[chosen] < 5).sum(), loss[chosen].sum(), chosen.sum())
    top1, top5, loss = totals[:3] / totals[3]
    return {"top1": round(top1, 4), "top5": round(top5, 4), "loss": round(loss, 4), "masked": int(totals[3])}


def save(path: Path, state: State) -> None:
    """Writes a checkpoint under a temporary name, then renames it."""
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(serialization.msgpack_serialize(serialization.to_state_dict(jax.device_get(state._asdict()))))
    temporary.replace(path)


def restore(path: Path, like: State) -> State:
    """Reads a checkpoint into the structure of a fresh state."""
    return State(**serialization.from_bytes(like._asdict(), path.read_bytes()))


def restore_parameters(path: Path, like: Parameters) -> Parameters:
    """Reads the parameters alone from a checkpoint, given a tree of their structure."""
    return serialization.from_state_dict(like, serialization.msgpack_restore(path.read_bytes())["parameters"])


def train(
    predict: Predict,
    parameters: Parameters,
    settings: Settings,
    batches: Callable[[Phase, int], Iterator[Batch]],
    held_out: Sequence[Batch],
    work: Path,
    resume: bool = False,
) -> State:
    """Trains until the time is spent.

    The learning rate follows the share of the time that is spent, not the count of steps: the run ends on time, its
    rate at zero, however fast the machine is and whatever else it does.

    Args:
        predict: Forward pass of the model.
        parameters: Initial parameters.
        settings: The settings of the run.
        batches: Called as ``(phase, seed)``; gives endless batches.
        held_out: Batches to measure on.
        work: Folder for ``checkpoint.msgpack`` and ``log.jsonl``.
        resume: Go on from the checkpoint.

    Returns:
        The last state, also written as the checkpoint.
    """
    checkpoint, log = work / "checkpoint.msgpack", work / "log.jsonl"
    state = State(parameters, optimizer(settings).init(parameters), 0, 0, 0.0)
    state = restore(checkpoint, state) if resume else state
    step, ranks = make_step(predict, settings), make_ranks(predict)
    budget = settings.minutes * 60
    began = time.monotonic() - state.seconds
    measured = state.seconds
    losses: list[jax.Array] = []
    phase, source = None, iter(())

    def record(state: State) -> None:
        entry = {"step": state.step, "pieces": state.pieces, "seconds": round(state.seconds, 1)}
        entry |= {"training_loss": round(float(np.mean(jax.device_get(losses))), 4) if losses else None}
        entry |= accuracy(ranks, state.parameters, held_out)
        with log.open("a") as lines:
            lines.write(json.dumps(entry) + "\n")
        losses.clear()
        save(checkpoint, state)

    with Console(stderr=True).status("training") as status:
        while (progress := state.seconds / budget) < 1:
            if settings.phase(progress) is not phase:
                phase = settings.phase(progress)
                source = in_background(batches(phase, settings.seed + state.step))
            batch = next(source)
            new, moments, loss = step(state.parameters, state.moments, batch, settings.rate(progress))
            losses.append(loss)
            count = phase.length * phase.sequences
            state = State(new, moments, state.step + 1, state.pieces + count, time.monotonic() - began)
            if state.step % 10 == 0:
                loss.block_until_ready()  # so that the clock and the device keep together
                status.update(f"step {state.step}  {100 * progress:.0f}%  loss {float(loss):.3f}")
            if state.seconds - measured >= settings.pause:
                record(state)
                measured = state.seconds
    record(state)
    return state
