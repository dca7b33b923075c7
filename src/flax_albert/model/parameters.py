"""THE TABLE: every parameter of the backbone and of the heads, described once.

A row names a module, says of which kind it is, along which logical axes its kernel runs, how it is initialised, and
where Google's TensorFlow checkpoints keep it. A kind holds the rule for the leaves: their names and shapes here, in
PyTorch and in TensorFlow. Declaring parameters, reading and writing checkpoints and weight-decay masks all expand these
same rows.
"""

from __future__ import annotations

import enum
import re
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
class Output:
    """An output layer of Google's programs, whose variables are ``output_weights``, transposed, and ``output_bias``.

    Attributes:
        scope: What stands before both names.
    """

    scope: str


@dataclass(frozen=True)
class Row:
    """One module of the table.

    Attributes:
        path: Module path; ``{group}`` and ``{inner}`` stand for the indices of a parameter group and of a layer in it.
        kind: Rule for the leaves.
        axes: Logical axes of the kernel or embedding; the last one is the bias's.
        initializer: How the kernel or embedding is drawn.
        tensorflow: Its variable scope in Google's checkpoints (TensorFlow 1); ``None`` where those never hold it.
        keras: Its path in transformers' Keras classes (TensorFlow 2) where it is another one than here.
    """

    path: str
    kind: Kind
    axes: tuple[str, ...]
    initializer: Initializer = Initializer.NORMAL
    tensorflow: str | Output | None = None
    keras: str | None = None


@dataclass(frozen=True)
class Leaf:
    """One parameter: a row expanded for a configuration.

    Attributes:
        path: Keys from the root of the parameter tree to the array.
        axes: Logical axis names, one a dimension.
        shape: Sizes of those axes.
        torch_name: Name in a PyTorch state dictionary.
        torch_transposed: Whether PyTorch stores it transposed.
        tensorflow_name: Name of the variable in Google's checkpoints, if those ever hold it.
        tensorflow_transposed: Whether it is transposed there.
        keras_names: Its possible names in files of transformers' Keras classes, where it is never transposed.
        initializer: How it is drawn; ``None`` for biases (zeros) and scales (ones).
        decays: Whether weight decay applies: to kernels and embeddings, not to biases and layer norms.
    """

    path: tuple[str, ...]
    axes: tuple[str, ...]
    shape: tuple[int, ...]
    torch_name: str
    torch_transposed: bool
    tensorflow_name: str | None
    tensorflow_transposed: bool
    keras_names: tuple[str, ...]
    initializer: Initializer | None
    decays: bool


_LAYER = "encoder/albert_layer_groups/{group}/albert_layers/{inner}"
_TF_LAYER = "bert/encoder/transformer/group_{group}/inner_group_{inner}"


def _layer(path: str, kind: Kind, axes: tuple[str, ...], tensorflow: str) -> Row:
    return Row(f"{_LAYER}/{path}", kind, axes, tensorflow=f"{_TF_LAYER}/{tensorflow}")


def _embedding(path: str, kind: Kind, axes: tuple[str, ...]) -> Row:
    return Row(f"embeddings/{path}", kind, axes, tensorflow=f"bert/embeddings/{path}")


def _head(
    path: str, kind: Kind, axes: tuple[str, ...], tensorflow: str | Output | None, keras: str | None = None
) -> Row:
    return Row(path, kind, axes, Initializer.LECUN_NORMAL, tensorflow, keras)


BACKBONE = (
    _embedding("word_embeddings", Kind.EMBED, ("vocab", "embedding")),
    _embedding("position_embeddings", Kind.EMBED, ("position", "embedding")),
    _embedding("token_type_embeddings", Kind.EMBED, ("segment", "embedding")),
    _embedding("LayerNorm", Kind.NORM, ("embedding",)),
    Row(
        "encoder/embedding_hidden_mapping_in",
        Kind.DENSE,
        ("embedding", "hidden"),
        tensorflow="bert/encoder/embedding_hidden_mapping_in",
    ),
    _layer("attention/query", Kind.DENSE, ("hidden", "heads"), "attention_1/self/query"),
    _layer("attention/key", Kind.DENSE, ("hidden", "heads"), "attention_1/self/key"),
    _layer("attention/value", Kind.DENSE, ("hidden", "heads"), "attention_1/self/value"),
    _layer("attention/dense", Kind.DENSE, ("heads", "hidden"), "attention_1/output/dense"),
    _layer("attention/LayerNorm", Kind.NORM, ("hidden",), "LayerNorm"),
    _layer("ffn", Kind.DENSE, ("hidden", "intermediate"), "ffn_1/intermediate/dense"),
    _layer("ffn_output", Kind.DENSE, ("intermediate", "hidden"), "ffn_1/intermediate/output/dense"),
    _layer("full_layer_layer_norm", Kind.NORM, ("hidden",), "LayerNorm_1"),
)
POOLER = (Row("pooler", Kind.DENSE, ("hidden", "pooled"), tensorflow="bert/pooler/dense"),)
PREDICTIONS = (
    _head("dense", Kind.DENSE, ("hidden", "embedding"), "cls/predictions/transform/dense"),
    _head("LayerNorm", Kind.NORM, ("embedding",), "cls/predictions/transform/LayerNorm"),
    _head("bias", Kind.VECTOR, ("vocab",), "cls/predictions/output_bias", keras="decoder/bias"),
)
UNTIED_DECODER = (_head("decoder", Kind.DENSE_WITHOUT_BIAS, ("embedding", "vocab"), None),)
SENTENCE_ORDER = (_head("classifier", Kind.DENSE, ("pooled", "order"), Output("cls/seq_relationship/")),)
SEQUENCE_CLASSIFIER = (_head("classifier", Kind.DENSE, ("pooled", "label"), Output("")),)
CHOICE_CLASSIFIER = (_head("classifier", Kind.DENSE, ("pooled", "choice_score"), Output("")),)
TOKEN_CLASSIFIER = (_head("classifier", Kind.DENSE, ("hidden", "label"), Output("")),)
SPAN = (_head("qa_outputs", Kind.DENSE, ("hidden", "label"), Output("cls/squad/")),)

# PyTorch files may also hold these tied copies (name -> the parameter it copies); they are read only where they are
# parameters of their own (an untied decoder's weight).
TORCH_TIED_COPIES = {
    "predictions.decoder.weight": "embeddings.word_embeddings.weight",
    "predictions.decoder.bias": "predictions.bias",
}
# Keras's masked-LM head keeps two biases of the vocabulary and adds the decoder's; the other one is never trained.
KERAS_COPIES = {"predictions/bias": "predictions/decoder/bias"}


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
    return tuple(
        replace(row, path=f"{prefix}/{row.path}", keras=f"{prefix}/{row.keras}" if row.keras else None) for row in rows
    )


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
    return [leaf for row in rows for indexed in _indexed(row, config) for leaf in _leaves(indexed, sizes)]


def nested(leaves: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    """A nested dictionary from values by path: the shape of a parameter tree."""
    tree: dict[str, Any] = {}
    for path, value in leaves.items():
        node = tree
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = value
    return tree


def _indexed(row: Row, config: AlbertConfig) -> Iterator[Row]:
    """The row once for every layer that has parameters of its own."""
    if "{group}" not in row.path:
        yield row
        return
    for group in range(config.num_hidden_groups):
        for inner in range(config.inner_group_num):
            tensorflow = str(row.tensorflow).format(group=group, inner=inner)
            yield replace(row, path=row.path.format(group=group, inner=inner), tensorflow=tensorflow)


@dataclass(frozen=True)
class _Rule:
    """What a leaf is called, here, in PyTorch, in TensorFlow and in Keras (empty: as the module), and how it lies."""

    flax: str
    torch: str
    tensorflow: str
    keras: tuple[str, ...]
    axes: tuple[str, ...]
    torch_transposed: bool = False
    initializer: Initializer | None = None


def _leaves(row: Row, sizes: dict[str, int]) -> Iterator[Leaf]:
    """The leaves of a module by the rule of its kind."""
    last = row.axes[-1:]
    kernel = _Rule("kernel", "weight", "kernel", ("kernel",), row.axes, True, row.initializer)
    bias = _Rule("bias", "bias", "bias", ("bias",), last)
    match row.kind:
        case Kind.DENSE:
            rules = (kernel, bias)
        case Kind.DENSE_WITHOUT_BIAS:
            rules = (kernel,)
        case Kind.NORM:
            rules = (
                _Rule("scale", "weight", "gamma", ("gamma",), last),
                replace(bias, tensorflow="beta", keras=("beta",)),
            )
        case Kind.EMBED:
            # The Keras classes spell the words' leaf in one way and the others' in the other.
            keras = ("embeddings", "weight")
            rules = (_Rule("embedding", "weight", "", keras, row.axes, False, row.initializer),)
        case Kind.VECTOR:
            rules = (_Rule("", "", "", ("",), last),)
    for rule in rules:
        yield _leaf(row, rule, tuple(sizes[axis] for axis in rule.axes))


def _leaf(row: Row, rule: _Rule, shape: tuple[int, ...]) -> Leaf:
    path = _joined(row.path, rule.flax)
    tensorflow, transposed = None, False
    if isinstance(row.tensorflow, Output):
        transposed = rule.flax == "kernel"
        tensorflow = f"{row.tensorflow.scope}output_{'weights' if transposed else rule.tensorflow}"
    elif row.tensorflow is not None:
        tensorflow = _joined(row.tensorflow, rule.tensorflow)
    # Keras layers in lists carry their number in their name.
    keras = re.sub(r"/(\d+)", r"_._\1", row.keras or row.path)
    return Leaf(
        path=tuple(path.split("/")),
        axes=rule.axes,
        shape=shape,
        torch_name=_joined(row.path, rule.torch).replace("/", "."),
        torch_transposed=rule.torch_transposed,
        tensorflow_name=tensorflow,
        tensorflow_transposed=transposed,
        keras_names=tuple(_joined(keras, name) for name in rule.keras),
        initializer=rule.initializer,
        decays=rule.initializer is not None,
    )


def _joined(path: str, leaf: str) -> str:
    return f"{path}/{leaf}" if leaf else path
