"""Writes a tokenizer's directory."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokenizers import AddedToken

from flax_albert.tokenization.files import ADDED_TOKENS, CONFIG, SPECIAL_TOKENS_MAP
from flax_albert.tokenization.padder import Padder


def describe(tokenizer: Padder, tokenizer_class: str, options: Mapping[str, Any]) -> dict[str, str | bytes]:
    """The files that say how a tokenizer is set up, as 4.37 and later versions of transformers read them.

    Args:
        tokenizer: The tokenizer.
        tokenizer_class: The name its class goes by there.
        options: Further options to keep.

    Returns:
        ``tokenizer_config.json`` and ``special_tokens_map.json``, name to text.
    """
    sides = {"padding_side": tokenizer.padding_side, "truncation_side": tokenizer.truncation_side}
    config = {
        **{name: _plain(value, special=True) for name, value in options.items()},
        **{name: side for name, side in sides.items() if side != "right"},
        **tokenizer.special_tokens_map,
        "added_tokens_decoder": {
            str(index): _plain(token, special=True) for index, token in tokenizer.added_tokens_decoder.items()
        },
        "clean_up_tokenization_spaces": tokenizer.clean_up_tokenization_spaces,
        # Also where it is the default: transformers 5 would leave the segments out.
        "model_input_names": tokenizer.model_input_names,
        "model_max_length": tokenizer.model_max_length,
        "tokenizer_class": tokenizer_class,
    }
    # Whether a token is special goes without saying in the map, and old versions stumble over it.
    tokens = {name: _plain(value, special=False) for name, value in tokenizer.special_tokens_map_extended.items()}
    return {CONFIG: _json(config), SPECIAL_TOKENS_MAP: _json(tokens)}


def describe_added(tokenizer: Padder) -> dict[str, str | bytes]:
    """The file of the tokens beyond the model's vocabulary.

    Args:
        tokenizer: The tokenizer.

    Returns:
        ``added_tokens.json``, name to text; nothing where there are no such tokens.
    """
    beyond = {text: index for text, index in tokenizer.added_tokens_encoder.items() if index >= tokenizer.vocab_size}
    return {ADDED_TOKENS: _json(beyond)} if beyond else {}


def write_files(directory: Path, contents: Mapping[str, str | bytes]) -> tuple[str, ...]:
    """Writes files so that each is either its old or its new self, whatever happens on the way.

    Args:
        directory: Where; it is made if need be.
        contents: Name to content.

    Returns:
        The paths written.

    Raises:
        OSError: The directory or a file cannot be written.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.tokenization.writing import write_files
        >>> directory = pathlib.Path(tempfile.mkdtemp())
        >>> _ = write_files(directory, {"a.json": "{}"})
        >>> [path.name for path in directory.iterdir()]
        ['a.json']
    """
    directory.mkdir(parents=True, exist_ok=True)
    temporary = {name: directory / f".{name}.{secrets.token_hex(8)}" for name in contents}
    try:
        for name, content in contents.items():
            temporary[name].write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        for name, path in temporary.items():
            path.replace(directory / name)
    finally:
        for path in temporary.values():
            path.unlink(missing_ok=True)
    return tuple(str(directory / name) for name in contents)


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _plain(value: Any, special: bool) -> Any:
    """What JSON holds for an added token, also inside a list."""
    if isinstance(value, (list, tuple)):
        return [_plain(item, special) for item in value]
    if not isinstance(value, AddedToken):
        return value
    return {name: item for name, item in value.__getstate__().items() if special or name != "special"}
