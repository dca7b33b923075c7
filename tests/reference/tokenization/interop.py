"""Hands tokenizers to other releases of transformers and takes theirs, and counts the texts whose ids differ.

    python -m tests.reference.tokenization.interop --other PYTHON [--other PYTHON ...] [--data DIR] [--chinese FILE]

Each PYTHON is the interpreter of an environment with one release of transformers, 4.37 or later. The table has one row
a way: what we save, read there; our pipeline handed over as an object; what that release makes of the vocabulary's own
file and saves, read here as it is; and the same with the vocabulary's own file beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from flax_albert.auto.tokenizer import AutoTokenizer
from flax_albert.tokenization import AlbertTokenizerFast, BertTokenizerFast
from tests.reference.tokenization.corpus import real_text, wordpieces

_CLASSES = {"albert": AlbertTokenizerFast, "wordpiece": BertTokenizerFast}
ROOT = Path(__file__).resolve().parents[3]

# Run in the other environment: argv is the folder of the jobs. It knows nothing of this project but for the object.
THERE = """
import json, pathlib, sys, tokenizers, transformers
from transformers import AutoTokenizer, PreTrainedTokenizerFast
work = pathlib.Path(sys.argv[1])
answers = {"version": f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}"}
for kind in ("albert", "wordpiece"):
    texts = json.loads((work / f"{kind}.json").read_text())
    ours, vocabulary = work / f"{kind}-ours", work / f"{kind}-vocabulary"
    ways = {
        "AutoTokenizer.from_pretrained": lambda: AutoTokenizer.from_pretrained(str(ours)),
        "PreTrainedTokenizerFast(tokenizer_file=)": lambda: PreTrainedTokenizerFast(
            tokenizer_file=str(ours / "tokenizer.json")
        ),
    }
    try:
        from flax_albert.tokenization import AlbertTokenizerFast, BertTokenizerFast
        mine = {"albert": AlbertTokenizerFast, "wordpiece": BertTokenizerFast}[kind].from_pretrained(str(ours))
        ways["PreTrainedTokenizerFast(tokenizer_object=)"] = lambda: PreTrainedTokenizerFast(
            tokenizer_object=mine.backend_tokenizer
        )
    except Exception as error:
        answers[f"{kind} object"] = repr(error)[:90]
    for way, load in ways.items():
        tokenizer = load()
        answers[f"{kind} {way}"] = [type(tokenizer).__name__, tokenizer(texts)["input_ids"]]
    theirs = AutoTokenizer.from_pretrained(str(vocabulary))
    theirs.save_pretrained(str(work / f"{kind}-theirs"))
    answers[f"{kind} saved there, there"] = [type(theirs).__name__, theirs(texts)["input_ids"]]
print(json.dumps(answers))
"""


def prepare(work: Path, data: Path, chinese: list[Path]) -> dict[str, list[str]]:
    """Saves our tokenizers and the texts.

    Args:
        work: Where.
        data: The folder of real inputs.
        chinese: Files with Chinese lines.
    """
    english = [text for text in real_text(data, 4000) if text]
    lines = [line for path in chinese for line in path.read_text(encoding="utf-8").splitlines() if line]
    texts = {"albert": english, "wordpiece": english[::2] + lines}
    for kind, file in (("albert", "spiece.model"), ("wordpiece", "vocab.txt")):
        vocabulary = work / f"{kind}-vocabulary"
        vocabulary.mkdir()
        (vocabulary / "config.json").write_text(json.dumps({"model_type": "bert" if kind == "wordpiece" else "albert"}))
        if kind == "albert":
            shutil.copy(data / "tokenizer" / file, vocabulary)
        else:
            tokens = "".join(f"{token}\n" for token in wordpieces(texts[kind]))
            (vocabulary / file).write_text(tokens, encoding="utf-8")
        AutoTokenizer.from_pretrained(vocabulary).save_pretrained(work / f"{kind}-ours")
        (work / f"{kind}.json").write_text(json.dumps(texts[kind]), encoding="utf-8")
    return texts


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--other", action="append", required=True, help="Python of an environment with transformers")
    data = Path(os.environ.get("FLAX_ALBERT_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=data, help="the folder of real inputs")
    parser.add_argument("--chinese", type=Path, action="append", default=[], help="a text file with Chinese lines")
    options = parser.parse_args()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "HF_HUB_OFFLINE": "1"}
    for python in options.other:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            texts = prepare(work, options.data, options.chinese)
            command = [python, "-c", THERE, folder]
            found = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment)
            answers: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
            print(answers.pop("version"))
            for kind, lines in texts.items():
                ids = AutoTokenizer.from_pretrained(work / f"{kind}-ours")(lines, verbose=False)["input_ids"]
                theirs = str(work / f"{kind}-theirs" / "tokenizer.json")
                alone = _CLASSES[kind](tokenizer_file=theirs)
                read = alone(lines, verbose=False)["input_ids"]
                for way, answer in answers.items():
                    if way.startswith(f"{kind} "):
                        row(way, answer, lines, ids)
                row(f"{kind} saved there, here", ["", read], lines, ids)
                beside = work / f"{kind}-theirs"
                [vocabulary] = (path for path in (work / f"{kind}-vocabulary").iterdir() if path.suffix != ".json")
                shutil.copy(vocabulary, beside)
                mended = AutoTokenizer.from_pretrained(beside)(lines, verbose=False)["input_ids"]
                row(f"{kind} saved there, here, with {vocabulary.name}", ["", mended], lines, ids)
                row(f"{kind} saved there, here as there", ["", read], lines, answers[f"{kind} saved there, there"][1])
    return 0


def row(way: str, answer: Any, texts: list[str], ids: list[list[int]]) -> None:
    """Prints one row: the way, the class, and how many texts differ, with the first."""
    if isinstance(answer, str):
        print(f"  {way:60} not possible: {answer}")
        return
    different = [text for text, first, second in zip(texts, answer[1], ids, strict=True) if first != second]
    print(
        f"  {way:60} {answer[0]:24} {len(different)} of {len(texts)} differ",
        ascii(different[0][-60:]) if different else "",
    )


if __name__ == "__main__":
    sys.exit(main())
