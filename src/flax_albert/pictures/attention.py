"""A text -> its attention maps."""

from __future__ import annotations

import numpy as np

from flax_albert.model.compiled import applied
from flax_albert.model.inputs import checked_inputs
from flax_albert.pictures.maps import AttentionMaps
from flax_albert.pretrained import FlaxAlbertPreTrainedModel, ParameterTree
from flax_albert.tokenization import PreTrainedTokenizerBase

_BUCKET = 64  # lengths are padded to its multiples, so that a notebook's next text meets a compiled call


def attention_maps(
    model: FlaxAlbertPreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    text: str,
    text_pair: str | None = None,
    *,
    params: ParameterTree | None = None,
) -> AttentionMaps:
    """Computes how much each token of a text attends to each, in every layer and head.

    A step of the encoder counts as a layer: ``num_hidden_layers * inner_group_num`` of them. The model's own
    ``attn_implementation`` plays no part, for a fused kernel has no probabilities to show.

    Args:
        model: A model of any class; what its head makes of the text does not matter.
        tokenizer: Its tokenizer.
        text: The text.
        text_pair: The second text of a pair.
        params: Parameters to use instead of the model's own.

    Returns:
        Tokens and probabilities, without padding.

    Raises:
        TypeError: A text is not a ``str``.
        ValueError: The text is empty or longer than the model's positions, or the tokenizer is another model's.
        FloatingPointError: The probabilities are not finite.

    Example:
        >>> from flax_albert import AutoTokenizer, FlaxAlbertModel, attention_maps
        >>> model = FlaxAlbertModel.from_pretrained("albert-mini-en", add_pooling_layer=False)
        >>> tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
        >>> maps = attention_maps(model, tokenizer, "Is it raining?", "Take an umbrella.")
        >>> float(maps.probabilities[0, 0, 0].sum().round(3))
        1.0
    """
    for name, value in (("text", text), ("text_pair", text_pair)):
        if not isinstance(value, str) and (name == "text" or value is not None):
            raise TypeError(f"{name} must be a str, got {type(value).__name__}.")
        if value is not None and not value.strip():
            raise ValueError(f"{name} is empty: there is nothing to attend to.")
    config = model.config
    if len(tokenizer) > config.vocab_size:
        raise ValueError(
            f"The tokenizer knows {len(tokenizer)} pieces and the model {config.vocab_size}: "
            "they do not belong together."
        )
    encoded = tokenizer(text, text_pair, verbose=False)
    ids, segments = encoded["input_ids"], encoded["token_type_ids"]
    if len(ids) > config.max_position_embeddings:
        what = "text has" if text_pair is None else "texts have"
        raise ValueError(
            f"The {what} {len(ids)} tokens, and the model takes {config.max_position_embeddings}; shorten it."
        )
    probabilities = _probabilities(model, ids, segments, tokenizer.pad_token_id or 0, params)
    around = {tokenizer.cls_token_id, tokenizer.sep_token_id}
    return AttentionMaps(
        tokens=tuple(tokenizer.convert_ids_to_tokens(ids)),
        probabilities=probabilities,
        texts=tuple(None if piece in around else segment for piece, segment in zip(ids, segments, strict=True)),
        layers=tuple(range(probabilities.shape[0])),
        heads=tuple(range(probabilities.shape[1])),
    )


def _probabilities(
    model: FlaxAlbertPreTrainedModel,
    ids: list[int],
    segments: list[int],
    padding: int,
    params: ParameterTree | None,
) -> np.ndarray:
    length, limit = len(ids), model.config.max_position_embeddings
    padded = min(-(-length // _BUCKET) * _BUCKET, limit)
    rows = {
        "input_ids": np.full(padded, padding, np.int32),
        "attention_mask": np.zeros(padded, np.int32),
        "token_type_ids": np.zeros(padded, np.int32),
    }
    for name, values in (("input_ids", ids), ("attention_mask", [1] * length), ("token_type_ids", segments)):
        rows[name][:length] = values
    module = model.module.clone(attn_implementation="xla")
    rank = getattr(type(module), "input_rank", 2)
    batch = {name: row.reshape((1,) * (rank - 1) + (padded,)) for name, row in rows.items()}
    inputs = checked_inputs(type(model).__name__, model.config, rank, **batch, position_ids=None)
    output = applied(module, model.params if params is None else params, inputs, None, False, True, False)
    layers = [np.asarray(layer[:, :, :length, :length], np.float32) for layer in output.attentions]
    probabilities = np.concatenate(layers)
    if not np.isfinite(probabilities).all():
        raise FloatingPointError("The attention is not finite; compute in float32 (dtype=jnp.float32).")
    return probabilities
