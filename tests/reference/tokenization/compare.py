"""Compares the tokenizer with the fast one of transformers 4.37.2, line by line, and prints the table of differences.

    python -m tests.reference.tokenization.compare --oracle ORACLE_PYTHON [--data DIR] [--lines N]

ORACLE_PYTHON is the interpreter of an environment with transformers==4.37.2, sentencepiece and protobuf. The real
inputs are looked for as the tests do. Nothing is kept: both sides print their answers, compared as they come.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.reference.tokenization.corpus import lines

ROOT = Path(__file__).resolve().parents[3]
SIDE = Path(__file__).with_name("side.py")
FILES = ["spiece.model", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]

ADDED = {
    "content": "<new>",
    "lstrip": False,
    "normalized": True,
    "rstrip": False,
    "single_word": False,
    "special": False,
}
MASK = {"content": "[MASK]", "lstrip": True, "normalized": False, "rstrip": False, "single_word": False}

# Name: files copied, files written, options passed.
SETTINGS: dict[str, tuple[list[str], dict[str, Any], dict[str, Any]]] = {
    "both": (FILES, {}, {}),
    "spiece.model alone": (FILES[:1], {}, {}),
    "tokenizer.json alone": (FILES[1:2], {}, {}),
    "spiece.model, do_lower_case=False": (FILES[:1], {"tokenizer_config.json": {"do_lower_case": False}}, {}),
    "spiece.model, keep_accents=True": (FILES[:1], {"tokenizer_config.json": {"keep_accents": True}}, {}),
    "spiece.model, both as arguments": (FILES[:1], {}, {"do_lower_case": False, "keep_accents": True}),
    "both, do_lower_case=False, from_slow": (FILES, {}, {"do_lower_case": False, "from_slow": True}),
}
# Settings whose files and options are of interest, and not their lines.
SMALL_SETTINGS: dict[str, tuple[list[str], dict[str, Any], dict[str, Any]]] = {
    "both, do_lower_case=False passed": (FILES, {}, {"do_lower_case": False}),
    "tokenizer.json, config says otherwise": (
        FILES[:2],
        {"tokenizer_config.json": {"do_lower_case": False, "keep_accents": True, "remove_space": False}},
        {},
    ),
    "limits and sides": (
        FILES[:2],
        {
            "tokenizer_config.json": {
                "model_max_length": 12,
                "padding_side": "left",
                "truncation_side": "left",
                "clean_up_tokenization_spaces": False,
                "model_input_names": ["input_ids", "attention_mask"],
                "something": {"else": [1]},
            }
        },
        {},
    ),
    "old files": (
        FILES[:1],
        {
            "tokenizer_config.json": {"do_lower_case": True, "max_len": 512, "model_max_length": 512},
            "special_tokens_map.json": {
                "bos_token": "[CLS]",
                "mask_token": MASK,
                "additional_special_tokens": ["<x>", {**MASK, "content": "<y>", "lstrip": False}],
            },
            "added_tokens.json": {"<new>": 30002, "<x>": 30000, "<y>": 30001},
        },
        {},
    ),
    "old files, tokenizer.json": (
        FILES[:2],
        {"special_tokens_map.json": {"mask_token": {**MASK, "lstrip": False}}, "added_tokens.json": {"<new>": 30000}},
        {},
    ),
    "typed tokens in the config": (
        FILES[:2],
        {
            "tokenizer_config.json": {
                "mask_token": {**MASK, "__type": "AddedToken"},
                "additional_special_tokens": ["<z>"],
            }
        },
        {},
    ),
    "added_tokens_decoder": (
        FILES[:1],
        {
            "tokenizer_config.json": {
                "added_tokens_decoder": {"4": {**MASK, "special": True}, "30000": ADDED},
                "mask_token": "[MASK]",
            }
        },
        {},
    ),
    "mask token without the space": (
        FILES[:1],
        {"special_tokens_map.json": {"mask_token": {**MASK, "lstrip": False}}},
        {},
    ),
    "tokens as arguments": (
        FILES,
        {},
        {"mask_token": "<hole>", "additional_special_tokens": ["<p>"], "pad_token": "<unk>"},
    ),
    "tokens as arguments, spiece.model": (FILES[:1], {}, {"cls_token": "<s>", "unk_token": "the", "sep_token": "</s>"}),
    "saved with padding and truncation": (["tokenizer.json"], {"tokenizer.json": "left"}, {}),
}


def make_directory(path: Path, source: Path, copied: list[str], written: dict[str, Any]) -> None:
    """Makes a tokenizer's directory."""
    path.mkdir(parents=True)
    for name in copied:
        shutil.copy(source / name, path / name)
    for name, content in written.items():
        if content == "left":
            content = json.loads((source / name).read_text(encoding="utf-8"))
            content["padding"]["direction"] = "Left"
            content["truncation"] = {"direction": "Left", "max_length": 6, "strategy": "LongestFirst", "stride": 0}
        (path / name).write_text(json.dumps(content), encoding="utf-8")


def make_calls(generator: random.Random, count: int) -> list[dict[str, Any]]:
    """Calls with arguments drawn from every combination."""
    long = "Some longer text, with [MASK] and 1,000 words; it's about état-of-the-art cats."
    texts: list[tuple[list[Any], bool]] = [
        ([""], False),
        (["Hello"], False),
        ([long], False),
        ([["one", long, ""]], False),
        (["short", long], False),
        ([long, "short"], False),
        ([["a", long, ""], [long, "b", "c d"]], False),
        ([[("a", long), ("b c", "d")]], False),
        ([long.split()], True),
        ([long.split(), ["two", "words"]], True),
        ([[["a", "b"], long.split(), []]], True),
        ([[["a", "b"], long.split()], [long.split(), []]], True),
    ]
    choices: dict[str, list[Any]] = {
        "padding": [False, True, "longest", "max_length", "do_not_pad"],
        "truncation": [None, False, True, "longest_first", "only_first", "only_second", "do_not_truncate"],
        "max_length": [None, 2, 3, 4, 8, 16],
        "stride": [0, 0, 1, 2, 5],
        "pad_to_multiple_of": [None, None, 8],
        "return_overflowing_tokens": [False, True],
        "add_special_tokens": [True, True, False],
        "return_tensors": [None, None, "np"],
        "return_offsets_mapping": [True, False],
        "return_special_tokens_mask": [True, False],
        "return_length": [False, True],
        "return_attention_mask": [None, True, False],
        "return_token_type_ids": [None, True, False],
    }
    calls = []
    for _ in range(count):
        given, split = generator.choice(texts)
        arguments = {name: generator.choice(values) for name, values in choices.items()}
        sides = {side: generator.choice(["right", "right", "left"]) for side in ("padding_side", "truncation_side")}
        calls.append({"texts": given, "arguments": {**arguments, "is_split_into_words": split}, **sides})
    return calls


def expected(kind: str, ours: dict[str, Any], theirs: dict[str, Any]) -> str | None:
    """Why two answers differ, where the difference is meant."""
    if kind == "line":
        if any("\ud800" <= character <= "\udfff" for character in ours["text"]):
            return "lone surrogates: offsets count the characters of the text given"
        fields = {name for name in ours if ours[name] != theirs[name]}
        if fields == {"tokens"}:
            return "tokens(): the text of an unknown letter, lower-cased by a newer Unicode"
    if kind == "call" and ours["refused"] and not theirs["refused"]:
        if theirs.get("ragged"):
            return "refused: rows of different lengths as one array (4.37 made an array of objects)"
        arguments = ours["call"]["arguments"]
        texts, split = ours["call"]["texts"], arguments["is_split_into_words"]
        pair = len(texts) == 2 or (not split and isinstance(texts[0], list) and isinstance(texts[0][0], list))
        specials = (3 if pair else 2) * arguments["add_special_tokens"]
        if arguments["max_length"] < specials:
            return "refused: max_length is smaller than the number of special tokens (4.37 did not truncate at all)"
        if arguments["stride"] >= arguments["max_length"] - specials:
            return "refused: stride leaves no progress (4.37 panicked as soon as it had to truncate)"
    if kind == "call" and all(theirs[name] == ["float64", [1, 0], [[]]] for name in ours if ours[name] != theirs[name]):
        return "the array of a text without any token: int64 (4.37 made it float64)"
    return None


def leaves(ours: Any, theirs: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two answers differ, and what stands there."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in {**ours, **theirs}:
            yield from leaves(ours.get(key, "nothing"), theirs.get(key, "nothing"), f"{path}/{key}".lstrip("/"))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (first, second) in enumerate(zip(ours, theirs, strict=True)):
            yield from leaves(first, second, f"{path}/{index}")
    elif ours != theirs:
        yield path, ours, theirs


def compare(jobs: Path, oracle: str, show: int) -> bool:
    """Runs both sides and prints what differs."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "TOKENIZERS_PARALLELISM": "true",
        "RUST_BACKTRACE": "0",
    }
    commands = {"flax_albert": sys.executable, "transformers": oracle}
    with tempfile.TemporaryFile() as noise:
        sides = [
            subprocess.Popen(
                [python, SIDE, library, jobs], stdout=subprocess.PIPE, stderr=noise, env=environment, text=True
            )
            for library, python in commands.items()
        ]
        counts: dict[str, Counter[str]] = {}
        reasons: Counter[str] = Counter()
        unexplained = 0
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
            reason = expected(kind, ours, theirs) if isinstance(ours, dict) and isinstance(theirs, dict) else None
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
                for path, ours_there, theirs_there in itertools.islice(leaves(ours, theirs), 6):
                    print(f"    {path}: {ours_there!a:.150} here, {theirs_there!a:.150} in 4.37")
        codes = [side.wait() for side in sides]
        if any(codes):
            noise.seek(0)
            print(noise.read().decode(errors="replace")[-4000:])
            print(f"a side failed: {dict(zip(commands, codes, strict=True))}")
    width = max(map(len, counts), default=0)
    for setting, count in counts.items():
        print(f"{setting:{width}}  {dict(count)}")
    for reason, number in reasons.items():
        print(f"meant: {number} x {reason}")
    total = sum(count["line"] for count in counts.values())
    print(
        f"{total} lines and {sum(count['call'] for count in counts.values())} calls compared, {unexplained} differences"
    )
    return not unexplained and not any(codes)


def main() -> int:
    """Reads the arguments, makes the jobs and compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oracle", required=True, help="Python of an environment with transformers==4.37.2")
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("FLAX_ALBERT_DATA", ROOT.parent / "shared" / "data")
    )
    parser.add_argument("--lines", type=int, default=12_000, help="lines of real text, and as many made-up ones")
    parser.add_argument("--calls", type=int, default=10_000, help="calls with random arguments")
    parser.add_argument("--every", type=int, default=1, help="take every so many lines only, for a quick look")
    parser.add_argument("--show", type=int, default=10, help="differences to print in full")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        settings = []
        for name, (copied, written, given) in {**SETTINGS, **SMALL_SETTINGS}.items():
            directory = work / f"tokenizer-{len(settings)}"
            make_directory(directory, options.data / "tokenizer", copied, written)
            large = name in SETTINGS
            settings.append(
                {
                    "name": name,
                    "directory": str(directory),
                    "options": given,
                    "every": options.every if large else 1000,
                    "thorough": name in ("both", "spiece.model alone"),
                    "save_to": str(work / f"saved-{len(settings)}"),
                }
            )
        # What either library wrote is read by both.
        for setting in list(settings):
            for library in ("flax_albert", "transformers"):
                written_by = {
                    "name": f"{setting['name']}, as {library} saved it",
                    "directory": f"{setting['save_to']}/{library}",
                }
                settings.append(
                    {**setting, **written_by, "options": {}, "every": 200, "thorough": False, "save_to": None}
                )
        (work / "lines.json").write_text(json.dumps(lines(options.data, options.lines)), encoding="utf-8")
        jobs = {
            "lines": str(work / "lines.json"),
            "settings": settings,
            "calls": make_calls(random.Random(4), options.calls),
        }
        (work / "jobs.json").write_text(json.dumps(jobs), encoding="utf-8")
        return 0 if compare(work / "jobs.json", options.oracle, options.show) else 1


if __name__ == "__main__":
    sys.exit(main())
