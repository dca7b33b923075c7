"""A run over a million rows that is killed again and again, and resumed, against one that is left alone.

    python benchmarks/resume_million_rows.py [--rows 1000000] [--kills 8] [--seed 0] [--output csv]

It makes a JSON Lines file and a classifier with random weights, runs `flax-albert classify` over it without a break,
and then once more, with SIGKILL at random moments and `--resume` after each. The two files must be the same byte for
byte, which says that no row was lost, none came twice, and every number is the same. Exit code 1 says they are not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_WORDS = (
    "the a cat dog house door river night day old young green quick quiet she he they it went came saw found opened "
    "read wrote in on under over near with without and but because when water light stone letter garden window"
)


def make_rows(path: Path, rows: int, seed: int) -> None:
    """Rows of 1 to 24 words, some of them without text, one in ten thousand no JSON at all."""
    generator, words = random.Random(seed), _WORDS.split()
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            text = " ".join(generator.choices(words, k=min(1 + int(generator.expovariate(0.15)), 24)))
            if number % 9973 == 5000:
                file.write('{"id": \n')
            else:
                file.write(json.dumps({"id": number, "text": "" if number % 7919 == 7000 else text}) + "\n")


def make_model(directory: Path, seed: int) -> None:
    """A classifier of one layer, its weights random."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    from flax_albert import AlbertConfig, AutoTokenizer, FlaxAlbertForSequenceClassification

    tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
    model = FlaxAlbertForSequenceClassification(
        AlbertConfig(
            vocab_size=len(tokenizer),
            embedding_size=16,
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=64,
            num_labels=4,
        )
    )
    generator = np.random.default_rng(seed)
    model.params = jax.tree.map(
        lambda leaf: jnp.asarray(generator.normal(scale=0.5, size=leaf.shape), jnp.float32), model.params_shape_tree
    )
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)


def command(model: Path, source: Path, output: Path) -> list[str]:
    """The call that is compared."""
    classify = [sys.executable, "-m", "flax_albert.cli", "classify", "--model", str(model), "--input", str(source)]
    return [*classify, "--output", str(output), "--on-error", "record", "--truncation", "--batch-tokens", "2048"]


def rows_done(output: Path) -> int:
    """How many rows count, as the file beside the output says."""
    try:
        return json.loads(output.with_name(output.name + ".resume").read_text())["rows"]
    except (FileNotFoundError, json.JSONDecodeError):
        return 0


def run_until(arguments: list[str], output: Path, rows: int, delay: float) -> bool:
    """Runs the command, and kills it a moment after so many rows; whether it got that far."""
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        if rows_done(output) >= rows:
            time.sleep(delay)
            os.kill(process.pid, signal.SIGKILL)
            return process.wait() == -signal.SIGKILL
        time.sleep(0.01)
    return False


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    """Makes the material, runs both, and compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", choices=("jsonl", "csv", "tsv", "parquet"), default="jsonl")
    options = parser.parse_args()
    generator = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        source, model = directory / "rows.jsonl", directory / "model"
        make_rows(source, options.rows, options.seed)
        make_model(model, options.seed)
        print(f"{options.rows:,} rows, {source.stat().st_size / 1e6:.0f} MB", flush=True)

        whole = directory / f"whole.{options.output}"
        begun = time.monotonic()
        subprocess.run(command(model, source, whole), check=True, stdout=subprocess.DEVNULL)
        print(f"without a break: {time.monotonic() - begun:.0f} s", flush=True)

        resumed = directory / f"resumed.{options.output}"
        arguments = [*command(model, source, resumed), "--resume"]
        begun, kills = time.monotonic(), 0
        for rows in sorted(generator.randrange(options.rows * 19 // 20) for _ in range(options.kills)):
            kills += run_until(arguments, resumed, rows, delay=generator.uniform(0, 0.5))
            print(f"killed when {rows_done(resumed):,} rows were done", flush=True)
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
        print(f"killed {kills} times and resumed: {time.monotonic() - begun:.0f} s", flush=True)

        same = whole.read_bytes() == resumed.read_bytes()
        for path in (whole, resumed):
            print(f"{path.name}: {path.stat().st_size:,} bytes, SHA-256 {digest(path)}")
        left = sorted(path.name for path in directory.iterdir() if path.name.startswith("resumed"))
        print(f"IDENTICAL after {kills} kills" if same and left == [resumed.name] else f"DIFFERENT ({', '.join(left)})")
        return 0 if same and kills and left == [resumed.name] else 1


if __name__ == "__main__":
    sys.exit(main())
