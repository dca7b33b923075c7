"""What PyTorch's transformers compute with a directory that fine-tuning has written.

Usage: python tests/reference/finetuned.py DIRECTORY CLASS < texts.json > logits.json

``texts.json`` holds a list of rows, each a list of one text or two, or of several such rows for multiple choice.
"""

from __future__ import annotations

import json
import sys

import torch
import transformers


def main(directory: str, name: str) -> None:
    """Reads texts, prints logits."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    model, report = getattr(transformers, name).from_pretrained(directory, output_loading_info=True)
    assert not any(report.values()), report
    model.eval()
    answers = []
    for row in json.load(sys.stdin):
        if isinstance(row[0], list):
            encoded = tokenizer([pair[0] for pair in row], [pair[1] for pair in row], padding=True, return_tensors="pt")
            encoded = {key: value[None] for key, value in encoded.items()}
        else:
            encoded = tokenizer(*row, return_tensors="pt")
        with torch.no_grad():
            answers.append(model(**encoded).logits[0].tolist())
    labels = {int(index): label for index, label in model.config.id2label.items()}
    json.dump({"logits": answers, "labels": [labels[index] for index in range(len(labels))]}, sys.stdout)


main(*sys.argv[1:])
