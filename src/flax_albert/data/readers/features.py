"""Data sets of the ``datasets`` library, which is not imported: what their features say about numbers of classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_Decode = Callable[[Any], Any]


def decoder(features: Any) -> _Decode:
    """Makes a function that puts the names of classes into a row in place of their numbers.

    Args:
        features: The ``features`` of a data set; nothing where it does not tell them.

    Returns:
        The function. A number that stands for no class, such as the -1 of unlabelled rows, becomes ``None``.

    Example:
        >>> from flax_albert.data.readers.features import decoder
        >>> class ClassLabel:
        ...     names = ["no", "yes"]
        >>> decoder({"text": None, "label": ClassLabel()})({"text": "Fine.", "label": 1})
        {'text': 'Fine.', 'label': 'yes'}
    """
    decode = _of(features)
    return plain if decode is None else (lambda row: decode(plain(row)))


def plain(value: Any) -> Any:
    """A value without arrays, which data sets and tables give in place of numbers and lists.

    Args:
        value: A row, or what it holds.
    """
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


def _of(feature: Any) -> _Decode | None:
    """What decodes a value of a feature, if it has to be decoded."""
    names = getattr(feature, "names", None)
    if names is not None:
        return lambda value: _named(names, value)
    if isinstance(feature, Mapping):
        inner = {name: decode for name, part in feature.items() if (decode := _of(part))}
        return (lambda row: _fields(inner, row)) if inner else None
    # Older versions write a list as a list of one feature.
    element = feature[0] if isinstance(feature, list) and feature else getattr(feature, "feature", None)
    decode = None if element is None else _of(element)
    return None if decode is None else (lambda values: _elements(decode, values))


def _named(names: Sequence[str], value: Any) -> Any:
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    return names[value] if 0 <= value < len(names) else None


def _fields(inner: Mapping[str, _Decode], row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    return {name: inner[name](value) if name in inner else value for name, value in row.items()}


def _elements(decode: _Decode, values: Any) -> Any:
    if isinstance(values, Mapping):  # a list of dictionaries is kept as a dictionary of lists
        return {name: [decode({name: value})[name] for value in part] for name, part in values.items()}
    return [decode(value) for value in values] if isinstance(values, list | tuple) else values
