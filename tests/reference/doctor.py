"""Saves one checkpoint a head and format with transformers 4.37, PyTorch and Flax, for tests/doctor/test_oracle.py.

It runs with a Python that has transformers 4.37, torch, jax and flax: ``doctor.py DIR``.
"""

import sys
from pathlib import Path

import torch
import transformers

HEADS = (
    "Model",
    "ForPreTraining",
    "ForMaskedLM",
    "ForSequenceClassification",
    "ForMultipleChoice",
    "ForTokenClassification",
    "ForQuestionAnswering",
)
SIZES = {
    "vocab_size": 100,
    "embedding_size": 16,
    "hidden_size": 32,
    "num_hidden_layers": 4,
    "num_hidden_groups": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 32,
}


def write(directory: Path) -> None:
    """Every head as safetensors, ``.bin`` and msgpack."""
    for head in HEADS:
        torch.manual_seed(0)
        labels = 3 if head in ("ForSequenceClassification", "ForTokenClassification") else 2
        model = getattr(transformers, f"Albert{head}")(transformers.AlbertConfig(**SIZES, num_labels=labels))
        for parameter in model.parameters():
            parameter.data.add_(0.2 * torch.randn_like(parameter))
        model.save_pretrained(directory / head / "safetensors")
        model.save_pretrained(directory / head / "bin", safe_serialization=False)
        flax_class = getattr(transformers, f"FlaxAlbert{head}")
        flax_class.from_pretrained(directory / head / "safetensors").save_pretrained(directory / head / "msgpack")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
