"""Texts and pairs of texts -> rows of token ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from flax_albert.data.examples import TextExample
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.finetuning.kind import Encoded

_TOGETHER = 1024
"""Texts that are encoded in one call: the encodings of all of them would fill the memory."""
_SHOWN = 600
"""Characters of a text that a report shows."""


def encode_texts(examples: Sequence[TextExample], tokenizer: PreTrainedTokenizerBase, max_length: int) -> Encoded:
    """Encodes texts; of one that is too long, the end is cut off, of a pair token by token that of the longer text.

    Args:
        examples: Texts, and pairs of texts.
        tokenizer: The tokenizer.
        max_length: Most tokens of a row.

    Returns:
        Rows of ``input_ids``, ``attention_mask`` and ``token_type_ids``.

    Raises:
        ValueError: ``max_length`` leaves no room for text.

    Example:
        >>> from flax_albert import AutoTokenizer
        >>> from flax_albert.data.examples import TextExample
        >>> from flax_albert.training.finetuning.texts import encode_texts
        >>> tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
        >>> texts = [TextExample("The cat sat.", None, None, "1"), TextExample("The cat.", "It sat.", None, "2")]
        >>> encoded = encode_texts(texts, tokenizer, 6)
        >>> [len(row["input_ids"]) for row in encoded.rows], encoded.truncated
        ([6, 6], 1)
    """
    rows, cut = text_rows(examples, tokenizer, max_length)
    return Encoded(rows, len(cut))


def text_rows(
    examples: Sequence[TextExample], tokenizer: PreTrainedTokenizerBase, max_length: int
) -> tuple[list[dict[str, np.ndarray]], list[int]]:
    """The rows of :func:`encode_texts`, and the numbers of the examples that were cut."""
    rows: list[dict[str, np.ndarray]] = [{} for _ in examples]
    truncated: list[int] = []
    for paired in (False, True):
        chosen = [number for number, example in enumerate(examples) if (example.pair is not None) == paired]
        encodings = _ids([examples[number] for number in chosen], tokenizer)
        for number, (ids, segments) in zip(chosen, encodings, strict=True):
            if len(ids) > max_length:
                truncated.append(number)
                ids, segments = _cut(examples[number], tokenizer, max_length)
            rows[number] = text_row(ids, segments)
    return rows, truncated


def text_row(ids: Sequence[int], segments: Sequence[int]) -> dict[str, np.ndarray]:
    """The arrays of a row without padding; what is 0 or 1 takes a byte, as there may be millions."""
    return {
        "input_ids": np.asarray(ids, np.int32),
        "attention_mask": np.ones(len(ids), np.int8),
        "token_type_ids": np.asarray(segments, np.int8),
    }


def shown(example: TextExample) -> str:
    """A text, or both of a pair, for a report."""
    texts = [example.text] if example.pair is None else [example.text, example.pair]
    return "\n".join(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…" for text in texts)


def _ids(examples: Sequence[TextExample], tokenizer: PreTrainedTokenizerBase) -> Iterator[tuple[list[int], list[int]]]:
    for first in range(0, len(examples), _TOGETHER):
        some = examples[first : first + _TOGETHER]
        pairs = [example.pair for example in some if example.pair is not None]
        texts = [example.text for example in some]
        encoded = tokenizer(texts, pairs or None, verbose=False, return_token_type_ids=True)
        yield from zip(encoded["input_ids"], encoded["token_type_ids"], strict=True)


def _cut(example: TextExample, tokenizer: PreTrainedTokenizerBase, max_length: int) -> tuple[list[int], list[int]]:
    try:
        encoded = tokenizer(
            example.text,
            example.pair,
            truncation="longest_first",
            max_length=max_length,
            verbose=False,
            return_token_type_ids=True,
        )
    except ValueError as error:
        raise ValueError(f"{example.where} cannot be cut to {max_length} tokens: {error}") from error
    return encoded["input_ids"], encoded["token_type_ids"]
