"""What a caller passes to a model -> arrays that it can compute on, or one sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike
from jaxtyping import Array

from flax_albert.config import AlbertConfig

Ids = ArrayLike | Sequence[Any]


def checked_inputs(
    model: str,
    config: AlbertConfig,
    rank: int,
    input_ids: Ids,
    attention_mask: Ids | None,
    token_type_ids: Ids | None,
    position_ids: Ids | None,
) -> dict[str, np.ndarray | Array]:
    """The four inputs as int32, missing ones filled in, so that equal shapes always meet the same executable.

    Args:
        model: Name of the model's class, for messages.
        config: Its configuration.
        rank: 2 for ``[batch, seq]``, 3 for ``[batch, num_choices, seq]``.
        input_ids: Vocabulary indices.
        attention_mask: 1 for tokens, 0 for padding.
        token_type_ids: Segments.
        position_ids: Positions.

    Returns:
        Arrays of one shape by argument name.

    Raises:
        TypeError: Something is no array of integers.
        ValueError: Shapes disagree, a sequence is too long or differs in length, or an index is out of range.

    Example:
        >>> from flax_albert import AlbertConfig
        >>> from flax_albert.model.inputs import checked_inputs
        >>> inputs = checked_inputs("Model", AlbertConfig(), 2, [[2, 7, 3]], None, None, None)
        >>> inputs["position_ids"].tolist(), inputs["attention_mask"].tolist()
        ([[0, 1, 2]], [[1, 1, 1]])
    """
    ids = integers("input_ids", input_ids)
    # While a function is exported for any batch or length, those are symbols: nothing can be decided about them.
    known = all(isinstance(size, int) for size in ids.shape)
    fill: Any = np if known else jnp
    if ids.ndim != rank:
        axes = "[batch, seq]" if rank == 2 else "[batch, num_choices, seq]"
        raise ValueError(f"{model}: input_ids must be {axes}, got shape {tuple(ids.shape)}.")
    if known and ids.size == 0:
        raise ValueError(f"{model}: input_ids holds nothing, its shape is {tuple(ids.shape)}.")
    limit = config.max_position_embeddings
    if known and position_ids is None and ids.shape[-1] > limit:
        raise ValueError(
            f"{model}: the sequence has {ids.shape[-1]} tokens, and the model has {limit} positions; "
            "truncate the text (truncation=True, max_length=...) or cut it into windows."
        )
    filled = {
        "input_ids": ids,
        "attention_mask": fill.ones(ids.shape, np.int32) if attention_mask is None else attention_mask,
        "token_type_ids": fill.zeros(ids.shape, np.int32) if token_type_ids is None else token_type_ids,
        "position_ids": fill.broadcast_to(fill.arange(ids.shape[-1], dtype=np.int32), ids.shape)
        if position_ids is None
        else position_ids,
    }
    rows = {
        "input_ids": config.vocab_size,
        "token_type_ids": config.type_vocab_size,
        "position_ids": limit,
    }
    checked: dict[str, np.ndarray | Array] = {}
    for key, value in filled.items():
        value = integers(key, value)
        if value.shape != ids.shape:
            raise ValueError(f"{model}: {key} has shape {tuple(value.shape)}, input_ids {tuple(ids.shape)}.")
        # Only what is on the host is looked at: looking at an accelerator's array would wait for it.
        if key in rows and _on_host(value):
            seen = np.asarray(value)
            low, high = int(seen.min()), int(seen.max())
            if low < 0 or high >= rows[key]:
                outside = low if low < 0 else high
                raise ValueError(f"{model}: {key} holds {outside}, and the model knows 0 to {rows[key] - 1}.")
        checked[key] = value.astype(np.int32)
    return checked


def integers(name: str, value: Ids) -> np.ndarray | Array:
    """An argument as an array of integers, not yet cast; a mask may be of floats, and ids of whole ones like 1.0.

    Raises:
        TypeError: It holds something else.
        ValueError: Its rows differ in length.
    """
    try:
        array = value if isinstance(value, jax.Array) else np.asarray(value)
    except ValueError:
        raise ValueError(f"{name}: the sequences differ in length; pad them (padding=True in the tokenizer).") from None
    if array.dtype.kind in "iub" or (array.dtype.kind == "f" and (name == "attention_mask" or _whole(array))):
        return array
    raise TypeError(f"{name} must be integers, got {array.dtype}.")


def _whole(array: np.ndarray | Array) -> bool:
    if not _on_host(array):
        return False
    seen = np.asarray(array)
    return bool((np.isfinite(seen) & (np.trunc(seen) == seen)).all())


def _on_host(value: np.ndarray | Array) -> bool:
    if not isinstance(value, jax.Array):
        return True
    if isinstance(value, jax.core.Tracer) or len(value.devices()) > 1:
        return False
    return all(device.platform == "cpu" for device in value.devices())
