"""What a token classifier's results say of each token, word or entity, with transformers' keys."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NotRequired, TypedDict, cast, final

import numpy as np
from jaxtyping import Float

from flax_albert.tasks.tagging.entities import AcrossTokens, Stretches, join, label_tokens, label_words
from flax_albert.tasks.tagging.tag_schemes import TagScheme
from flax_albert.tasks.tagging.tagged_text import Span, TaggedText
from flax_albert.tasks.tagging.tagging_options import ACROSS_TOKENS, TokenClassificationOptions
from flax_albert.tokenization import PreTrainedTokenizerBase

_OUTSIDE = "O"


class TaggedToken(TypedDict):
    """One token, or with ``label_words`` one word, with the keys that transformers gives it."""

    entity: str | None
    """Its label; None for a word without tokens where the model has no label ``O``."""
    score: float
    """Its probability."""
    index: int
    """Number of the token, special ones counted; of the word, where words are labelled."""
    word: str
    """The token as the vocabulary has it; the word."""
    start: int | None
    """Where it begins in the text, the space before it included; None with a slow tokenizer."""
    end: int | None


class EntityGroup(TypedDict):
    """Neighbouring tokens or words of one kind, with the keys that transformers gives them."""

    entity_group: str
    """The kind: ``PER`` for ``B-PER`` and ``I-PER``."""
    score: float
    """The average of the probabilities of its tokens' or words' labels."""
    word: str
    """Its tokens as text; ``text[start:end]`` is what the text itself says."""
    start: int | None
    """Where it begins in the text, the space before it included; None with a slow tokenizer."""
    end: int | None
    word_start: NotRequired[int]
    """With ``return_word_spans``, number of its first word; the same in a :class:`TaggedToken`."""
    word_end: NotRequired[int]
    """The number after that of its last word."""


@final
class EntryWriter:
    """Writes what was found in a text.

    Args:
        tokenizer: The tokenizer.
        ready: The text.
        labels: The model's labels, by number.
        scheme: What they mean.
        options: What is asked for.
    """

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        ready: TaggedText,
        labels: Sequence[str],
        scheme: TagScheme,
        options: TokenClassificationOptions,
    ) -> None:
        self._tokenizer = tokenizer
        self._ready = ready
        self._text = ready.text.text
        self._labels = labels
        self._scheme = scheme
        self._options = options

    def tokens(self, probabilities: Float[np.ndarray, "tokens labels"]) -> list[TaggedToken]:
        """The tokens, but for those whose label is ignored.

        Args:
            probabilities: Of each label, for each token.

        Returns:
            In the order of the text.
        """
        found = []
        for start, stop, label, score in _each(label_tokens(probabilities), self._labels):
            if label not in self._options.ignore_labels and (place := self._place(start, stop)) is not None:
                [word] = self._pieces(start, stop)
                index = self._ready.leading + start
                found.append({"entity": label, "score": score, "index": index, "word": word, **place})
        return cast(list[TaggedToken], found)

    def groups(self, probabilities: Float[np.ndarray, "tokens labels"], first: int = 0) -> list[EntityGroup]:
        """The entities, but for those whose kind is ignored.

        Args:
            probabilities: Of each label, for each token of the text, or of a window.
            first: The window's first token.

        Returns:
            In the order of the text.
        """
        found = []
        groups = join(self._units(probabilities, first), self._scheme)
        for start, stop, kind, score in _each(groups, self._scheme.names):
            start, stop = first + start, first + stop
            if kind not in self._options.ignore_labels and (place := self._place(start, stop)) is not None:
                # Of all tokens together: what words say one by one has lost the spaces between them.
                word = self._tokenizer.convert_tokens_to_string(self._pieces(start, stop))
                found.append({"entity_group": kind, "score": score, "word": word, **place})
        return cast(list[EntityGroup], found)

    def words(self, probabilities: Float[np.ndarray, "tokens labels"]) -> list[TaggedToken]:
        """Every word with its label, whichever that is; of a text that came in words, those without tokens too.

        Args:
            probabilities: Of each label, for each token.

        Returns:
            In the order of the text.
        """
        given, alignment = self._ready.text.words, self._ready.alignment
        outside = _OUTSIDE if _OUTSIDE in self._labels else None
        labelled: dict[int, tuple[Span, str | None, float]] = {}
        if given is not None:
            starts = self._ready.text.word_starts().tolist()
            spans = [(start, start + len(word)) for start, word in zip(starts, given, strict=True)]
            labelled = {number: (span, outside, 0.0) for number, span in enumerate(spans)}
        if alignment is not None:
            for start, stop, label, score in _each(self._units(probabilities, 0), self._labels):
                number = int(alignment.words[start])
                span = _trimmed(alignment.span(start, stop), self._text) if given is None else labelled[number][0]
                labelled[number] = (span, label, score)
        return [
            {
                "entity": label,
                "score": score,
                "index": number,
                "word": self._text[slice(*span)],
                "start": span[0],
                "end": span[1],
            }
            for number, (span, label, score) in labelled.items()
        ]

    def _units(self, probabilities: Float[np.ndarray, "tokens labels"], first: int) -> Stretches:
        """What gets a label: tokens, or words."""
        strategy, alignment = self._options.strategy, self._ready.alignment
        if alignment is None or (strategy not in ACROSS_TOKENS and not self._options.label_words):
            return label_tokens(probabilities)
        across = cast(AcrossTokens, strategy if strategy in ACROSS_TOKENS else ACROSS_TOKENS[0])
        return label_words(probabilities, alignment.words[first : first + len(probabilities)], across)

    def _pieces(self, start: int, stop: int) -> list[str]:
        """Tokens as the vocabulary has them; those that it does not have, as the text has them."""
        ids, unknown = self._ready.ids[start:stop].tolist(), self._tokenizer.unk_token_id
        pieces = self._tokenizer.convert_ids_to_tokens(ids)
        if self._ready.alignment is not None and unknown in ids:
            for place, token in enumerate(ids):
                if token == unknown:
                    pieces[place] = self._text[slice(*self._ready.alignment.span(start + place, start + place + 1))]
        return pieces

    def _place(self, start: int, stop: int) -> dict[str, int | None] | None:
        """Where tokens stand in the text, or None where they are trimmed to nothing."""
        alignment = self._ready.alignment
        if alignment is None:
            return {"start": None, "end": None}
        span = alignment.span(start, stop)
        if self._options.trim_offsets:
            span = _trimmed(span, self._text)
            if span[0] == span[1]:
                return None
        words = {}
        if self._options.return_word_spans:
            words = {"word_start": int(alignment.words[start]), "word_end": int(alignment.words[stop - 1]) + 1}
        return {"start": span[0], "end": span[1], **words}


def _each(stretches: Stretches, names: Sequence[str]) -> Iterator[tuple[int, int, str, float]]:
    """First token, the token after the last, name, score."""
    named = [names[number] for number in stretches.labels.tolist()]
    return zip(stretches.starts.tolist(), stretches.stops.tolist(), named, stretches.scores.tolist(), strict=True)


def _trimmed(span: Span, text: str) -> Span:
    """A span without the white space around it, and with the accents of its last letter."""
    part = text[slice(*span)]
    start = span[0] + len(part) - len(part.lstrip())
    end = start + len(part.strip())
    while start < end < len(text) and unicodedata.category(text[end]) == "Mn":
        end += 1
    return start, end
