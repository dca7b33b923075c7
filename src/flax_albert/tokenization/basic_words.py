"""Splits text into words, punctuation marks and Chinese characters, as the slow tokenizer of BERT did."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Collection, Iterator

# The blocks of ideographs that the Unicode of 2018 had; Hangul and kana are written in words and are not among them.
_IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


def basic_words(
    text: str,
    do_lower_case: bool,
    tokenize_chinese_chars: bool,
    strip_accents: bool | None,
    never_split: Collection[str],
) -> list[str]:
    """Splits a text into words.

    Args:
        text: The text.
        do_lower_case: Whether words are lower-cased.
        tokenize_chinese_chars: Whether every Chinese character is a word.
        strip_accents: Whether accents are dropped; by default where words are lower-cased.
        never_split: Words to leave as they are.

    Returns:
        The words; each punctuation mark is one.

    Example:
        >>> from flax_albert.tokenization.basic_words import basic_words
        >>> basic_words("Don't: 中文 café", True, True, None, ())
        ['don', "'", 't', ':', '中', '文', 'cafe']
    """
    cleaned = "".join(_cleaned(character, tokenize_chinese_chars) for character in text)
    strips = do_lower_case if strip_accents is None else strip_accents
    words: list[str] = []
    for word in unicodedata.normalize("NFC", cleaned).split():
        if word in never_split:
            words.append(word)
            continue
        if do_lower_case:
            word = word.lower()
        if strips:
            decomposed = unicodedata.normalize("NFD", word)
            word = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
        # Punctuation apart; what was dropped or turned into white space on the way makes no word.
        words += " ".join(_apart(word)).split()
    return words


@functools.lru_cache(maxsize=4096)
def _cleaned(character: str, tokenize_chinese_chars: bool) -> str:
    """Drops control characters, makes any white space a space, and puts spaces around a Chinese character."""
    category = unicodedata.category(character)
    if character in "\t\n\r" or category == "Zs":
        return " "
    if category.startswith("C") or character == "\N{REPLACEMENT CHARACTER}":
        return ""
    if tokenize_chinese_chars and any(first <= ord(character) <= last for first, last in _IDEOGRAPHS):
        return f" {character} "
    return character


def _apart(word: str) -> Iterator[str]:
    start = 0
    for index, character in enumerate(word):
        if _is_punctuation(character):
            yield from (word[start:index], character)
            start = index + 1
    yield word[start:]


@functools.lru_cache(maxsize=4096)
def _is_punctuation(character: str) -> bool:
    """Whether a character is punctuation, among which count all of ASCII but letters and digits, such as ``$``."""
    is_ascii_sign = "!" <= character <= "~" and not character.isalnum()
    return is_ascii_sign or unicodedata.category(character).startswith("P")
