"""Compares a tokenizer with that of transformers 4.37.2, line by line, and prints the table of differences.

    python -m tests.reference.tokenization.compare --oracle ORACLE_PYTHON [--kind KIND] [--data DIR] [--lines N]

KIND is fast or slow, ALBERT's two classes, or wordpiece or wordpiece-slow, BERT's two. ORACLE_PYTHON is the
interpreter of an environment with transformers==4.37.2, sentencepiece and protobuf. The real inputs are looked for as
the tests do. Nothing is kept: both sides print their answers, compared as they come.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.reference.tokenization.corpus import lines, wordpieces
from tests.reference.tokenization.jobs import KINDS, make_calls, make_settings
from tests.reference.tokenization.judge import leaves, meant

ROOT = Path(__file__).resolve().parents[3]
SIDE = Path(__file__).with_name("side.py")


def compare(jobs: Path, oracle: str, show: int) -> bool:
    """Runs both sides and prints what differs.

    Args:
        jobs: The file that side.py takes.
        oracle: Python of the oracle's environment.
        show: How many differences to print in full.

    Returns:
        Whether every difference is meant.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TOKENIZERS_PARALLELISM": "true"}
    environment["RUST_BACKTRACE"] = "0"
    commands = {"flax_albert": sys.executable, "transformers": oracle}
    counts: dict[str, Counter[str]] = {}
    reasons: Counter[str] = Counter()
    unexplained = 0
    with tempfile.TemporaryFile() as noise:
        sides = [
            subprocess.Popen(
                [python, SIDE, library, jobs], stdout=subprocess.PIPE, stderr=noise, env=environment, text=True
            )
            for library, python in commands.items()
        ]
        for first, second in itertools.zip_longest(*(side.stdout for side in sides if side.stdout)):
            if first is None or second is None:  # one side has failed: the other would wait to be read for ever
                for side in sides:
                    side.terminate()
                break
            setting, kind, ours = json.loads(first)
            count = counts.setdefault(setting, Counter())
            count[kind.split()[0]] += 1
            if first == second:
                continue
            theirs = json.loads(second)[2]
            reason = meant(kind, ours, theirs)
            if reason:
                reasons[reason] += 1
                continue
            unexplained += 1
            for place in {path.partition("/")[0] or kind for path, _, _ in leaves(ours, theirs)}:
                count[f"different {place}"] += 1
            if unexplained <= show:
                print(
                    f"--- {setting} / {kind}", ours.get("text", ours.get("call", "")) if isinstance(ours, dict) else ""
                )
                for path, here, there in itertools.islice(leaves(ours, theirs), 6):
                    print(f"    {path}: {here!a:.150} here, {there!a:.150} in 4.37")
        codes = [side.wait() for side in sides]
        if any(codes):
            noise.seek(0)
            print(noise.read().decode(errors="replace")[-4000:])
            print(f"a side failed: {dict(zip(commands, codes, strict=True))}")
    width = max(map(len, counts), default=0)
    for setting, count in counts.items():
        print(f"{setting:{width}}  {', '.join(f'{kind} {number}' for kind, number in count.items())}")
    for reason, number in reasons.items():
        print(f"meant, {number} times: {reason}")
    asked = {kind: sum(count[kind] for count in counts.values()) for kind in ("line", "words", "call", "lookup")}
    print(f"compared: {', '.join(f'{kind} {number}' for kind, number in asked.items())}; {unexplained} differences")
    return not unexplained and not any(codes)


def _make_wordpiece(directory: Path, tokens: list[str], oracle: str) -> None:
    """Makes a WordPiece tokenizer of a vocabulary, with the files that 4.37 writes for it."""
    directory.mkdir()
    (directory / "vocab.txt").write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8")
    save = "from transformers import BertTokenizerFast as A; A.from_pretrained('.').save_pretrained('.')"
    subprocess.run([oracle, "-c", save], cwd=directory, check=True)


def main() -> int:
    """Reads the arguments, makes the jobs and compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oracle", required=True, help="Python of an environment with transformers==4.37.2")
    kinds = [name for name in KINDS if not name.startswith("indic")]
    parser.add_argument("--kind", choices=kinds, default="fast", help="which class")
    data = Path(os.environ.get("FLAX_ALBERT_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=data, help="the folder of real inputs")
    parser.add_argument("--tokenizer", type=Path, help="a directory with the four files, if not the real vocabulary")
    parser.add_argument("--chinese", type=Path, action="append", default=[], help="a text file with Chinese lines")
    parser.add_argument("--lines", type=int, default=12_000, help="lines of real text, and as many made-up ones")
    parser.add_argument("--every", type=int, default=1, help="take every so many lines only, for a quick look")
    parser.add_argument("--calls", type=int, default=10_000, help="calls with random arguments")
    parser.add_argument("--show", type=int, default=10, help="differences to print in full")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        kind = KINDS[options.kind]
        chinese = [path.read_text(encoding="utf-8") for path in options.chinese]
        texts = [*lines(options.data, options.lines), *(line for text in chinese for line in text.splitlines())]
        source = options.tokenizer or options.data / "tokenizer"
        if options.kind.startswith("wordpiece") and not options.tokenizer:
            source = work / "wordpiece"
            _make_wordpiece(source, wordpieces(texts), options.oracle)
        vocabulary = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
        settings = make_settings(kind, source, work, len(vocabulary), options.every, share=4)
        # What either library wrote is read by both.
        for setting in list(settings):
            for library in ("flax_albert", "transformers"):
                written = {"name": f"{setting['name']}, as {library} saved it"}
                written["directory"] = f"{setting['save_to']}/{library}"
                fixed = {"options": {}, "every": 200, "thorough": False, "save_to": None}
                settings.append({**setting, **written, **fixed})
        print(f"{len(texts)} lines of {sum(map(len, texts))} characters")
        (work / "lines.json").write_text(json.dumps(texts), encoding="utf-8")
        jobs = {
            "class": kind.tokenizer_class,
            "lines": str(work / "lines.json"),
            "settings": settings,
            "calls": make_calls(options.calls, offsets=kind.tokenizer_class.endswith("Fast")),
        }
        (work / "jobs.json").write_text(json.dumps(jobs), encoding="utf-8")
        return 0 if compare(work / "jobs.json", options.oracle, options.show) else 1


if __name__ == "__main__":
    sys.exit(main())
