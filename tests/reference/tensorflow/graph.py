"""ALBERT as a TensorFlow 1 graph whose variables have the names and shapes of Google's programs.

Written from the paper and from the names that the released checkpoints hold; it makes the checkpoints of the tests, and
the numbers that they must give.
"""

from __future__ import annotations

import math
from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1
Config = dict[str, Any]


def variable(name: str, *shape: int, slices: int = 1) -> tf.Tensor:
    """A variable of random numbers; layer norms' scales among them, so that no two are alike."""
    cut = tf1.fixed_size_partitioner(slices) if slices > 1 else None
    drawn = tf1.random_normal_initializer(stddev=0.3)
    return tf.convert_to_tensor(tf1.get_variable(name, shape, tf.float32, drawn, partitioner=cut))


def dense(x: tf.Tensor, size: int, scope: str) -> tf.Tensor:
    """A dense layer with ``kernel`` and ``bias``."""
    with tf1.variable_scope(scope):
        return tf.tensordot(x, variable("kernel", x.shape[-1], size), 1) + variable("bias", size)


def layer_norm(x: tf.Tensor, scope: str) -> tf.Tensor:
    """Layer normalisation with ``beta`` and ``gamma``."""
    with tf1.variable_scope(scope):
        beta, gamma = variable("beta", x.shape[-1]), variable("gamma", x.shape[-1])
    mean, variance = tf.nn.moments(x, [-1], keepdims=True)
    return (x - mean) * tf.math.rsqrt(variance + 1e-12) * gamma + beta


def activation(config: Config, x: tf.Tensor) -> tf.Tensor:
    """What Google's programs mean by ``gelu``: the form with tanh."""
    return {"gelu": lambda y: tf.nn.gelu(y, approximate=True), "relu": tf.nn.relu}[config["hidden_act"]](x)


def attention(config: Config, x: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """Self-attention up to the projection of its output."""
    heads, hidden = config["num_attention_heads"], config["hidden_size"]

    def split(scope: str) -> tf.Tensor:
        y = dense(x, hidden, scope)
        return tf.transpose(tf.reshape(y, [tf.shape(y)[0], -1, heads, hidden // heads]), [0, 2, 1, 3])

    with tf1.variable_scope("self"):
        query, key, value = split("query"), split("key"), split("value")
    scores = tf.matmul(query, key, transpose_b=True) / math.sqrt(hidden // heads)
    probabilities = tf.nn.softmax(scores + (1.0 - tf.cast(mask, tf.float32))[:, None, None, :] * -10000.0)
    mixed = tf.transpose(tf.matmul(probabilities, value), [0, 2, 1, 3])
    with tf1.variable_scope("output"):
        return dense(tf.reshape(mixed, tf.shape(x)), hidden, "dense")


def layer(config: Config, x: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """Attention and feed-forward network."""
    with tf1.variable_scope("attention_1"):
        attended = attention(config, x, mask)
    x = layer_norm(attended + x, "LayerNorm")
    with tf1.variable_scope("ffn_1/intermediate"):
        inner = activation(config, dense(x, config["intermediate_size"], "dense"))
        with tf1.variable_scope("output"):
            inner = dense(inner, config["hidden_size"], "dense")
    return layer_norm(inner + x, "LayerNorm_1")


def encoder(config: Config, inputs: dict[str, tf.Tensor], partitions: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The hidden states, the pooled first one, and the word embeddings.

    Args:
        config: Google's configuration.
        inputs: ``input_ids``, ``attention_mask`` and ``token_type_ids``, each ``[batch, seq]``.
        partitions: Into how many slices the word embeddings are cut.
    """
    width = config["embedding_size"]
    with tf1.variable_scope("bert"):
        with tf1.variable_scope("embeddings"):
            words = variable("word_embeddings", config["vocab_size"], width, slices=partitions)
            segments = variable("token_type_embeddings", config["type_vocab_size"], width)
            positions = variable("position_embeddings", config["max_position_embeddings"], width)
            x = tf.gather(words, inputs["input_ids"]) + tf.gather(segments, inputs["token_type_ids"])
            x = layer_norm(x + positions[: inputs["input_ids"].shape[1]], "LayerNorm")
        with tf1.variable_scope("encoder"):
            if width != config["hidden_size"]:
                x = dense(x, config["hidden_size"], "embedding_hidden_mapping_in")
            with tf1.variable_scope("transformer", reuse=tf1.AUTO_REUSE):
                for step in range(config["num_hidden_layers"]):
                    group = int(step / config["num_hidden_layers"] * config["num_hidden_groups"])
                    for inner in range(config["inner_group_num"]):
                        with tf1.variable_scope(f"group_{group}/inner_group_{inner}"):
                            x = layer(config, x, inputs["attention_mask"])
        with tf1.variable_scope("pooler"):
            pooled = tf.tanh(dense(x[:, 0], config["hidden_size"], "dense"))
    return x, pooled, words


def output(x: tf.Tensor, size: int) -> tf.Tensor:
    """An output layer: transposed ``output_weights`` and ``output_bias``."""
    weights, bias = variable("output_weights", size, x.shape[-1]), variable("output_bias", size)
    return tf.tensordot(x, weights, [[-1], [1]]) + bias


def pretraining(config: Config, x: tf.Tensor, pooled: tf.Tensor, words: tf.Tensor) -> dict[str, tf.Tensor]:
    """Both heads of pretraining."""
    with tf1.variable_scope("cls/predictions"):
        with tf1.variable_scope("transform"):
            y = layer_norm(activation(config, dense(x, config["embedding_size"], "dense")), "LayerNorm")
        logits = tf.tensordot(y, words, [[-1], [1]]) + variable("output_bias", config["vocab_size"])
    with tf1.variable_scope("cls/seq_relationship"):
        return {"prediction_logits": logits, "sop_logits": output(pooled, 2)}


def span(x: tf.Tensor) -> dict[str, tf.Tensor]:
    """The head of SQuAD 1.1."""
    with tf1.variable_scope("cls/squad"):
        start, end = tf.unstack(output(x, 2), axis=-1)
    return {"start_logits": start, "end_logits": end}


def answerable_span(x: tf.Tensor) -> dict[str, tf.Tensor]:
    """The variables of the head of SQuAD 2.0, which no class of flax-albert computes."""
    hidden = x.shape[-1]
    pairs = tf.concat([x, x], -1)
    with tf1.variable_scope("start_logits"):
        dense(x, 1, "dense")
    with tf1.variable_scope("end_logits"):
        dense(layer_norm(dense(pairs, hidden, "dense_0"), "LayerNorm"), 1, "dense_1")
    with tf1.variable_scope("answer_class"):
        dense(pairs, hidden, "dense_0")
        variable("dense_1/kernel", hidden, 1)
    return {"last_hidden_state": x}
