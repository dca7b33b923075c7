"""Memory and time of a training step with and without gradient checkpointing.

    python benchmarks/gradient_checkpointing.py [--size albert-base-v2] [--batch 8] [--length 512] [--time]

Memory is what XLA's compiled `value_and_grad` of the masked-LM loss holds besides its arguments and results
(`memory_analysis().temp_size_in_bytes`), so nothing has to run; `--time` runs it too. Layers are scanned: XLA's CPU
compiler undoes the checkpointing of unrolled ones, other platforms' do not.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from flax_albert import AlbertConfig, FlaxAlbertForMaskedLM


def step(size: str, batch: int, length: int, dtype: str, checkpointing: bool) -> tuple[Any, Any]:
    """The compiled value_and_grad of the masked-LM loss at 15% of the positions, and its argument."""
    model = FlaxAlbertForMaskedLM(
        AlbertConfig.released(size), dtype=dtype, layer_loop="scan", gradient_checkpointing=checkpointing
    )
    generator = np.random.default_rng(0)
    ids = generator.integers(5, model.config.vocab_size, (batch, length))
    positions = generator.integers(0, length, (batch, length * 15 // 100))
    labels = jnp.asarray(np.take_along_axis(ids, positions, axis=1))

    def loss(params: Any) -> jax.Array:
        logits = model.masked_logits(ids, positions, params=params).astype(jnp.float32)
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[..., None], axis=-1).mean()

    return jax.jit(jax.value_and_grad(loss)).lower(model.params).compile(), model.params


def main() -> None:
    """Prints one row a dtype and setting."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="albert-base-v2", help="a released size (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=8, help="sequences (default: %(default)s)")
    parser.add_argument("--length", type=int, default=512, help="tokens in each (default: %(default)s)")
    parser.add_argument("--time", action="store_true", help="run one step too, after one to warm up")
    options = parser.parse_args()
    print(f"{options.size}, batch {options.batch}, length {options.length}, on {jax.devices()[0].device_kind}")
    print(f"{'dtype':10} {'checkpointing':14} {'MiB held':>9} {'seconds':>8}")
    for dtype in ("float32", "bfloat16"):
        for checkpointing in (False, True):
            compiled, params = step(options.size, options.batch, options.length, dtype, checkpointing)
            held = compiled.memory_analysis().temp_size_in_bytes / 2**20
            seconds = ""
            if options.time:
                jax.block_until_ready(compiled(params))
                start = time.perf_counter()
                jax.block_until_ready(compiled(params))
                seconds = f"{time.perf_counter() - start:.2f}"
            print(f"{dtype:10} {'on' if checkpointing else 'off':14} {held:9.0f} {seconds:>8}", flush=True)


if __name__ == "__main__":
    main()
