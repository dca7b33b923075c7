"""What is compared with the oracles: models, weights and inputs, each made from a name and a seed.

Nothing is stored but what the oracle answers: both sides derive the same weights and inputs here, with numpy alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

HEADS = (
    "Model",
    "ForPreTraining",
    "ForMaskedLM",
    "ForSequenceClassification",
    "ForMultipleChoice",
    "ForTokenClassification",
    "ForQuestionAnswering",
)

NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "classifier_dropout_prob": 0.0}

SIZES: dict[str, dict[str, int]] = {
    "small": {
        "vocab_size": 37,
        "embedding_size": 8,
        "hidden_size": 24,
        "num_attention_heads": 3,
        "intermediate_size": 40,
        "num_hidden_layers": 3,
        "max_position_embeddings": 16,
    },
    "base": {
        "vocab_size": 30000,
        "embedding_size": 128,
        "hidden_size": 768,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
        "num_hidden_layers": 12,
        "max_position_embeddings": 512,
    },
}
SHAPES = {"small": (4, 10), "base": (2, 128)}  # rows, positions

LAYOUTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "gelu": {"hidden_act": "gelu"},
    "relu": {"hidden_act": "relu"},
    "silu": {"hidden_act": "silu"},
    "three-groups": {"num_hidden_groups": 3},
    "inner-two": {"inner_group_num": 2},
    "uneven": {"num_hidden_layers": 4, "num_hidden_groups": 3},
    "untied": {"tie_word_embeddings": False},
    "no-pooler": {},
}
INPUTS = ("bare", "padded", "given")


@dataclass(frozen=True)
class Case:
    """One model on one batch.

    Attributes:
        head: The class, without its prefix ``FlaxAlbert``.
        layout: A key of ``LAYOUTS``.
        inputs: ``bare`` is ids alone; ``padded`` adds a mask whose rows are padded not at all, on the right, on the
            left and everywhere; ``given`` adds segments and positions as well.
        seed: Of weights, ids and everything else.
        size: A key of ``SIZES``.
        dtype: Of the computation.
    """

    head: str
    layout: str = "plain"
    inputs: str = "given"
    seed: int = 0
    size: str = "small"
    dtype: str = "float32"

    @property
    def name(self) -> str:
        return "-".join((self.head, self.size, self.layout, self.inputs, self.dtype))

    @property
    def config(self) -> dict[str, Any]:
        labels = 2 if self.head == "ForQuestionAnswering" else 3
        return {**SIZES[self.size], **NO_DROPOUT, "num_labels": labels, **LAYOUTS[self.layout]}

    @property
    def trains(self) -> bool:
        """Whether gradients are compared: at base size, where compiling them takes minutes, for one class alone."""
        return self.dtype == "float32" and (self.size == "small" or self.head == "ForPreTraining")

    @property
    def module_options(self) -> dict[str, Any]:
        return {"add_pooling_layer": False} if self.layout == "no-pooler" else {}


def normal(name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Standard normal numbers that depend on the name, the shape and the seed only."""
    return np.random.RandomState(crc32(f"{seed}/{name}".encode())).standard_normal(shape)


def parameter(path: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    """A parameter of trained rather than fresh scale: sharp attention, biases and norms that do something."""
    values = normal(path, shape, seed)
    match path.rpartition("/")[2]:
        case "kernel":
            gain = 1.5 if "/query/" in path or "/key/" in path else 1.0
            values *= gain / np.sqrt(shape[0])
        case "embedding":
            values *= 0.3
        case "scale":
            values = 1.0 + 0.2 * values
        case "bias":
            values *= 0.2
        case leaf:
            raise ValueError(f"No scale is known for a leaf named {leaf!r} ({path}).")
    return values.astype(np.float32)


def inputs(case: Case) -> dict[str, np.ndarray]:
    """The arguments of the call, ``[rows, positions]`` each, or ``[rows / 2, 2, positions]`` for multiple choice."""
    rows, length = SHAPES[case.size]
    random = np.random.RandomState(case.seed + 1)
    arrays = {"input_ids": random.randint(0, SIZES[case.size]["vocab_size"], (rows, length))}
    if case.inputs != "bare":
        mask = np.ones((rows, length), np.int64)
        padding = length // 3
        mask[1::4, -padding:] = 0
        mask[2::4, :padding] = 0
        mask[3::4] = 0
        arrays["attention_mask"] = mask
    if case.inputs == "given":
        arrays["token_type_ids"] = random.randint(0, 2, (rows, length))
        arrays["position_ids"] = random.randint(0, SIZES[case.size]["max_position_embeddings"], (rows, length))
    if case.head == "ForMultipleChoice":
        arrays = {name: array.reshape(-1, 2, length) for name, array in arrays.items()}
    return {name: array.astype(np.int32) for name, array in arrays.items()}


def heads_with(layout: str) -> tuple[str, ...]:
    """The classes for which a layout means anything."""
    match layout:
        case "untied":
            return "ForPreTraining", "ForMaskedLM"
        case "no-pooler":
            return ("Model",)
        case _:
            return HEADS


GOLDEN = (
    *(Case(head) for head in HEADS),
    *(Case("ForPreTraining", layout) for layout in LAYOUTS if layout not in ("plain", "no-pooler")),
    *(Case("ForPreTraining", inputs=kind) for kind in ("bare", "padded")),
    Case("Model", "no-pooler"),
    Case("ForPreTraining", dtype="bfloat16"),
)
"""The cases whose answers are committed."""
GOLDEN_GRADIENTS = tuple(case for case in GOLDEN if case.inputs == "given" and case.trains)
"""Those whose gradients are, too."""


def live(seed: int) -> list[Case]:
    """Every class with every layout and every kind of input that differ, and every class at base size."""
    small = [Case(head, layout, seed=seed) for layout in LAYOUTS for head in heads_with(layout)]
    small += [Case(head, inputs=kind, seed=seed) for head in HEADS for kind in INPUTS if kind != "given"]
    return small + [Case(head, size="base", seed=seed) for head in HEADS]
