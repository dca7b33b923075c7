"""What every side works on: texts of real lengths, and one model of base size in the forms that the sides read."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

import flax_albert
from tests.reference.tasks import texts as readers


@dataclass(frozen=True)
class Material:
    """What the sides are given.

    Attributes:
        folder: Holds ``texts.json`` and the models ``classifier``, ``classifier-flax`` and ``embedder``.
        texts: The texts, in the order in which they are asked about.
        tokens: How many tokens they have, ``[CLS]`` and ``[SEP]`` among them.
        operations: Floating-point operations of the encoder over these tokens, padding apart.
    """

    folder: Path
    texts: list[str]
    tokens: int
    operations: float


def mixed(data: Path, count: int, seed: int) -> list[str]:
    """Texts of SST-2 dev, banking77 test and the contexts of QAMR, shuffled, all or some."""
    found = [row.text for row in readers.sst2(data, "dev")]
    found += [row.text for row in readers.banking77(data, "test")]
    found += list(dict.fromkeys(question.context for question in readers.qamr(data)))
    random.Random(seed).shuffle(found)
    return found[:count] if count else found


def operations(config: Any, length: int) -> float:
    """Operations of the encoder over a text of so many tokens: L(8H^2 + 4HI + 4SH) + 2EH a token."""
    hidden, inner = config.hidden_size, config.intermediate_size
    layer = 8 * hidden**2 + 4 * hidden * inner + 4 * length * hidden
    return length * (config.num_hidden_layers * layer + 2 * config.embedding_size * hidden)


def _random(params: Any, seed: int) -> Any:
    """Parameters with no zeros among them, small enough for twelve layers."""
    leaves, tree = jax.tree_util.tree_flatten_with_path(params)
    generator = np.random.default_rng(seed)
    drawn = []
    for path, leaf in leaves:
        noise = generator.normal(0, 0.04, leaf.shape).astype(np.float32)
        drawn.append(1 + noise if path[-1].key == "scale" else noise)
    return jax.tree_util.tree_unflatten(tree, drawn)


def prepare(folder: Path, data: Path, count: int, seed: int, size: str) -> Material:
    """Writes the texts and the models.

    Args:
        folder: Where to.
        data: The folder of shared data.
        count: How many texts; 0 for all.
        seed: Of the order of the texts and of the weights.
        size: A released size, such as ``albert-base-v2``.

    Returns:
        What was written.
    """
    chosen = mixed(data, count, seed)
    tokenizer = flax_albert.AutoTokenizer.from_pretrained(data / "tokenizer")
    changes = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "num_labels": 2}
    config = flax_albert.AlbertConfig.from_dict({**flax_albert.AlbertConfig.released(size).to_dict(), **changes})
    classifier = flax_albert.FlaxAlbertForSequenceClassification(config, seed=seed)
    classifier.params = _random(classifier.params, seed)
    classifier.save_pretrained(folder / "classifier")
    classifier.save_pretrained(folder / "classifier-flax", safe_serialization=False)
    encoder = flax_albert.FlaxAlbertModel(config, seed=seed)
    encoder.params = classifier.params["albert"]
    encoder.save_pretrained(folder / "embedder")
    for name in ("classifier", "classifier-flax", "embedder"):
        tokenizer.save_pretrained(folder / name)
    _sentence_transformers(folder / "embedder", config.hidden_size)
    (folder / "texts.json").write_text(json.dumps(chosen), encoding="utf-8")
    lengths = [len(ids) for ids in tokenizer(chosen)["input_ids"]]
    return Material(folder, chosen, sum(lengths), sum(operations(config, length) for length in lengths))


def _sentence_transformers(folder: Path, hidden: int) -> None:
    """Makes the folder one of sentence-transformers: the mean over the tokens."""
    kinds = {"": "Transformer", "1_Pooling": "Pooling"}
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for place, (path, kind) in enumerate(kinds.items())
    ]
    (folder / "1_Pooling").mkdir()
    for path, content in (
        ("modules.json", modules),
        ("sentence_bert_config.json", {"max_seq_length": 512, "do_lower_case": False}),
        ("1_Pooling/config.json", {"word_embedding_dimension": hidden, "pooling_mode_mean_tokens": True}),
    ):
        (folder / path).write_text(json.dumps(content, indent=2), encoding="utf-8")
