"""A program that trains the small model: for tests that kill it, or run it in several processes.

``python -m tests.training.program FOLDER [--resume] [--steps N] [--coordinator ADDRESS --processes N --process I]``
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import jax
import numpy as np


def main() -> None:
    """Trains, and writes the parameters to ``FOLDER/params.npz``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--save-every", type=int, default=3)
    parser.add_argument("--sharding", default="replicated")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds to wait at each step that is told")
    parser.add_argument("--coordinator")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--process", type=int, default=0)
    parser.add_argument("--devices", type=int, default=1)
    options = parser.parse_args()

    jax.config.update("jax_num_cpu_devices", options.devices)
    if options.coordinator:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        jax.distributed.initialize(options.coordinator, options.processes, options.process)

    from flax_albert.training.events import Event, Logged, Reporter
    from flax_albert.training.loop import train
    from flax_albert.training.settings import OptimizerSettings, TrainingSettings
    from tests.training import small

    class Told(Reporter):
        def tell(self, event: Event) -> None:
            if isinstance(event, Logged):
                print(event.step, flush=True)  # noqa: T201
                time.sleep(options.pace)

    model = small.model(dropout=0.1)
    objective = small.Classifying(model.module)
    settings = TrainingSettings(
        steps=options.steps,
        batch_size=8,
        optimizer=OptimizerSettings(learning_rate=1e-2, warmup=3),
        log_every=1,
        save_every=options.save_every,
        sharding=options.sharding,
    )
    evaluators = [small.Accuracy(objective, small.batches(seed=None))]
    result = train(
        objective,
        model.params,
        small.batches(),
        settings,
        options.folder,
        evaluators=evaluators,
        reporters=[Told()],
        resume=options.resume,
    )
    if jax.process_index() == 0:
        flat = {jax.tree_util.keystr(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(result.params)}
        np.savez(options.folder / "params.npz", **flat, reason=np.array(result.reason))


if __name__ == "__main__":
    main()
