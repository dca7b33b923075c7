"""Reads a tokenizer's directory: its vocabulary files, and the options its other files hold."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import AddedToken

from flax_albert.hub import Folder
from flax_albert.tokenization.rebuilt import first_added_id
from flax_albert.tokenization.special_tokens import SpecialTokens, Token

_LOGGER = logging.getLogger(__name__)

SPIECE = "spiece.model"
VOCABULARY = "vocab.txt"
TOKENIZER = "tokenizer.json"
CONFIG = "tokenizer_config.json"
SPECIAL_TOKENS_MAP = "special_tokens_map.json"
ADDED_TOKENS = "added_tokens.json"

# The vocabulary goes by one of these names; the second is Google's own.
SENTENCEPIECE_NAMES = (SPIECE, "30k-clean.model")
WORDPIECE_NAMES = (VOCABULARY, "vocab_chinese.txt")

# Every file that a tokenizer may be read from.
TOKENIZER_FILES = (*SENTENCEPIECE_NAMES, *WORDPIECE_NAMES, TOKENIZER, CONFIG, SPECIAL_TOKENS_MAP, ADDED_TOKENS)

# Keys of tokenizer_config.json that say how the tokenizer was loaded, not what it is.
_NOT_OPTIONS = ("tokenizer_class", "init_inputs", "name_or_path", "vocab_file", "tokenizer_file")
_NOT_OPTIONS += ("special_tokens_map_file", "added_tokens_file", "tokenizer_config_file")
_NOT_OPTIONS += ("backend", "is_local", "local_files_only")  # transformers 5


@dataclass(frozen=True)
class TokenizerFiles:
    """The vocabulary files of a directory; at least one is there.

    Attributes:
        directory: The directory.
        vocabulary: ``spiece.model`` or ``vocab.txt``, or None.
        tokenizer: ``tokenizer.json``, or None.
        superseded: A ``tokenizer.json`` that is not to be used, but for the tokens that were added to the vocabulary.
        first_added: The least id that an added token may have.
    """

    directory: Path
    vocabulary: Path | None
    tokenizer: Path | None
    superseded: Path | None = None
    first_added: int = 0


def fetch_files(folder: Folder, names: tuple[str, ...]) -> TokenizerFiles:
    """Finds the files of a tokenizer, and downloads them where they lie on the hub.

    Args:
        folder: The folder.
        names: The names that the vocabulary may have, the preferred one first.

    Returns:
        The vocabulary files, the others beside them.

    Raises:
        OSError: There are none, or they cannot be had.
    """
    present = set(folder.names())
    vocabulary = next((name for name in names if name in present), names[0])
    directory = folder.fetch_present([vocabulary, TOKENIZER, CONFIG, SPECIAL_TOKENS_MAP, ADDED_TOKENS])
    own, tokenizer = (directory / name if (directory / name).is_file() else None for name in (vocabulary, TOKENIZER))
    if own is None and tokenizer is None:
        raise OSError(folder.lacks("tokenizer", f"{names[0]}, {TOKENIZER}"))
    if own and tokenizer and (first_added := first_added_id(tokenizer)) is not None:
        _LOGGER.warning(
            f"{tokenizer} was made by a later transformers than 4.37 and splits some texts otherwise than "
            f"ALBERT was trained on: {vocabulary} is used instead. A model that was fine-tuned with the former needs "
            "AlbertTokenizerFast(tokenizer_file=...)."
        )
        return TokenizerFiles(directory, own, None, tokenizer, first_added)
    return TokenizerFiles(directory, own, tokenizer)


def read_options(files: TokenizerFiles, given: dict[str, Any]) -> dict[str, Any]:
    """Gathers the options of a tokenizer, the later of these before the earlier.

    First come ``tokenizer_config.json``, then ``special_tokens_map.json`` and ``added_tokens.json`` where the config
    has no ``added_tokens_decoder`` (older versions wrote none), then the given options.

    Args:
        files: The tokenizer's files.
        given: What the caller passed.

    Returns:
        The options, with ``added_tokens_decoder`` a dict from id to ``AddedToken``.

    Raises:
        OSError: A file cannot be read or does not hold what it should.
    """
    config_file = files.directory / CONFIG
    options = {name: value for name, value in read_object(config_file).items() if name not in _NOT_OPTIONS}
    options.update(given)
    with _blaming(config_file):
        options = {name: _tokens_in(value) for name, value in options.items()}
        extra = options.pop("extra_special_tokens") if isinstance(options.get("extra_special_tokens"), list) else []
        listed = options.pop("added_tokens_decoder", None)
        added = {int(index): _added_token(token) for index, token in (listed or {}).items()}
        added = {index: token for index, token in added.items() if index >= files.first_added}
    if listed is None:
        options.update(_read_special_tokens_map(files, options, given))
        in_vocabulary = _read_vocabulary_tokens(files)
        options.update(_additional_tokens(extra, in_vocabulary, options))
        added = {**_read_added_tokens(files, options), **in_vocabulary}
    else:
        in_vocabulary = added
    # A special token that is named by its text matches as the token of that text does.
    by_text = {token.content: token for token in in_vocabulary.values()}
    for name in SpecialTokens.SPECIAL_TOKENS_ATTRIBUTES:
        if isinstance(options.get(name), (str, AddedToken)):
            options[name] = by_text.get(str(options[name]), options[name])
    return {**options, "added_tokens_decoder": added}


def _read_special_tokens_map(
    files: TokenizerFiles, options: dict[str, Any], given: dict[str, Any]
) -> dict[str, Token | list[Token]]:
    path = files.directory / SPECIAL_TOKENS_MAP
    found: dict[str, Any] = {}
    with _blaming(path):
        for name, value in read_object(path).items():
            if given.get(name):
                continue
            if isinstance(value, list):
                tokens = list(options.get(name) or [])
                for item in value:
                    token = _added_token({**item, "special": True}) if isinstance(item, dict) else item
                    if token not in tokens:
                        tokens.append(token)
                found[name] = tokens
            else:
                found[name] = _added_token({**value, "special": True}) if isinstance(value, dict) else value
    return found


def _read_added_tokens(files: TokenizerFiles, options: dict[str, Any]) -> dict[int, AddedToken]:
    path = files.directory / ADDED_TOKENS
    special: set[str] = set()
    for name in SpecialTokens.SPECIAL_TOKENS_ATTRIBUTES:
        value = options.get(name) or []
        special.update(map(str, value) if isinstance(value, list) else [str(value)])
    with _blaming(path):
        return {
            int(index): AddedToken(text, normalized=text not in special, special=text in special)
            for text, index in read_object(path).items()
        }


def _read_vocabulary_tokens(files: TokenizerFiles) -> dict[int, AddedToken]:
    path = files.tokenizer or files.superseded
    if path is None:
        return {}
    with _blaming(path):
        tokens = read_object(path).get("added_tokens", [])
        return {int(token["id"]): _added_token(token) for token in tokens if int(token["id"]) >= files.first_added}


def _additional_tokens(
    extra: list[Token], in_vocabulary: dict[int, AddedToken], options: dict[str, Any]
) -> dict[str, list[AddedToken]]:
    """The additional special tokens as transformers 5 lists them, among punctuation marks that are none."""
    if not extra or options.get("additional_special_tokens"):
        return {}
    named = {str(options[name]) for name in SpecialTokens.SPECIAL_TOKENS_ATTRIBUTES if options.get(name)}
    wanted = set(map(str, extra)) - named
    tokens = [token for token in in_vocabulary.values() if token.special and token.content in wanted]
    return {"additional_special_tokens": tokens} if tokens else {}


def _added_token(value: Any) -> AddedToken:
    """Makes an added token of what JSON holds for it."""
    if isinstance(value, AddedToken):
        return value
    flags = ("single_word", "lstrip", "rstrip", "normalized", "special")
    return AddedToken(value["content"], **{flag: value[flag] for flag in flags if flag in value})


def _tokens_in(value: Any) -> Any:
    """Replaces what JSON holds for added tokens, also inside lists, by added tokens."""
    if isinstance(value, list):
        return [_tokens_in(item) for item in value]
    return _added_token(value) if isinstance(value, dict) and {"content", "lstrip"} <= set(value) else value


def read_object(path: Path) -> dict[str, Any]:
    """Reads a JSON object from a file.

    Args:
        path: The file.

    Returns:
        The object, empty where there is no such file.

    Raises:
        OSError: The file cannot be read or holds no JSON object.
    """
    if not path.is_file():
        return {}
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise OSError(f"{path} is not valid JSON ({error}): copy or download it again.") from None
    if not isinstance(value, dict):
        raise OSError(f"{path} holds no JSON object but {type(value).__name__}: copy or download it again.")
    return value


@contextlib.contextmanager
def _blaming(path: Path) -> Iterator[None]:
    """Names the file in the error that its content causes."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise OSError(f"{path} does not describe its tokens as it should ({type(error).__name__}: {error}).") from None
