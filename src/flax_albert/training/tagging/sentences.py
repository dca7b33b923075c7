"""Sentences of words -> rows of tokens, the very ones that the task of token classification makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from flax_albert.data.examples import TaggedExample
from flax_albert.tasks.tagging.tagged_text import TaggedText, Text, tagged_texts
from flax_albert.tasks.tagging.token_windows import taken, usual_overlap
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.finetuning.kind import Encoded

_TOGETHER = 1024
"""Sentences that are tokenized in one call."""


@dataclass(frozen=True)
class Place:
    """Where in a row the words stand that are labelled there.

    Attributes:
        sentence: Number of the sentence that the row is of.
        positions: Position of a token of each word: of its first one, or of every one.
        words: Number of the word, as many.
        first: Whether the token is the first of its word, as many.
    """

    sentence: int
    positions: Int[np.ndarray, " tokens"]
    words: Int[np.ndarray, " tokens"]
    first: np.ndarray


@dataclass(frozen=True)
class EncodedSentences(Encoded):
    """Sentences, a row each where they fit, else several.

    Attributes:
        places: What is labelled in each row.
    """

    places: Sequence[Place] = ()


def encode_sentences(
    examples: Sequence[TaggedExample], tokenizer: PreTrainedTokenizerBase, longest: int
) -> EncodedSentences:
    """Makes rows of sentences; one that is too long is cut into windows that overlap, as the task cuts it.

    A word is labelled in the one window that the task takes its label from, where most is seen around it. Nothing is
    labelled in more than one window, and nothing is left out but words that the tokenizer has no tokens for.

    Args:
        examples: The sentences.
        tokenizer: A fast tokenizer.
        longest: Most tokens of a row.

    Returns:
        Rows of ``input_ids``, ``attention_mask`` and ``token_type_ids``, without labels.

    Raises:
        ValueError: The tokenizer is a slow one, or there is no room for words.

    Example:
        >>> from flax_albert import AutoTokenizer
        >>> from flax_albert.data.examples import TaggedExample
        >>> from flax_albert.training.tagging.sentences import encode_sentences
        >>> tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
        >>> example = TaggedExample(("The", "lighthouse", "shone"), ("DET", "NOUN", "VERB"), "line 1")
        >>> encoded = encode_sentences([example], tokenizer, 32)
        >>> tokenizer.convert_ids_to_tokens(encoded.rows[0]["input_ids"].tolist())
        ['[CLS]', '▁the', '▁light', 'house', '▁shone', '[SEP]']
        >>> place = encoded.places[0]
        >>> place.positions.tolist(), place.words.tolist()
        ([1, 2, 3, 4], [0, 1, 1, 2])
    """
    if not tokenizer.is_fast:
        raise ValueError("Tags of words need a fast tokenizer, as AutoTokenizer gives: a slow one does not know words.")
    most = longest - tokenizer.num_special_tokens_to_add()
    if most < 1:
        raise ValueError(f"Rows of {longest} tokens leave no room for words; choose a larger max_length.")
    rows: list[dict[str, np.ndarray]] = []
    places: list[Place] = []
    for number, text in enumerate(_texts(examples, tokenizer, most)):
        words = np.zeros(0, np.int32) if text.alignment is None else text.alignment.words
        first = np.append(True, words[1:] != words[:-1])
        for row, window, own in zip(text.rows, text.windows, taken(text.windows, words), strict=True):
            tokens = np.arange(own.start, own.stop)
            places.append(Place(number, tokens - window.start + text.leading, words[tokens], first[tokens]))
            rows.append(
                {
                    "input_ids": row.ids,
                    "attention_mask": np.ones(len(row.ids), np.int8),
                    "token_type_ids": np.zeros(len(row.ids), np.int8),
                }
            )
    return EncodedSentences(rows, places=places)


def _texts(examples: Sequence[TaggedExample], tokenizer: PreTrainedTokenizerBase, most: int) -> Iterator[TaggedText]:
    for begin in range(0, len(examples), _TOGETHER):
        some = [Text(" ".join(one.words), list(one.words), " ") for one in examples[begin : begin + _TOGETHER]]
        yield from tagged_texts(some, tokenizer, most, usual_overlap(most))
