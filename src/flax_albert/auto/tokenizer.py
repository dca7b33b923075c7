"""Picks the class of tokenizer that a folder is for."""

from __future__ import annotations

from typing import Any, Literal, overload

from flax_albert.hub import Folder, HubOptions, Source, open_folder
from flax_albert.tokenization import (
    AlbertTokenizer,
    AlbertTokenizerFast,
    BertTokenizer,
    BertTokenizerFast,
    PreTrainedTokenizerBase,
)
from flax_albert.tokenization.fast import PreTrainedTokenizerFast
from flax_albert.tokenization.files import (
    CONFIG,
    SENTENCEPIECE_NAMES,
    TOKENIZER,
    WORDPIECE_NAMES,
    read_object,
)
from flax_albert.tokenization.slow import PreTrainedTokenizer

# The fast and the slow class of each kind.
_CLASSES: dict[str, tuple[type[PreTrainedTokenizerFast], type[PreTrainedTokenizer]]] = {
    "albert": (AlbertTokenizerFast, AlbertTokenizer),
    "bert": (BertTokenizerFast, BertTokenizer),
}
# The kind that a configuration names; of the last two, tokenizer.json is all there is to know.
_KINDS = {
    "AlbertTokenizer": "albert",
    "AlbertTokenizerFast": "albert",
    "BertTokenizer": "bert",
    "BertTokenizerFast": "bert",
    "PreTrainedTokenizerFast": None,
    "TokenizersBackend": None,
}


class AutoTokenizer:
    """Reads whichever tokenizer a directory holds: ALBERT's own, or BERT's, which Chinese checkpoints use."""

    def __init__(self) -> None:
        raise TypeError("AutoTokenizer is not made but read: AutoTokenizer.from_pretrained(directory).")

    @overload
    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: Source,
        *,
        use_fast: Literal[True] = True,
        **options: Any,
    ) -> PreTrainedTokenizerFast: ...
    @overload
    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: Source, *, use_fast: bool, **options: Any
    ) -> PreTrainedTokenizerBase: ...
    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: Source, *, use_fast: bool = True, **options: Any
    ) -> PreTrainedTokenizerBase:
        """Reads a tokenizer from a directory.

        Args:
            pretrained_model_name_or_path: A directory, the name of a bundled model, or a hub id.
            use_fast: True for the fast class, False for the slow one, which splits some texts otherwise.
            **options: See ``from_pretrained`` of the classes.

        Returns:
            The tokenizer.

        Raises:
            OSError: There is no tokenizer, or a file of it is damaged.
            ValueError: The directory is for another kind of tokenizer.
            ImportError: The slow class needs a package that is not installed.

        Example:
            >>> from flax_albert.auto.tokenizer import AutoTokenizer
            >>> tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
            >>> tokenizer.tokenize("The cat")
            ['▁the', '▁cat']
        """
        options.pop("config", None)
        where, options = HubOptions.split(options)
        folder = open_folder(pretrained_model_name_or_path, where)
        kind = options.pop("tokenizer_type", None) or _kind(folder)
        if kind not in _CLASSES:
            raise ValueError(f"tokenizer_type={kind!r} is not offered: it is one of {', '.join(_CLASSES)}.")
        fast, slow = _CLASSES[kind]
        return (fast if use_fast else slow).from_pretrained(folder, **options)


def _kind(folder: Folder) -> str:
    """Asks the tokenizer's configuration, where it says nothing the model's, and in the end the files."""
    where = folder.fetch_present([CONFIG]) / CONFIG
    named = read_object(where).get("tokenizer_class")
    if named is None:
        where = folder.fetch_present(["config.json"]) / "config.json"
        config = read_object(where)
        named = config.get("tokenizer_class")
        model = config.get("model_type", "albert")
        if named is None and model not in _CLASSES:
            raise ValueError(f"{where} is of model type {model!r}, and only ALBERT's tokenizers are offered.")
    if named is not None and named not in _KINDS:
        known = ", ".join(name for name, kind in _KINDS.items() if kind)
        raise ValueError(f"{where} names the tokenizer {named!r}, and only these are offered: {known}.")
    if named is not None and _KINDS[named] == "bert":
        return "bert"
    # Checkpoints with BERT's vocabulary often say no more than that their model is an ALBERT.
    return "bert" if _holds_wordpiece(folder) else "albert"


def _holds_wordpiece(folder: Folder) -> bool:
    names = set(folder.names())
    if names & set(SENTENCEPIECE_NAMES):
        return False
    if names & set(WORDPIECE_NAMES):
        return True
    model = read_object(folder.fetch_present([TOKENIZER]) / TOKENIZER).get("model")
    return isinstance(model, dict) and model.get("type") == "WordPiece"
