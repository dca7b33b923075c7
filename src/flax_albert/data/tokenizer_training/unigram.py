"""ALBERT's recipe for a SentencePiece model."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterable, Iterator

from flax_albert.data.errors import DataError

SPECIAL = ("<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]")
"""The first pieces, by id."""
SYMBOLS = ("(", ")", '"', "-", ".", "–", "£", "€")
"""What is always a piece of its own."""
COVERAGE = 0.99995
_LONGEST = 1024
"""Characters of a sentence: sentencepiece leaves out what is longer than 4,192 bytes, four a character at most."""
_THREADS = 16
"""Whatever the machine has: sums of many threads are rounded otherwise than those of a few."""


def train_unigram(sentences: Iterable[str], vocab_size: int, coverage: float = COVERAGE) -> bytes:
    """Learns the pieces of a unigram model.

    Args:
        sentences: What to learn from, normalised as the tokenizer will do it.
        vocab_size: How many pieces.
        coverage: Share of the text's letters that get a piece; rare ones beyond it are unknown.

    Returns:
        What a ``spiece.model`` holds; the same for the same sentences.

    Raises:
        DataError: The sentences are too few for that many pieces, or have too many letters for that few.
        ImportError: ``sentencepiece`` is not installed.
    """
    try:
        from sentencepiece import SentencePieceTrainer
    except ImportError:
        raise ImportError("Training a tokenizer needs sentencepiece: pip install 'flax-albert[train]'.") from None
    model = io.BytesIO()
    try:
        SentencePieceTrainer.train(
            sentence_iterator=_bounded(sentences),
            model_writer=model,
            model_type="unigram",
            vocab_size=vocab_size,
            character_coverage=coverage,
            pad_id=SPECIAL.index("<pad>"),
            unk_id=SPECIAL.index("<unk>"),
            bos_id=-1,
            eos_id=-1,
            control_symbols=list(SPECIAL[2:]),
            user_defined_symbols=list(SYMBOLS),
            num_threads=_THREADS,
            input_sentence_size=0,  # they were drawn before
            minloglevel=2,
        )
    except (RuntimeError, OSError) as error:
        raise _explained(str(error), vocab_size) from None
    return model.getvalue()


def _bounded(sentences: Iterable[str]) -> Iterator[str]:
    for sentence in sentences:
        if len(sentence) <= _LONGEST:
            yield sentence
        else:
            yield from textwrap.wrap(sentence, _LONGEST)


def _explained(message: str, vocab_size: int) -> DataError:
    if most := re.search(r"Vocabulary size too high.*<= (\d+)", message):
        return DataError(
            f"The text is too little for a vocabulary of {vocab_size} pieces: it has {most[1]} at most. "
            "Give more text, or ask for fewer pieces."
        )
    if least := re.search(r"smaller than required_chars\. \d+ vs (\d+)", message):
        return DataError(
            f"A vocabulary of {vocab_size} pieces is too small: the text's letters alone are {least[1]}. "
            "Ask for more pieces, or cover fewer letters."
        )
    return DataError(f"No vocabulary could be learned: {message}")
