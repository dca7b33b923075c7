"""BERT's WordPiece: its vocabulary file, its pipeline, and the splitting of one word."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

_CONTINUES = "##"
# A word of more letters than this counts as unknown.
_LONGEST_WORD = 100


def read_wordpiece_vocabulary(path: str | os.PathLike[str], unk_token: str) -> dict[str, int]:
    r"""Reads a ``vocab.txt``: one token a line, the number of the line its id.

    Args:
        path: The file.
        unk_token: The token for words that the vocabulary cannot spell, which must be in it.

    Returns:
        Token to id; of a token that occurs twice the later id.

    Raises:
        OSError: The file cannot be read, or is no such vocabulary.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.tokenization.wordpiece import read_wordpiece_vocabulary
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "vocab.txt"
        >>> _ = file.write_text("[UNK]\ncat\n##s\n")
        >>> read_wordpiece_vocabulary(file, "[UNK]")
        {'[UNK]': 0, 'cat': 1, '##s': 2}
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise OSError(f"{path} is not a vocabulary, one token a line in UTF-8 ({error}): download it again.") from None
    if lines[0].startswith("version https://git-lfs"):
        raise OSError(f"{path} is a Git LFS pointer, not the vocabulary itself: fetch the file it points to.")
    vocabulary = {token: index for index, token in enumerate(lines if lines[-1] else lines[:-1])}
    if unk_token not in vocabulary:
        raise OSError(f"{path} is not a whole WordPiece vocabulary: there is no {unk_token} among its lines.")
    return vocabulary


def build_wordpiece_pipeline(vocabulary: dict[str, int], unk_token: str) -> Tokenizer:
    """Builds BERT's pipeline, without the template of special tokens.

    Args:
        vocabulary: Token to id.
        unk_token: The token for words that the vocabulary cannot spell.

    Returns:
        Normaliser, pre-tokenizer, WordPiece model and decoder.

    Example:
        >>> from flax_albert.tokenization.wordpiece import build_wordpiece_pipeline
        >>> vocabulary = {"[UNK]": 0, "cat": 1, "##s": 2, "中": 3, "文": 4}
        >>> build_wordpiece_pipeline(vocabulary, "[UNK]").encode("Cats 中文!").tokens
        ['cat', '##s', '中', '文', '[UNK]']
    """
    tokenizer = Tokenizer(
        models.WordPiece(
            vocabulary,
            unk_token=unk_token,
            max_input_chars_per_word=_LONGEST_WORD,
            continuing_subword_prefix=_CONTINUES,
        )
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix=_CONTINUES)
    return tokenizer


def set_bert_normalizer(tokenizer: Tokenizer, asked: dict[str, bool | None]) -> dict[str, Any]:
    """Makes BERT's normaliser do what is asked; any other kind of normaliser stays as it is.

    Args:
        tokenizer: The pipeline.
        asked: ``lowercase``, ``handle_chinese_chars`` and ``strip_accents``; what is None stays as it is.

    Returns:
        The settings as they are then.
    """
    normalizer = tokenizer.normalizer
    state = {} if normalizer is None else json.loads(normalizer.__getstate__())
    given = {name: value for name, value in asked.items() if value is not None}
    settings: dict[str, Any] = {
        "lowercase": state.get("lowercase", True),
        "handle_chinese_chars": state.get("handle_chinese_chars", True),
        "strip_accents": state.get("strip_accents"),
    }
    wanted = {**settings, **given}
    if wanted != settings and state.get("type") == "BertNormalizer":
        tokenizer.normalizer = normalizers.BertNormalizer(clean_text=state["clean_text"], **wanted)
    return wanted


def split_word(word: str, vocabulary: dict[str, int], unk_token: str) -> list[str]:
    """Splits one word into the longest tokens that spell it, from the left.

    Args:
        word: The word.
        vocabulary: Token to id.
        unk_token: The token for words that the vocabulary cannot spell.

    Returns:
        The tokens, all but the first with ``##`` in front.

    Example:
        >>> from flax_albert.tokenization.wordpiece import split_word
        >>> split_word("cats", {"[UNK]": 0, "cat": 1, "##s": 2}, "[UNK]")
        ['cat', '##s']
    """
    if len(word) > _LONGEST_WORD:
        return [unk_token]
    tokens: list[str] = []
    start = 0
    while start < len(word):
        prefix = _CONTINUES if start else ""
        for end in range(len(word), start, -1):
            if (token := prefix + word[start:end]) in vocabulary:
                break
        else:
            return [unk_token]
        tokens.append(token)
        start = end
    return tokens


def join_tokens(tokens: list[str]) -> str:
    """Joins tokens into text, those with ``##`` without a space before them.

    Args:
        tokens: The tokens of one text.

    Returns:
        The text.
    """
    return " ".join(tokens).replace(f" {_CONTINUES}", "").strip()


def written_vocabulary(vocabulary: dict[str, int]) -> bytes:
    """The content of a ``vocab.txt``.

    Args:
        vocabulary: Token to id, without added tokens.

    Returns:
        One token a line, by id.
    """
    return "".join(f"{token}\n" for token in sorted(vocabulary, key=vocabulary.__getitem__)).encode()
