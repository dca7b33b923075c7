"""Tells the ``tokenizer.json`` that transformers 5 writes for ALBERT's own vocabulary.

Its pipeline drops white space at the ends of a text, where 4.37 kept a lone space. And where transformers 5 made it of
a ``spiece.model`` alone, it begins a new word after every mark that the model was told to keep apart: ``well-known`` is
``▁well - ▁known`` to it, and to ALBERT ``▁well - known``.
"""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import Tokenizer


def is_by_version_5(path: Path) -> bool:
    """Whether a ``tokenizer.json`` is transformers 5's for ALBERT's own vocabulary.

    Args:
        path: The file.

    Returns:
        False also where the file cannot be read: who uses it says what is wrong.
    """
    try:
        data = path.read_bytes()
        # Only a file that may be one is worth the time of reading it as JSON.
        return b'"WhitespaceSplit"' in data and _splits_twice(json.loads(data)["pre_tokenizer"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return False


def _splits_twice(pre_tokenizer: dict) -> bool:
    parts = pre_tokenizer.get("pretokenizers", [])
    return [part["type"] for part in parts] == ["WhitespaceSplit", "Metaspace"]


def word_breaks(tokenizer: Tokenizer) -> list[str]:
    """The marks after which a pipeline of transformers 5 begins a new word, and ALBERT does not.

    Args:
        tokenizer: The pipeline.

    Returns:
        The marks; none where the pipeline is not such a one.
    """
    if tokenizer.pre_tokenizer is None or not _splits_twice(json.loads(tokenizer.pre_tokenizer.__getstate__())):
        return []
    size = tokenizer.get_vocab_size(with_added_tokens=False)
    added = tokenizer.get_added_tokens_decoder().items()
    return [token.content for index, token in added if index < size and not token.special]
