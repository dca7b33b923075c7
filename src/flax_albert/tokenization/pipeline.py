"""The ``tokenizers`` pipeline of ALBERT: built from a SentencePiece model, read from ``tokenizer.json``, written back.

The steps are those the fast tokenizer of transformers 4.37 used, in its order; each comment says why a step is there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from flax_albert.tokenization.sentencepiece_model import SentencePieceModel

_SPACE_SYMBOL = "▁"


def build_pipeline(model: SentencePieceModel, do_lower_case: bool = True, keep_accents: bool = False) -> Tokenizer:
    """Builds ALBERT's pipeline from a SentencePiece model, without the template of special tokens.

    Args:
        model: What ``spiece.model`` says.
        do_lower_case: Whether text is lower-cased.
        keep_accents: Whether combining marks stay; if not, text is decomposed and they are dropped.

    Returns:
        Normaliser, pre-tokenizer, unigram model and decoder.

    Raises:
        ValueError: The model is not a unigram model, or its normalisation table is unusable.

    Example:
        >>> from flax_albert.tokenization.pipeline import build_pipeline
        >>> from flax_albert.tokenization.sentencepiece_model import SentencePieceModel
        >>> pieces = (("<unk>", 0.0), ("▁a", -1.0), ("▁cat", -2.0))
        >>> build_pipeline(SentencePieceModel(pieces, 0, "unigram", b"")).encode("A  cat").tokens
        ['▁a', '▁cat']
    """
    if model.model_type != "unigram":
        raise ValueError(
            f"the SentencePiece model is of type {model.model_type!r}, and ALBERT's are 'unigram': "
            "for any other kind put a tokenizer.json beside it"
        )
    vocabulary = [(text, score - 100 if _ends_in_digit_comma(text) else score) for text, score in model.pieces]
    tokenizer = Tokenizer(models.Unigram(vocabulary, model.unk_id, byte_fallback=False))
    tokenizer.normalizer = _normalizer(model.precompiled_charsmap, do_lower_case, keep_accents)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_SPACE_SYMBOL, prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement=_SPACE_SYMBOL, prepend_scheme="always")
    return tokenizer


def _ends_in_digit_comma(piece: str) -> bool:
    """Whether a piece such as ``9,`` glues a comma to a number; such pieces are made too unlikely to be chosen."""
    return len(piece) >= 2 and piece[-1] == "," and piece[-2].isdigit()


def _normalizer(charsmap: bytes, do_lower_case: bool, keep_accents: bool) -> normalizers.Normalizer:
    # LaTeX-style quotation marks, common in ALBERT's training text.
    steps: list[normalizers.Normalizer] = [normalizers.Replace("``", '"'), normalizers.Replace("''", '"')]
    if not keep_accents:
        steps += [normalizers.NFKD(), normalizers.StripAccents()]
    if do_lower_case:
        steps.append(normalizers.Lowercase())
    if charsmap:
        with failures_as(ValueError, "the normalisation table of the SentencePiece model is damaged"):
            steps.append(normalizers.Precompiled(charsmap))
    steps.append(normalizers.Replace(Regex(" {2,}"), " "))
    return normalizers.Sequence(steps)


def template(cls: tuple[str, int], sep: tuple[str, int]) -> processors.PostProcessor:
    """The special tokens around one text and around a pair, with segment 0 for the first and 1 for the second.

    Args:
        cls: ``[CLS]`` and its id.
        sep: ``[SEP]`` and its id.

    Returns:
        ``[CLS] A [SEP]`` and ``[CLS] A [SEP] B [SEP]``.
    """
    return processors.TemplateProcessing(
        single=f"{cls[0]}:0 $A:0 {sep[0]}:0",
        pair=f"{cls[0]}:0 $A:0 {sep[0]}:0 $B:1 {sep[0]}:1",
        special_tokens=[cls, sep],
    )


def read_pipeline(path: str | os.PathLike[str]) -> Tokenizer:
    """Reads ``tokenizer.json``, of any version of ``tokenizers``.

    Args:
        path: The file.

    Returns:
        The pipeline, template included.

    Raises:
        OSError: The file cannot be read or holds no tokenizer.
    """
    path = Path(path)
    broken = f"{path} is not a tokenizer.json that can be read: copy or download it again"
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise OSError(f"{broken} ({error})") from None
    with failures_as(OSError, broken):
        return Tokenizer.from_str(text)


def write_pipeline(tokenizer: Tokenizer) -> str:
    """The text of ``tokenizer.json``, in a form that old and new versions of ``tokenizers`` both read.

    Padding and truncation are left out: they belong to the last call, not to the tokenizer.

    Args:
        tokenizer: The pipeline.

    Returns:
        JSON.
    """
    content = json.loads(tokenizer.to_str())
    content["truncation"] = content["padding"] = None
    _name_prefix_space(content["pre_tokenizer"])
    _name_prefix_space(content["decoder"])
    return json.dumps(content, ensure_ascii=False, indent=2)


def _name_prefix_space(part: Any) -> None:
    """Adds to every Metaspace the flag that versions before 0.20 require and later ones accept."""
    if isinstance(part, dict):
        if part.get("type") == "Metaspace" and "prepend_scheme" in part:
            part["add_prefix_space"] = part["prepend_scheme"] != "never"
        for child in part.values():
            _name_prefix_space(child)
    elif isinstance(part, list):
        for child in part:
            _name_prefix_space(child)


def normalizes(tokenizer: Tokenizer, step: str) -> bool:
    """Whether a step of the given type, such as ``"Lowercase"``, is part of the normaliser.

    Args:
        tokenizer: The pipeline.
        step: The step's name in ``tokenizer.json``.

    Returns:
        True if it is there.
    """
    normalizer = tokenizer.normalizer
    return normalizer is not None and f'"type":"{step}"'.encode() in normalizer.__getstate__()


@contextmanager
def failures_as(error: type[Exception], message: str) -> Iterator[None]:
    """Gives a failure of the ``tokenizers`` library a type and a sentence.

    Args:
        error: What to raise instead.
        message: Its message; the library's own words follow in brackets.

    Yields:
        Nothing.

    Raises:
        Exception: ``error``, where the body failed.
    """
    try:
        yield
    except BaseException as failure:
        # The library raises bare Exception for what it does not like, and a panic, which is no Exception at all.
        if type(failure) is not Exception and type(failure).__name__ != "PanicException":
            raise
        raise error(f"{message} ({failure})") from None
