"""Writes and reads checkpoints with transformers 4.37, PyTorch and Flax, for the round trips of tests/checkpoint.

``oracle.py write DIR`` leaves, for every head and variant, one checkpoint in each form that transformers writes, the
inputs and the outputs. ``oracle.py read DIR`` loads what flax-albert left beside them, fails on any key that is missing
or unexpected, and leaves its outputs. It runs with a Python that has transformers 4.37, torch, jax and flax.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import AlbertConfig

HEADS = (
    "Model",
    "ForPreTraining",
    "ForMaskedLM",
    "ForSequenceClassification",
    "ForMultipleChoice",
    "ForTokenClassification",
    "ForQuestionAnswering",
)
VARIANTS = {
    "plain": {},
    "grouped": {"num_hidden_layers": 5, "num_hidden_groups": 2, "inner_group_num": 2, "hidden_act": "relu"},
    "untied": {"tie_word_embeddings": False, "hidden_act": "gelu"},
}
# Every head in the plain variant; the others where they make a difference.
CASES = [("plain", head) for head in HEADS] + [
    ("grouped", "Model"),
    ("grouped", "ForMaskedLM"),
    ("untied", "ForPreTraining"),
    ("untied", "ForMaskedLM"),
]
SHARD = "32KB"


def config(variant: str) -> AlbertConfig:
    """A small configuration."""
    sizes = {
        "vocab_size": 100,
        "embedding_size": 16,
        "hidden_size": 32,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "intermediate_size": 48,
        "max_position_embeddings": 32,
        "classifier_dropout_prob": 0.0,
    }
    return AlbertConfig(**{**sizes, **VARIANTS[variant]})


def inputs(head: str) -> dict[str, np.ndarray]:
    """Three padded rows; two choices a row for multiple choice."""
    generator = np.random.default_rng(0)
    shape = (3, 2, 11) if head == "ForMultipleChoice" else (3, 11)
    mask = np.ones(shape, np.int64)
    mask[1, ..., 7:] = 0
    return {
        "input_ids": generator.integers(0, 100, shape),
        "attention_mask": mask,
        "token_type_ids": generator.integers(0, 2, shape),
    }


def torch_outputs(model: torch.nn.Module, head: str) -> dict[str, np.ndarray]:
    """The outputs of a PyTorch model, by name."""
    with torch.no_grad():
        outputs = model.eval()(**{name: torch.from_numpy(value) for name, value in inputs(head).items()})
    return {name: value.numpy() for name, value in outputs.items()}


def flax_outputs(model: transformers.FlaxPreTrainedModel, head: str) -> dict[str, np.ndarray]:
    """The outputs of a Flax model, by name."""
    return {name: np.asarray(value) for name, value in model(**inputs(head)).items() if value is not None}


@contextlib.contextmanager
def no_complaints() -> Iterator[None]:
    """Fails where the Flax classes warn, as they do of weights that are missing or not used: they return no report."""
    complaints: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: complaints.append(record.getMessage())
    logger = logging.getLogger("transformers.modeling_flax_utils")
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)
    assert not complaints, complaints


def write(directory: Path) -> None:
    """Every head and variant in every form."""
    for variant, head in CASES:
        torch.manual_seed(1)
        model = getattr(transformers, f"Albert{head}")(config(variant))
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.2 * torch.randn_like(parameter))
        case = directory / variant / head
        model.save_pretrained(case / "torch-safetensors")
        model.save_pretrained(case / "torch-safetensors-shards", max_shard_size=SHARD)
        model.save_pretrained(case / "torch-bin", safe_serialization=False)
        model.save_pretrained(case / "torch-bin-shards", safe_serialization=False, max_shard_size=SHARD)
        model.config.save_pretrained(case / "torch-bin-legacy")
        torch.save(
            model.state_dict(),
            case / "torch-bin-legacy" / "pytorch_model.bin",
            _use_new_zipfile_serialization=False,
        )
        flax_class = getattr(transformers, f"FlaxAlbert{head}")
        flax_model = flax_class.from_pretrained(case / "torch-safetensors")
        flax_model.save_pretrained(case / "flax-msgpack")
        flax_model.save_pretrained(case / "flax-msgpack-shards", max_shard_size=SHARD)
        flax_model.save_pretrained(case / "flax-safetensors", safe_serialization=True)
        np.savez(case / "inputs.npz", **inputs(head))
        np.savez(case / "torch.npz", **torch_outputs(model, head))
        np.savez(case / "flax.npz", **flax_outputs(flax_model, head))


def read(directory: Path) -> None:
    """What flax-albert wrote, with the PyTorch class and, where its format is one that it knows, the Flax class."""
    for case in sorted(directory.glob("*/*/")):
        head = case.name
        for form in ("safetensors", "safetensors-shards", "bin", "bin-shards"):
            torch_class = getattr(transformers, f"Albert{head}")
            model, info = torch_class.from_pretrained(case / f"ours-{form}", output_loading_info=True)
            assert not any(info.values()), (case, form, info)
            np.savez(case / f"ours-{form}.torch.npz", **torch_outputs(model, head))
        for form in ("safetensors", "safetensors-flax", "msgpack", "msgpack-shards"):
            flax_class = getattr(transformers, f"FlaxAlbert{head}")
            with no_complaints():
                model = flax_class.from_pretrained(case / f"ours-{form}")
            np.savez(case / f"ours-{form}.flax.npz", **flax_outputs(model, head))


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](Path(sys.argv[2]))
