"""A start that saves steps: what a short run would otherwise spend most of its time finding out.

From random parameters, the model stays for thousands of steps at predicting how frequent each piece is, whatever
surrounds it: attention first has to find its neighbours, and the embeddings what their pieces have to do with one
another. Both can be counted and computed in a minute. Here the output begins with the frequencies, the embeddings with
what occurs near what, and every head with looking at one neighbour; all of it is trained from there like any other
parameter.
"""

import copy

import jax.numpy as jnp
import numpy as np

from flax_albert.config import AlbertConfig
from flax_albert.pretrained import ParameterTree

NEIGHBOURS = (-1, 1, -2, 2)
SHARPNESS = 3.0  # of the heads' look at their neighbour; 3 puts more than half of the weight on it in the first layer
AMPLITUDE = 0.06  # of words and of positions alike, so that neither drowns in their sum
NEAR = {1: 1.0, 2: 1.0, 3: 0.7, 4: 0.5, 5: 0.5}  # weight of a co-occurrence by distance
COUNTED = 20_000_000  # pieces are enough to count


def associations(pieces: np.ndarray, vocabulary: int, size: int, seed: int) -> np.ndarray:
    """Embeds pieces by what occurs near them.

    The scalar products of the rows approximate the positive logarithms of how much more often two pieces occur within
    five of each other than by chance, with contexts' frequencies flattened by the power 3/4 (as word2vec does in its
    way): a truncated eigenvalue decomposition, by subspace iteration.

    Args:
        pieces: The text, ``[pieces]``.
        vocabulary: Number of pieces there are.
        size: Width of the embedding.
        seed: Seed of the iteration's first guess.

    Returns:
        Embeddings of unit variance, ``[vocabulary, size]``.
    """
    pieces = pieces[:COUNTED].astype(np.int64)
    near = np.zeros(vocabulary * vocabulary, np.float32)
    for distance, weight in NEAR.items():
        pairs = pieces[:-distance] * vocabulary + pieces[distance:]
        near += weight * np.bincount(pairs, minlength=len(near)).astype(np.float32)
    near = near.reshape(vocabulary, vocabulary)
    near += near.T
    rows = near.sum(axis=1) + 1
    contexts = rows**0.75 / (rows**0.75).sum()
    surprise = np.log((near + 0.1) / (rows[:, None] * contexts + 0.1))
    surprise = np.maximum((surprise + surprise.T) / 2, 0)

    guess = np.random.default_rng(seed).normal(size=(vocabulary, size + 16)).astype(np.float32)
    for _ in range(5):
        guess = np.linalg.qr(surprise @ guess)[0]
    values, vectors = np.linalg.eigh(guess.T @ surprise @ guess)
    largest = np.argsort(-np.abs(values))[:size]
    embedding = (guess @ vectors[:, largest]) * np.sqrt(np.abs(values[largest]))
    embedding -= embedding.mean(axis=0)
    return np.clip(embedding / embedding.std(), -4, 4)


def waves(positions: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns falling frequencies, ``[size / 2]``, and their sines and cosines by position, ``[positions, size]``."""
    frequencies = np.pi / 2 * positions ** (-np.arange(size // 2) / (size // 2))
    angles = np.arange(positions)[:, None] * frequencies
    return frequencies, np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def turned(frequencies: np.ndarray, offset: int) -> np.ndarray:
    """Returns the matrix that turns the waves at a position, ``[sines, cosines]``, into those ``offset`` places on."""
    cosine, sine = np.diag(np.cos(frequencies * offset)), np.diag(np.sin(frequencies * offset))
    return np.block([[cosine, -sine], [sine, cosine]])


def informed(parameters: ParameterTree, config: AlbertConfig, pieces: np.ndarray, seed: int) -> ParameterTree:
    """Replaces some of the random initial parameters.

    Args:
        parameters: Random initial parameters of the model for pretraining.
        config: Its configuration.
        pieces: The training text.
        seed: Seed of the projections that are drawn here.

    Returns:
        Parameters with these changes: words are embedded by their `associations`, positions as waves; the projection of
        the embeddings keeps their angles, and the head projects back; queries are keys turned by one of `NEIGHBOURS` a
        head, and what the heads find passes on unchanged; the bias of the output is the logarithm of the frequencies.
    """
    random = np.random.default_rng(seed)
    size, heads = config.hidden_size // config.num_attention_heads, config.num_attention_heads
    frequencies, table = waves(config.max_position_embeddings, config.embedding_size)
    projection = np.linalg.qr(random.normal(size=(config.hidden_size, config.embedding_size)))[0].T
    half = config.embedding_size // 2
    fastest = np.concatenate([np.arange(size // 2), half + np.arange(size // 2)])
    keys = np.sqrt(SHARPNESS) * projection.T[:, fastest]
    offsets = [NEIGHBOURS[head % len(NEIGHBOURS)] for head in range(heads)]
    queries = [keys @ turned(frequencies[: size // 2], offset) for offset in offsets]
    rotation = np.linalg.qr(random.normal(size=(config.hidden_size, config.hidden_size)))[0]
    words = associations(pieces, config.vocab_size, config.embedding_size, seed)
    counts = np.bincount(pieces, minlength=config.vocab_size) + 1

    parameters = copy.deepcopy(parameters)
    embeddings, encoder = parameters["albert"]["embeddings"], parameters["albert"]["encoder"]
    attention = encoder["albert_layer_groups"]["0"]["albert_layers"]["0"]["attention"]
    for module, leaf, value in (
        (embeddings["word_embeddings"], "embedding", AMPLITUDE * words),
        (embeddings["position_embeddings"], "embedding", AMPLITUDE * table),
        (encoder["embedding_hidden_mapping_in"], "kernel", projection),
        (attention["query"], "kernel", np.concatenate(queries, axis=1)),
        (attention["key"], "kernel", np.tile(keys, heads)),
        (attention["value"], "kernel", rotation),
        (attention["dense"], "kernel", rotation.T),
        (parameters["predictions"]["dense"], "kernel", projection.T),
        (parameters["predictions"], "bias", np.log(counts / counts.sum())),
    ):
        module[leaf] = jnp.asarray(value, jnp.float32)
    return parameters
