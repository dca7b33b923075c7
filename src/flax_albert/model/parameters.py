"""THE TABLE: every parameter of the backbone and of the heads, described once.

A row names a module, says of which kind it is, along which logical axes its kernel runs, and how it is initialised. A
kind holds the rule for the leaves: their names and shapes here and in PyTorch. Declaring parameters, reading and
writing checkpoints and weight-decay masks all expand these same rows.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flax_albert.config import AlbertConfig


class Kind(enum.Enum):
    """What a module of the table is; :func:`_leaves` holds the rule for its leaves."""

    DENSE = "dense"
    DENSE_WITHOUT_BIAS = "dense without bias"
    NORM = "norm"
    EMBED = "embed"
    VECTOR = "vector"


class Initializer(enum.Enum):
    """How a kernel is drawn: the names of ``jax.nn.initializers``; biases are zeros and scales ones."""

    NORMAL = "normal"  # standard deviation: initializer_range
    LECUN_NORMAL = "lecun_normal"


@dataclass(frozen=True)
class Row:
    """One module of the table.

    Attributes:
        path: Module path; ``{group}`` and ``{inner}`` stand for the indices of a parameter group and of a layer in it.
        kind: Rule for the leaves.
        axes: Logical axes of the kernel or embedding; the last one is the bias's.
        initializer: How the kernel or embedding is drawn.
    """

    path: str
    kind: Kind
    axes: tuple[str, ...]
    initializer: Initializer = Initializer.NORMAL


@dataclass(frozen=True)
class Leaf:
    """One parameter: a row expanded for a configuration.

    Attributes:
        path: Keys from the root of the parameter tree to the array.
        axes: Logical axis names, one a dimension.
        shape: Sizes of those axes.
        torch_name: Name in a PyTorch state dictionary.
        torch_transposed: Whether PyTorch stores it transposed.
        initializer: How it is drawn; ``None`` for biases (zeros) and scales (ones).
        decays: Whether weight decay applies: to kernels and embeddings, not to biases and layer norms.
    """

    path: tuple[str, ...]
    axes: tuple[str, ...]
    shape: tuple[int, ...]
    torch_name: str
    torch_transposed: bool
    initializer: Initializer | None
    decays: bool


_LAYER = "encoder/albert_layer_groups/{group}/albert_layers/{inner}"

BACKBONE = (
    Row("embeddings/word_embeddings", Kind.EMBED, ("vocab", "embedding")),
    Row("embeddings/position_embeddings", Kind.EMBED, ("position", "embedding")),
    Row("embeddings/token_type_embeddings", Kind.EMBED, ("segment", "embedding")),
    Row("embeddings/LayerNorm", Kind.NORM, ("embedding",)),
    Row("encoder/embedding_hidden_mapping_in", Kind.DENSE, ("embedding", "hidden")),
    Row(f"{_LAYER}/attention/query", Kind.DENSE, ("hidden", "heads")),
    Row(f"{_LAYER}/attention/key", Kind.DENSE, ("hidden", "heads")),
    Row(f"{_LAYER}/attention/value", Kind.DENSE, ("hidden", "heads")),
    Row(f"{_LAYER}/attention/dense", Kind.DENSE, ("heads", "hidden")),
    Row(f"{_LAYER}/attention/LayerNorm", Kind.NORM, ("hidden",)),
    Row(f"{_LAYER}/ffn", Kind.DENSE, ("hidden", "intermediate")),
    Row(f"{_LAYER}/ffn_output", Kind.DENSE, ("intermediate", "hidden")),
    Row(f"{_LAYER}/full_layer_layer_norm", Kind.NORM, ("hidden",)),
)
POOLER = (Row("pooler", Kind.DENSE, ("hidden", "pooled")),)
PREDICTIONS = (
    Row("dense", Kind.DENSE, ("hidden", "embedding"), Initializer.LECUN_NORMAL),
    Row("LayerNorm", Kind.NORM, ("embedding",)),
    Row("bias", Kind.VECTOR, ("vocab",)),
)
UNTIED_DECODER = (Row("decoder", Kind.DENSE_WITHOUT_BIAS, ("embedding", "vocab"), Initializer.LECUN_NORMAL),)
SENTENCE_ORDER = (Row("classifier", Kind.DENSE, ("pooled", "order"), Initializer.LECUN_NORMAL),)
SEQUENCE_CLASSIFIER = (Row("classifier", Kind.DENSE, ("pooled", "label"), Initializer.LECUN_NORMAL),)
CHOICE_CLASSIFIER = (Row("classifier", Kind.DENSE, ("pooled", "choice_score"), Initializer.LECUN_NORMAL),)
TOKEN_CLASSIFIER = (Row("classifier", Kind.DENSE, ("hidden", "label"), Initializer.LECUN_NORMAL),)
SPAN = (Row("qa_outputs", Kind.DENSE, ("hidden", "label"), Initializer.LECUN_NORMAL),)

# PyTorch files may also hold these tied copies (name -> the parameter it copies); they are read only where they are
# parameters of their own (an untied decoder's weight).
TORCH_TIED_COPIES = {
    "predictions.decoder.weight": "embeddings.word_embeddings.weight",
    "predictions.decoder.bias": "predictions.bias",
}


def axis_sizes(config: AlbertConfig) -> dict[str, int]:
    """Size of every logical axis of the table."""
    return {
        "vocab": config.vocab_size,
        "position": config.max_position_embeddings,
        "segment": config.type_vocab_size,
        "embedding": config.embedding_size,
        "hidden": config.hidden_size,
        "heads": config.hidden_size,
        "pooled": config.hidden_size,
        "intermediate": config.intermediate_size,
        "label": config.num_labels,
        "order": 2,
        "choice_score": 1,
    }


def under(prefix: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    """The same rows below a module path."""
    return tuple(replace(row, path=f"{prefix}/{row.path}") for row in rows)


def backbone_rows(add_pooling_layer: bool) -> tuple[Row, ...]:
    """Rows of the bare model, with or without its pooler."""
    return BACKBONE + POOLER if add_pooling_layer else BACKBONE


def prediction_rows(config: AlbertConfig) -> tuple[Row, ...]:
    """Rows of the masked-LM head: with a decoder of its own where the word embeddings are not tied to it."""
    return PREDICTIONS if config.tie_word_embeddings else PREDICTIONS + UNTIED_DECODER


def expand(rows: Iterable[Row], config: AlbertConfig) -> list[Leaf]:
    """Every parameter that rows stand for, in table order.

    Example:
        >>> from flax_albert import AlbertConfig
        >>> from flax_albert.model.parameters import SENTENCE_ORDER, expand
        >>> [(leaf.path, leaf.shape) for leaf in expand(SENTENCE_ORDER, AlbertConfig.released("albert-base-v2"))]
        [(('classifier', 'kernel'), (768, 2)), (('classifier', 'bias'), (2,))]
    """
    sizes = axis_sizes(config)
    return [leaf for row in rows for path in _paths(row.path, config) for leaf in _leaves(row, path, sizes)]


def nested(leaves: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    """A nested dictionary from values by path: the shape of a parameter tree."""
    tree: dict[str, Any] = {}
    for path, value in leaves.items():
        node = tree
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = value
    return tree


def _paths(path: str, config: AlbertConfig) -> Iterator[str]:
    if "{group}" not in path:
        yield path
        return
    for group in range(config.num_hidden_groups):
        for inner in range(config.inner_group_num):
            yield path.format(group=group, inner=inner)


def _leaves(row: Row, path: str, sizes: dict[str, int]) -> Iterator[Leaf]:
    """The rule of each kind: leaf name here, leaf name in PyTorch, axes, whether transposed there, initializer."""
    last = row.axes[-1:]
    kernel = ("kernel", "weight", row.axes, True, row.initializer)
    bias = ("bias", "bias", last, False, None)
    match row.kind:
        case Kind.DENSE:
            rule = (kernel, bias)
        case Kind.DENSE_WITHOUT_BIAS:
            rule = (kernel,)
        case Kind.NORM:
            rule = (("scale", "weight", last, False, None), bias)
        case Kind.EMBED:
            rule = (("embedding", "weight", row.axes, False, row.initializer),)
        case Kind.VECTOR:
            rule = ((None, None, last, False, None),)
    for name, torch_name, axes, transposed, initializer in rule:
        keys = path.split("/")
        yield Leaf(
            path=tuple([*keys, name] if name else keys),
            axes=axes,
            shape=tuple(sizes[axis] for axis in axes),
            torch_name=".".join([*keys, torch_name] if torch_name else keys),
            torch_transposed=transposed,
            initializer=initializer,
            decays=initializer is not None,
        )
