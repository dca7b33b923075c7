"""Pads inputs that are already ids, as a data loader does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flax_albert.tokenization.strategies import Limits
from flax_albert.tokenization.tensors import TensorType, tensor_type_of, to_lists


@dataclass(frozen=True)
class PaddingValues:
    """What padding consists of.

    Attributes:
        side: ``"left"`` or ``"right"``.
        by_name: Input name to the value that pads it; inputs of other names are left as they are.
    """

    side: str
    by_name: dict[str, int]


def gather(encoded: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], TensorType | None]:
    """Makes one dict of lists of what may be padded, and says what kind of array its ids were.

    Args:
        encoded: Inputs by name, of one text or of a batch; or a list of such, one a text.

    Returns:
        Inputs by name as lists, and ``"np"``, ``"jax"``, or None where the ids were lists.

    Raises:
        ValueError: There are no ``input_ids``, or the texts have different inputs.
    """
    if isinstance(encoded, Mapping):
        inputs = dict(encoded)
    else:
        if not encoded:
            raise ValueError("there is nothing to pad: the list of inputs is empty.")
        names = set(encoded[0])
        for index, item in enumerate(encoded):
            if set(item) != names:
                raise ValueError(f"inputs 0 and {index} have different names: {sorted(names)} and {sorted(item)}.")
        inputs = {name: [item[name] for item in encoded] for name in encoded[0]}
    if "input_ids" not in inputs:
        raise ValueError(f"pad needs input_ids, and it was given {sorted(inputs)}.")
    ids = inputs["input_ids"]
    kind = tensor_type_of(ids) or (tensor_type_of(ids[0]) if isinstance(ids, (list, tuple)) and ids else None)
    return {name: to_lists(value) for name, value in inputs.items()}, kind


def pad_inputs(inputs: dict[str, Any], limits: Limits, values: PaddingValues, attention_mask: bool) -> dict[str, Any]:
    """Pads inputs to one length.

    Args:
        inputs: Inputs by name, as lists: of one text, or of a batch.
        limits: The length.
        values: What padding consists of.
        attention_mask: Whether to add an attention mask where there is none.

    Returns:
        The padded inputs; the given ones are left as they are.

    Raises:
        ValueError: The inputs of a batch are not equally many.

    Example:
        >>> from flax_albert.tokenization.padding import PaddingValues, pad_inputs
        >>> from flax_albert.tokenization.strategies import Limits
        >>> values = PaddingValues("right", {"input_ids": 0, "attention_mask": 0})
        >>> limits = Limits("longest", "do_not_truncate", None, 0, None)
        >>> pad_inputs({"input_ids": [[2, 5, 3], [2, 3]]}, limits, values, attention_mask=True)
        {'input_ids': [[2, 5, 3], [2, 3, 0]], 'attention_mask': [[1, 1, 1], [1, 1, 0]]}
    """
    rows = inputs["input_ids"]
    if not rows or not isinstance(rows[0], list):
        length = _length([rows], limits)
        return _pad_one(inputs, length, values, attention_mask)
    for name, value in inputs.items():
        if len(value) != len(rows):
            raise ValueError(f"input_ids has {len(rows)} texts and {name} has {len(value)}; they must be as many.")
    length = _length(rows, limits)
    padded = [
        _pad_one({name: value[index] for name, value in inputs.items()}, length, values, attention_mask)
        for index in range(len(rows))
    ]
    return {name: [row[name] for row in padded] for name in padded[0]}


def _length(rows: list[list[int]], limits: Limits) -> int | None:
    if not limits.pads:
        return None
    length = max(map(len, rows)) if limits.padding == "longest" or limits.max_length is None else limits.max_length
    multiple = limits.pad_to_multiple_of or 1
    return -(-length // multiple) * multiple


def _pad_one(inputs: dict[str, Any], length: int | None, values: PaddingValues, attention_mask: bool) -> dict[str, Any]:
    """Pads one text; a text longer than the length stays as it is."""
    inputs = dict(inputs)
    count = len(inputs["input_ids"])
    if attention_mask and "attention_mask" not in inputs:
        inputs["attention_mask"] = [1] * count
    if length is None:
        return inputs
    for name, value in values.by_name.items():
        if name in inputs:
            padding = [value] * (length - count)
            inputs[name] = inputs[name] + padding if values.side == "right" else padding + inputs[name]
    return inputs
