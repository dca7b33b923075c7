"""Picks the class that a folder is for."""

from __future__ import annotations

from typing import Any

from flax_albert.hub import Folder, HubOptions, Source, open_folder
from flax_albert.tokenization.albert import AlbertTokenizer
from flax_albert.tokenization.files import CONFIG, read_object

# What a configuration may name; of the last two, tokenizer.json is all there is to know.
_ACCEPTED = {"AlbertTokenizer", "AlbertTokenizerFast", "PreTrainedTokenizerFast", "TokenizersBackend"}


class AutoTokenizer:
    """Reads whichever tokenizer a directory holds; here that is ALBERT's."""

    def __init__(self) -> None:
        raise TypeError("AutoTokenizer is not made but read: AutoTokenizer.from_pretrained(directory).")

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: Source, *, use_fast: bool = True, **options: Any
    ) -> AlbertTokenizer:
        """Reads a tokenizer from a directory.

        Args:
            pretrained_model_name_or_path: A directory, the name of a bundled model, or a hub id.
            use_fast: Must be True: the slow tokenizer of transformers, which splits some texts otherwise, is not here.
            **options: See ``AlbertTokenizer.from_pretrained``.

        Returns:
            The tokenizer.

        Raises:
            OSError: There is no tokenizer, or a file of it is damaged.
            ValueError: The directory is for another kind of tokenizer, or ``use_fast`` is False.

        Example:
            >>> from flax_albert.auto.tokenizer import AutoTokenizer
            >>> tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
            >>> tokenizer.tokenize("The cat")
            ['▁the', '▁cat']
        """
        if not use_fast:
            raise ValueError("use_fast=False is not offered: there is only the tokenizer that use_fast=True gives.")
        options.pop("config", None)
        kind = options.pop("tokenizer_type", "albert")
        if kind != "albert":
            raise ValueError(f"tokenizer_type={kind!r} is not offered: only 'albert' is.")
        where, options = HubOptions.split(options)
        folder = open_folder(pretrained_model_name_or_path, where)
        _check_is_albert(folder)
        return AlbertTokenizer.from_pretrained(folder, **options)


def _check_is_albert(folder: Folder) -> None:
    """Asks the tokenizer's configuration, and where it says nothing the model's."""
    where = folder.fetch_present([CONFIG]) / CONFIG
    named = read_object(where).get("tokenizer_class")
    if named is None:
        where = folder.fetch_present(["config.json"]) / "config.json"
        config = read_object(where)
        named = config.get("tokenizer_class")
        kind = config.get("model_type", "albert")
        if named is None and kind != "albert":
            raise ValueError(f"{where} is of model type {kind!r}, and only ALBERT's tokenizer is offered.")
    if named is not None and named not in _ACCEPTED:
        raise ValueError(f"{where} names the tokenizer {named!r}, and only AlbertTokenizer is offered.")
