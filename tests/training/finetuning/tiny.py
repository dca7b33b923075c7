"""A tiny model over the bundled vocabulary, and a few steps of training with nothing but optax."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
import optax

from flax_albert import AlbertConfig, AutoTokenizer
from flax_albert.training.evaluator import Evaluation, Evaluator
from flax_albert.training.finetuning.kind import Kind

TOKENIZER = AutoTokenizer.from_pretrained("albert-mini-en")
LENGTH = 16


def config(**changes: Any) -> AlbertConfig:
    """The sizes of the model."""
    sizes: dict[str, Any] = {
        "vocab_size": len(TOKENIZER),
        "embedding_size": 16,
        "hidden_size": 32,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
        "max_position_embeddings": 64,
        "initializer_range": 0.2,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "classifier_dropout_prob": 0.0,
    }
    return AlbertConfig(**sizes | changes)


def learnt(
    kind: Kind[Any],
    train: Sequence[Any],
    held_out: Sequence[Any],
    model: Any = None,
    steps: int = 120,
    rate: float = 3e-3,
) -> tuple[Any, Evaluation]:
    """Trains a model, by default one with random weights.

    Returns:
        It, and what is found on the held-out examples.
    """
    model = model or kind.model_class(config(**kind.settings(train, config())), seed=0)
    objective = kind.objective(model.module)
    batches = kind.batches(encode(kind, train, model.config), TOKENIZER, 8, LENGTH, seed=0)
    optimizer = optax.adam(rate)

    @jax.jit
    def step(params: Any, state: Any, batch: Any) -> Any:
        weights = objective.weights(batch)
        grads = jax.grad(lambda tree: objective.loss(tree, batch, weights)[0])(params)
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    params, state = model.params, optimizer.init(model.params)
    for number in range(steps):
        params, state = step(params, state, dict(batches.batch(number)))
    model.params = params
    return model, evaluated(evaluator(kind, held_out, model), params)


def encode(kind: Kind[Any], examples: Sequence[Any], config: AlbertConfig) -> Any:
    """Rows for training."""
    return kind.encode(examples, TOKENIZER, config, LENGTH, training=True)


def evaluator(kind: Kind[Any], examples: Sequence[Any], model: Any, size: int = 7) -> Evaluator:
    """What measures a model on examples."""
    kind.check(examples, model.config)
    encoded = kind.encode(examples, TOKENIZER, model.config, LENGTH, training=False)
    held_out = kind.held_out("dev", examples, encoded, TOKENIZER, size)
    return kind.evaluator(held_out, kind.objective(model.module), TOKENIZER)


def evaluated(evaluator: Evaluator, params: Any) -> Evaluation:
    """What it finds, as the loop has it found."""
    outputs = jax.jit(evaluator.outputs)
    computed = []
    for number in range(evaluator.batches.per_epoch):
        batch = evaluator.batches.batch(number)
        computed.append((batch, jax.tree.map(np.asarray, outputs(params, dict(batch)))))
    return evaluator.evaluate(computed)
