"""What ALBERT does to a text before its SentencePiece model sees it."""

from __future__ import annotations

import unicodedata


def normalized(text: str, lower_case: bool = True, keep_accents: bool = False, collapse_spaces: bool = True) -> str:
    """Normalises a text, as Google's code does before splitting it and before training a vocabulary.

    Args:
        text: The text.
        lower_case: Whether it is lower-cased.
        keep_accents: Whether accents stay; if not, the text is decomposed and combining marks are dropped.
        collapse_spaces: Whether white space is collapsed.

    Returns:
        The text, its quotation marks plain.

    Example:
        >>> from flax_albert.tokenization.albert_text import normalized
        >>> normalized("``Un  CAFÉ''")
        '"un cafe"'
    """
    if collapse_spaces:
        text = " ".join(text.split())
    text = text.replace("``", '"').replace("''", '"')
    if not keep_accents:
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(character for character in decomposed if not unicodedata.combining(character))
    return text.lower() if lower_case else text
