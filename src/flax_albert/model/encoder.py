"""Embeddings, layers, groups and encoder as pure functions of parameter trees, and the linen module around them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
from flax import linen as nn
from jax.typing import DTypeLike
from jaxtyping import Array, Float, Int

from flax_albert.config import AlbertConfig
from flax_albert.model import ops
from flax_albert.model.attention import attention, chosen, cudnn_attention
from flax_albert.model.outputs import FlaxBaseModelOutputWithPooling
from flax_albert.model.parameters import Initializer, Row, backbone_rows, expand, nested

Parameters = Mapping[str, Any]
LayerLoop = Literal["auto", "scan", "unroll"]


class Encoded(NamedTuple):
    """What :func:`encode` computes; the tuples are empty unless asked for."""

    last: Float[Array, "batch seq hidden"]
    hidden_states: tuple[Float[Array, "batch seq hidden"], ...]
    attentions: tuple[Float[Array, "batch heads seq seq"], ...]


def embed(
    parameters: Parameters,
    input_ids: Int[Array, "batch seq"],
    token_type_ids: Int[Array, "batch seq"],
    position_ids: Int[Array, "batch seq"],
    config: AlbertConfig,
    dtype: DTypeLike,
    dropout_key: ops.DropoutKey | None = None,
) -> Float[Array, "batch seq embedding"]:
    """Word, segment and position embeddings, summed, normalised and dropped out (ALBERT paper, section 3.1)."""
    word, segment, position = (
        jnp.take(parameters[name]["embedding"], ids, axis=0).astype(jnp.float32)  # NaN outside the table
        for name, ids in (
            ("word_embeddings", input_ids),
            ("token_type_embeddings", token_type_ids),
            ("position_embeddings", position_ids),
        )
    )
    total = word + segment + position
    normalised = ops.layer_norm(total, **parameters["LayerNorm"], epsilon=config.layer_norm_eps, dtype=dtype)
    return ops.dropout(normalised, config.hidden_dropout_prob, dropout_key)


def layer(
    parameters: Parameters,
    hidden: Float[Array, "batch seq hidden"],
    attention_mask: Int[Array, "batch seq"],
    dropout_key: ops.DropoutKey | None,
    config: AlbertConfig,
    dtype: DTypeLike,
    output_attentions: bool = False,
    attn_implementation: str = "auto",
) -> tuple[Float[Array, "batch seq hidden"], Float[Array, "batch heads seq seq"] | None]:
    """One transformer layer: attention and feed-forward, each with a residual and a layer norm after it.

    ``parameters["attention"]["query_key_value"]`` is the fused projection that :func:`fuse_projections` makes.
    """
    attend = parameters["attention"]
    keys = (None,) * 3 if dropout_key is None else tuple(jax.random.split(dropout_key, 3))
    heads = (config.num_attention_heads, config.hidden_size // config.num_attention_heads)

    projected = ops.dense(hidden, **attend["query_key_value"], dtype=dtype)
    query, key, value = (part.reshape(*part.shape[:2], *heads) for part in jnp.split(projected, 3, axis=-1))
    dropout_rate, probabilities = config.attention_probs_dropout_prob, None
    drops = dropout_key is not None and dropout_rate > 0
    if chosen(attn_implementation, query, drops, output_attentions) == "cudnn":
        attended = cudnn_attention(query, key, value, attention_mask)
    else:
        attended, probabilities = attention(query, key, value, attention_mask, dropout_rate, keys[0])
    attended = ops.dense(attended.reshape(hidden.shape), **attend["dense"], dtype=dtype)
    attended = residual_norm(attended, hidden, attend["LayerNorm"], config, dtype, keys[1])

    expanded = ops.ACTIVATIONS[config.hidden_act](ops.dense(attended, **parameters["ffn"], dtype=dtype))
    contracted = ops.dense(expanded, **parameters["ffn_output"], dtype=dtype)
    hidden = residual_norm(contracted, attended, parameters["full_layer_layer_norm"], config, dtype, keys[2])
    return hidden, probabilities if output_attentions else None


def residual_norm(
    update: Float[Array, "batch seq hidden"],
    residual: Float[Array, "batch seq hidden"],
    norm: Parameters,
    config: AlbertConfig,
    dtype: DTypeLike,
    dropout_key: ops.DropoutKey | None,
) -> Float[Array, "batch seq hidden"]:
    """Dropout on the update, residual sum in float32, layer norm."""
    update = ops.dropout(update, config.hidden_dropout_prob, dropout_key)
    total = update.astype(jnp.float32) + residual.astype(jnp.float32)
    return ops.layer_norm(total, **norm, epsilon=config.layer_norm_eps, dtype=dtype)


def fuse_projections(parameters: Parameters) -> dict[str, Any]:
    """A layer's parameters with query, key and value joined into one projection: one product instead of three."""
    attention = dict(parameters["attention"])
    parts = [attention.pop(name) for name in ("query", "key", "value")]
    attention["query_key_value"] = {
        leaf: jnp.concatenate([part[leaf] for part in parts], axis=-1) for leaf in ("kernel", "bias")
    }
    return {**parameters, "attention": attention}


def encode(
    parameters: Parameters,
    embedded: Float[Array, "batch seq embedding"],
    attention_mask: Int[Array, "batch seq"],
    config: AlbertConfig,
    dtype: DTypeLike,
    dropout_key: ops.DropoutKey | None = None,
    output_attentions: bool = False,
    output_hidden_states: bool = False,
    layer_loop: LayerLoop = "auto",
    attn_implementation: str = "auto",
    gradient_checkpointing: bool = False,
) -> Encoded:
    """The mapping to the hidden size, then every step of every group.

    A group's steps share parameters, so they run as one ``lax.scan`` (compiled once, whatever the depth) or unrolled.
    Query, key and value are fused once, outside the loop. With ``gradient_checkpointing`` the backward pass keeps
    only the input of each layer and computes the rest of it again.
    """
    hidden = ops.dense(embedded, **parameters["embedding_hidden_mapping_in"], dtype=dtype)
    hidden_states, attentions = [hidden], []
    unrolls = _unrolls(layer_loop)
    loop = _unrolled if unrolls else jax.lax.scan
    one_layer = functools.partial(
        layer,
        config=config,
        dtype=dtype,
        output_attentions=output_attentions,
        attn_implementation=attn_implementation,
    )
    if gradient_checkpointing:
        # In a scan the two passes are loops of their own, so nothing can merge what is computed twice.
        one_layer = jax.checkpoint(one_layer, prevent_cse=unrolls)

    for group, steps in enumerate(config.layers_of_group()):
        inner_layers = parameters["albert_layer_groups"][str(group)]["albert_layers"]
        fused = [fuse_projections(inner_layers[str(inner)]) for inner in range(config.inner_group_num)]
        if dropout_key is None:
            keys = None
        else:
            dropout_key, group_key = jax.random.split(dropout_key)
            keys = jax.random.split(group_key, (steps, config.inner_group_num))

        def step(hidden: Array, keys: Array | None, fused: list[dict[str, Any]] = fused) -> tuple[Array, Any]:
            probabilities = []
            for inner, layer_parameters in enumerate(fused):
                key = None if keys is None else keys[inner]
                hidden, weights = one_layer(layer_parameters, hidden, attention_mask, key)
                probabilities.append(weights)
            return hidden, (hidden if output_hidden_states else None, probabilities if output_attentions else None)

        hidden, (states, probabilities) = loop(step, hidden, keys, length=steps)
        if output_hidden_states:
            hidden_states.extend(states[index] for index in range(steps))
        if output_attentions:
            attentions.extend(weights[index] for index in range(steps) for weights in probabilities)
    return Encoded(hidden, tuple(hidden_states) if output_hidden_states else (), tuple(attentions))


def _unrolls(layer_loop: LayerLoop) -> bool:
    # Unrolled training runs faster on a GPU at equal compile time. On a CPU neither is clearly ahead, and the compile
    # time of the scan does not grow with depth.
    return layer_loop == "unroll" or (layer_loop == "auto" and jax.default_backend() == "gpu")


def _unrolled(step: Callable[..., Any], carry: Array, keys: Array | None, length: int) -> tuple[Array, Any]:
    """``lax.scan`` as a Python loop, collecting lists instead of stacked arrays."""
    collected = []
    for index in range(length):
        carry, output = step(carry, None if keys is None else keys[index])
        collected.append(output)
    states = [state for state, _ in collected]
    attentions = [weights for _, weights in collected]
    return carry, (states, None if attentions[0] is None else list(zip(*attentions, strict=True)))


class Declared(nn.Module):
    """Declares a tree of parameters, given as nested initialisers, and returns it."""

    initializers: Mapping[str, Any]

    @nn.compact
    def __call__(self) -> dict[str, Any]:
        """The parameters, as a nested dictionary."""
        return declare(self, self.initializers)


def declare(module: nn.Module, initializers: Mapping[str, Any]) -> dict[str, Any]:
    """Declares parameters below a module: a function is one parameter, a mapping a sub-module of them."""
    return {
        name: Declared(child, parent=module, name=name)() if isinstance(child, Mapping) else module.param(name, child)
        for name, child in initializers.items()
    }


def initializers_of(rows: tuple[Row, ...], config: AlbertConfig) -> dict[str, Any]:
    """Nested initialisers for the parameters that table rows stand for."""

    def initializer(path: tuple[str, ...], shape: tuple[int, ...], kind: Initializer | None) -> Callable[..., Array]:
        match kind:
            case Initializer.NORMAL:
                draw = nn.initializers.normal(config.initializer_range)
            case Initializer.LECUN_NORMAL:
                draw = nn.initializers.lecun_normal()
            case None:
                draw = nn.initializers.ones if path[-1] == "scale" else nn.initializers.zeros
        return lambda key: draw(key, shape, jnp.float32)

    return nested({leaf.path: initializer(leaf.path, leaf.shape, leaf.initializer) for leaf in expand(rows, config)})


class FlaxAlbertModule(nn.Module):
    """The bare ALBERT as a linen module, usable alone with ``init`` and ``apply``.

    Attributes:
        config: Sizes and settings.
        dtype: Dtype of the computation; parameters are declared in float32.
        add_pooling_layer: Whether to declare and apply the pooler.
        layer_loop: ``"scan"``, ``"unroll"`` or, by platform, ``"auto"``.
        attn_implementation: ``"xla"``, ``"cudnn"`` or, by platform and call, ``"auto"``; see
            :func:`flax_albert.model.attention.chosen`.
        gradient_checkpointing: Whether the backward pass computes each layer again instead of keeping it in memory.
    """

    config: AlbertConfig
    dtype: DTypeLike = jnp.float32
    add_pooling_layer: bool = True
    layer_loop: LayerLoop = "auto"
    attn_implementation: str = "auto"
    gradient_checkpointing: bool = False

    @property
    def table_rows(self) -> tuple[Row, ...]:
        """The rows of the parameter table that this module declares."""
        return backbone_rows(self.add_pooling_layer)

    @nn.compact
    def __call__(
        self,
        input_ids: Int[Array, "batch seq"],
        attention_mask: Int[Array, "batch seq"] | None = None,
        token_type_ids: Int[Array, "batch seq"] | None = None,
        position_ids: Int[Array, "batch seq"] | None = None,
        deterministic: bool = True,
        output_attentions: bool = False,
        output_hidden_states: bool = False,
        return_dict: bool = True,
    ) -> FlaxBaseModelOutputWithPooling | tuple[Any, ...]:
        """Embeddings, encoder and pooler. Missing inputs mean: no padding, one segment, positions from 0."""
        config = self.config
        if config.position_embedding_type != "absolute":
            raise ValueError(
                f"position_embedding_type is {config.position_embedding_type!r}; these models compute 'absolute' only."
            )
        parameters = declare(self, initializers_of(self.table_rows, config))
        if attention_mask is None:
            attention_mask = jnp.ones_like(input_ids)
        if token_type_ids is None:
            token_type_ids = jnp.zeros_like(input_ids)
        if position_ids is None:
            position_ids = jnp.broadcast_to(jnp.arange(input_ids.shape[-1]), input_ids.shape)

        embedding_key = encoder_key = None
        if not deterministic and (config.hidden_dropout_prob > 0 or config.attention_probs_dropout_prob > 0):
            embedding_key, encoder_key = jax.random.split(self.make_rng("dropout"))
        embedded = embed(
            parameters["embeddings"], input_ids, token_type_ids, position_ids, config, self.dtype, embedding_key
        )
        encoded = encode(
            parameters["encoder"],
            embedded,
            attention_mask,
            config,
            self.dtype,
            encoder_key,
            output_attentions,
            output_hidden_states,
            self.layer_loop,
            self.attn_implementation,
            self.gradient_checkpointing,
        )
        pooled = None
        if self.add_pooling_layer:
            pooled = jnp.tanh(ops.dense(encoded.last[:, 0], **parameters["pooler"], dtype=self.dtype))
        output = FlaxBaseModelOutputWithPooling(
            last_hidden_state=encoded.last,
            pooler_output=pooled,
            hidden_states=encoded.hidden_states or None,
            attentions=encoded.attentions or None,
        )
        return output if return_dict else output.to_tuple()
