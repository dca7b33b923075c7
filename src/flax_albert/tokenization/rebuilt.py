"""Tells a ``tokenizer.json`` that a later transformers than 4.37 made of ``spiece.model``, and that splits otherwise.

Releases up to 4.57 and 5 begin a new word after every mark that the SentencePiece model was told to keep apart:
``well-known`` is ``▁well - ▁known`` to them, and to ALBERT ``▁well - known``. 5 also drops white space at the ends of a
text, where 4.37 kept a lone space. A file that 4.37 or earlier releases made, such as those of the released
checkpoints, is not like that, whoever wrote it last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokenizers import AddedToken

_PRE_TOKENIZER_OF_5 = ["WhitespaceSplit", "Metaspace"]


def first_added_id(path: Path) -> int | None:
    """Reads whether a ``tokenizer.json`` is such a one.

    Args:
        path: The file.

    Returns:
        The size of its vocabulary, at which the ids of added tokens begin; None where it is not such a one, also where
        it cannot be read: who uses it says what is wrong.
    """
    try:
        data = path.read_bytes()
        head = data.partition(b'"normalizer"')[0]
        # Only a file that may be one is worth the time of reading it as JSON.
        if b'"WhitespaceSplit"' not in data and not re.search(rb'"special":\s*false', head):
            return None
        content = json.loads(data)
        size = len(content["model"]["vocab"])
        added = {token["id"]: _added_token(token) for token in content["added_tokens"]}
        parts = (content["pre_tokenizer"] or {}).get("pretokenizers", [])
        rebuilt = [part["type"] for part in parts] == _PRE_TOKENIZER_OF_5 or word_breaks(added, size)
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None
    return size if rebuilt else None


def word_breaks(added: Mapping[int, AddedToken], size: int) -> list[str]:
    """The marks after which such a file begins a new word.

    Args:
        added: Its added tokens, by id.
        size: Size of its vocabulary.

    Returns:
        Tokens of the vocabulary that are matched in a text before it is split, though they are not special.
    """
    return [
        token.content
        for index, token in sorted(added.items())
        if index < size and not (token.special or token.normalized or token.lstrip or token.rstrip)
    ]


def _added_token(token: dict[str, Any]) -> AddedToken:
    return AddedToken(**{name: value for name, value in token.items() if name != "id"})
