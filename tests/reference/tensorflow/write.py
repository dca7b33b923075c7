"""Writes checkpoints with TensorFlow itself, and the outputs that they must give.

Run it with a Python that has tensorflow 2.15, torch and transformers 4.37:

    python tests/reference/tensorflow/write.py google DIRECTORY        checkpoints of tf.train.Saver, Google's names
    python tests/reference/tensorflow/write.py google-base DIRECTORY   one at the size of albert-base
    python tests/reference/tensorflow/write.py keras DIRECTORY         tf_model.h5 of transformers, every head
    python tests/reference/tensorflow/write.py oracle DIRECTORY        what transformers' own loader makes of the first

The first and the third made tests/checkpoint/tensorflow.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent))

import graph
import numpy as np
import tensorflow as tf
import torch
import transformers

tf1 = tf.compat.v1

TINY: graph.Config = {
    "attention_probs_dropout_prob": 0,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0,
    "embedding_size": 4,
    "hidden_size": 8,
    "initializer_range": 0.02,
    "intermediate_size": 12,
    "max_position_embeddings": 8,
    "num_attention_heads": 2,
    "num_hidden_layers": 3,
    "num_hidden_groups": 1,
    "net_structure_type": 0,
    "gap_size": 0,
    "num_memory_blocks": 0,
    "inner_group_num": 1,
    "down_scale_factor": 1,
    "type_vocab_size": 2,
    "vocab_size": 14,
}
BASE = TINY | {
    "embedding_size": 128,
    "hidden_size": 768,
    "intermediate_size": 3072,
    "max_position_embeddings": 512,
    "num_attention_heads": 12,
    "num_hidden_layers": 12,
    "vocab_size": 30000,
}
GROUPS = TINY | {"num_hidden_layers": 4, "num_hidden_groups": 2, "inner_group_num": 2, "hidden_act": "relu"}
Case = dict[str, Any]
# By name: the class that loads it, its configuration, its head, and how it is saved.
CASES: dict[str, Case] = {
    "pretraining": {"class": "ForPreTraining", "slots": ("adam_m", "adam_v"), "step": 125000, "partitions": 3},
    "hub-module": {"class": "ForPreTraining", "root": "module"},
    "groups": {"class": "ForPreTraining", "config": GROUPS},
    "classifier": {"class": "ForSequenceClassification", "labels": 3, "slots": ("adam_m", "adam_v")},
    "race": {"class": "ForMultipleChoice", "labels": 1},
    "squad1": {"class": "ForQuestionAnswering"},
    "squad2": {"class": "Model"},
    "no-projection": {"class": "ForPreTraining", "config": TINY | {"embedding_size": 8}},
}
HEADS = [
    "Model",
    "ForPreTraining",
    "ForMaskedLM",
    "ForSequenceClassification",
    "ForMultipleChoice",
    "ForTokenClassification",
    "ForQuestionAnswering",
]


def inputs(config: graph.Config, length: int = 6) -> dict[str, np.ndarray]:
    """Two texts, the second one padded."""
    generator = np.random.default_rng(0)
    ids = generator.integers(0, config["vocab_size"], (2, length))
    mask = np.ones_like(ids)
    mask[1, length - 2 :] = 0
    segments = np.zeros_like(ids)
    segments[:, length // 2 :] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": segments}


def head(name: str, case: Case, config: graph.Config, states: tuple) -> dict[str, tf.Tensor]:
    """The outputs of a case."""
    x, pooled, words = states
    match name:
        case "classifier" | "race":
            return {"logits": graph.output(pooled, case["labels"])}
        case "squad1":
            return graph.span(x)
        case "squad2":
            return graph.answerable_span(x)
        case _:
            return graph.pretraining(config, x, pooled, words)


def write_google(directory: Path, name: str, case: Case, config: graph.Config, seed: int) -> None:
    """One checkpoint, its configuration, and inputs and outputs."""
    directory.mkdir(parents=True)
    text = json.dumps(config, indent=2) + "\n"
    (directory / "albert_config.json").write_text(text)
    fed = inputs(config)
    with tf1.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(seed)
        with tf1.variable_scope(case.get("root", ""), reuse=tf1.AUTO_REUSE):
            tensors = {key: tf.constant(value) for key, value in fed.items()}
            outputs = head(name, case, config, graph.encoder(config, tensors, case.get("partitions", 1)))
        saved = {variable.op.name: variable for variable in tf1.global_variables()}
        for slot in case.get("slots", ()):
            for variable in tf1.trainable_variables():
                tf1.get_variable(f"{variable.op.name}/{slot}", initializer=tf.ones(variable.shape), trainable=False)
        if "slots" in case:
            tf1.train.get_or_create_global_step()
        assert saved
        session.run(tf1.global_variables_initializer())
        values = session.run(outputs)
        tf1.train.Saver(save_relative_paths=True).save(
            session,
            str(directory / ("model.ckpt" if "step" in case else "model.ckpt-best")),
            global_step=case.get("step"),
            write_meta_graph=False,
            write_state="step" in case,
        )
    if name == "race":
        values["logits"] = values["logits"].reshape(1, 2)
        fed = {key: value[None] for key, value in fed.items()}
    np.savez_compressed(directory / "expected.npz", **fed, **{f"out/{key}": value for key, value in values.items()})


def write_keras(directory: Path, seed: int) -> None:
    """Every head as one file, in shards, and as safetensors, with its outputs."""
    for head_name in HEADS:
        tf.keras.utils.set_random_seed(seed)
        sizes = {key: value for key, value in TINY.items() if key not in ("hidden_act", "down_scale_factor")}
        config = transformers.AlbertConfig(**sizes, hidden_act="gelu_new", classifier_dropout_prob=0.1)
        model = getattr(transformers, f"TFAlbert{head_name}")(config)
        model.build_in_name_scope()
        generator = np.random.default_rng(seed)
        for weight in model.weights:
            weight.assign_add(generator.normal(0, 0.3, weight.shape).astype(np.float32))
        fed = inputs(TINY)
        if head_name == "ForMultipleChoice":
            fed = {key: value[None] for key, value in fed.items()}
        values = model({key: tf.constant(value, tf.int32) for key, value in fed.items()})
        case = directory / head_name
        model.save_pretrained(case / "h5", safe_serialization=False)
        model.save_pretrained(case / "h5-shards", safe_serialization=False, max_shard_size="1KB")
        model.save_pretrained(case / "safetensors", safe_serialization=True)
        arrays = {f"out/{key}": np.asarray(value) for key, value in values.items()}
        np.savez_compressed(case / "expected.npz", **fed, **arrays)


def run_oracle(directory: Path) -> None:
    """The outputs of PyTorch's classes with what transformers' loader of TensorFlow checkpoints makes of each."""
    from transformers.models.albert.modeling_albert import load_tf_weights_in_albert

    for name in ("pretraining", "hub-module", "groups", "classifier"):
        case = directory / name
        values = json.loads((case / "albert_config.json").read_text())
        values["hidden_act"] = {"gelu": "gelu_new"}.get(values["hidden_act"], values["hidden_act"])
        config = transformers.AlbertConfig(**values, num_labels=CASES[name].get("labels", 2))
        model = getattr(transformers, f"Albert{CASES[name]['class']}")(config).eval()
        prefix = next(case.glob("*.index")).with_suffix("")
        load_tf_weights_in_albert(model, config, str(prefix))
        expected = np.load(case / "expected.npz")
        fed = {key: torch.from_numpy(expected[key]) for key in expected if not key.startswith("out/")}
        with torch.no_grad():
            outputs = model(**fed)
        np.savez(case / "oracle.npz", **{f"out/{key}": value.numpy() for key, value in outputs.items()})


def main(verb: str, directory: Path) -> None:
    """Writes what is asked for."""
    verbs: dict[str, Callable[[], None]] = {
        "google-base": lambda: write_google(directory / "base", "base", CASES["pretraining"], BASE, 1),
        # With some seeds a vector before a layer norm is nearly constant, and float32 itself is 6e-6 off.
        "keras": lambda: write_keras(directory, 4),
        "oracle": lambda: run_oracle(directory),
    }
    if verb == "google":
        for seed, (name, case) in enumerate(CASES.items()):
            write_google(directory / name, name, case, case.get("config", TINY), seed)
    else:
        verbs[verb]()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
