"""The tasks, and the budget of each: the same from both starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One fine-tuning.

    Attributes:
        name: The task's name; that of its folder.
        kind: Of fine-tuning.
        train: Examples, below the folder of the data.
        dev: Examples to measure on; ``None`` holds out a share of ``train``.
        metric: What the table shows, as a share or a correlation.
        options: Further arguments of the command.
        after: The run whose model it begins with, instead of that of the comparison.
        shown: Whether the table shows it; one that only leads to another is not.
    """

    name: str
    kind: str
    train: str
    dev: str | None
    metric: str
    options: tuple[str, ...]
    after: str | None = None
    shown: bool = True

    def command(self, model: Path | str, data: Path, output: Path, *, from_scratch: bool) -> list[str]:
        """The arguments of ``flax-albert``."""
        held_out = ["--eval", str(data / self.dev)] if self.dev else ["--eval-split", "0.15"]
        start = ["--from-scratch"] if from_scratch else []
        return [
            *("finetune", self.kind, "--model", str(model), "--train", str(data / self.train), *held_out),
            *("--output", str(output), "--learning-rate", "3e-4", "--warmup", "0.1", *self.options, *start),
        ]


RUNS = (
    Run(
        "SST-2",
        "classify",
        "classification/sst2/train.tsv",
        "classification/sst2/dev.tsv",
        "accuracy",
        ("--recipe", "sst2", "--steps", "2500", "--batch-size", "32", "--max-length", "64"),
    ),
    Run(
        "CoLA",
        "classify",
        "classification/cola/train.tsv",
        "classification/cola/dev.tsv",
        "matthews",
        ("--recipe", "cola", "--steps", "1200", "--batch-size", "32", "--max-length", "48"),
    ),
    Run(
        "banking77",
        "classify",
        "classification/banking77/train.csv",
        "classification/banking77/test.csv",
        "accuracy",
        ("--steps", "2500", "--batch-size", "32", "--max-length", "64"),
    ),
    Run(
        "STS-B",
        "regress",
        "pairs/stsb/stsb-en-train.csv",
        "pairs/stsb/stsb-en-dev.csv",
        "pearson",
        ("--recipe", "stsb", "--steps", "1500", "--batch-size", "32", "--max-length", "96"),
    ),
    Run(
        "UD-EWT part of speech",
        "tag",
        "tokens/ud_ewt/en_ewt-ud-train.rebuilt.conllu",
        "tokens/ud_ewt/en_ewt-ud-dev.conllu",
        "accuracy",
        ("--steps", "1500", "--batch-size", "32", "--max-length", "128"),
    ),
    Run(
        "wikigold entities",
        "tag",
        "tokens/wikigold/wikigold.conll.txt",
        None,
        "f1",
        ("--format", "conll", "--steps", "800", "--batch-size", "16", "--max-length", "128"),
    ),
    Run(
        "QAMR",
        "answer",
        "qa/qamr-dev.squad.json",
        None,
        "f1",
        ("--steps", "1500", "--batch-size", "32", "--max-length", "128"),
    ),
    Run(
        "SQuAD-style, after QAMR",
        "answer",
        "qa/squad1-style.json",
        None,
        "f1",
        ("--steps", "800", "--batch-size", "16", "--max-length", "384"),
        after="QAMR",
    ),
    Run(
        "MCTest",
        "choose",
        "multiple_choice/mctest.mc500.train.jsonl",
        "multiple_choice/mctest.mc500.dev.jsonl",
        "accuracy",
        ("--steps", "500", "--batch-size", "8", "--max-length", "384"),
    ),
)
