"""Asks the fill-mask pipeline of transformers, PyTorch, for tests/tasks/test_fill_mask_oracle.py.

``fill_mask.py TOKENIZER DIR`` makes a small random model in DIR, with the tokenizer of TOKENIZER beside it, answers the
questions of ``DIR/questions.json`` and leaves the answers in ``DIR/answers.json``: what the pipeline returned, or null
where it raised. It runs with a Python that has transformers 4.37 and torch.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
from transformers import AlbertConfig, AlbertForMaskedLM, AutoTokenizer, pipeline


def main(tokenizer_directory: str, directory: Path) -> None:
    """Makes the model and answers."""
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_directory)
    torch.manual_seed(0)
    config = AlbertConfig(
        vocab_size=len(tokenizer),
        embedding_size=16,
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=48,
        initializer_range=0.3,
    )
    model = AlbertForMaskedLM(config).eval()
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    ask = pipeline("fill-mask", model=model, tokenizer=tokenizer)

    def answer(question: dict[str, Any]) -> Any:
        try:
            return ask(question["texts"], **question["options"])
        except Exception:
            return None

    questions = json.loads((directory / "questions.json").read_text())
    (directory / "answers.json").write_text(json.dumps([answer(question) for question in questions]))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
