"""Finds vocabularies whose accents and vowel signs the options of a tokenizer would drop."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

# Some pieces with accents are found in the vocabulary of any language; a script that lives on them has far more.
_FEW = 0.01


def lost_to_stripping(pieces: Collection[str]) -> list[str]:
    """The pieces that no text can give once its accents and vowel signs are dropped.

    Args:
        pieces: The vocabulary.

    Returns:
        The pieces that hold a combining mark when decomposed, where they are more than one in a hundred; else none.

    Example:
        >>> from flax_albert.tokenization.accents import lost_to_stripping
        >>> lost_to_stripping(["▁the", "▁cat"])
        []
        >>> lost_to_stripping(["▁the", "▁हिन्दी", "▁café"])
        ['▁हिन्दी', '▁café']
    """
    letters = set(unicodedata.normalize("NFKD", "".join(set("".join(pieces)))))
    if not any(_is_mark(letter) for letter in letters):
        return []
    lost = [piece for piece in pieces if any(map(_is_mark, unicodedata.normalize("NFKD", piece)))]
    return lost if len(lost) > _FEW * len(pieces) else []


def complaint(lost: Collection[str], pieces: Collection[str], remedy: str) -> str:
    """The sentence that says what is lost.

    Args:
        lost: What ``lost_to_stripping`` found.
        pieces: The vocabulary.
        remedy: What to do.

    Returns:
        The sentence.
    """
    shown = ", ".join(sorted(lost, key=len)[:3])
    return (
        f"keep_accents=False drops every accent and vowel sign from a text, and {len(lost)} of the {len(pieces)} "
        f"pieces of the vocabulary hold one ({shown}): the model was trained with them. {remedy}"
    )


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")
