"""How a token classifier can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

ACROSS_TOKENS = ("first", "average", "max")
"""The strategies that give each word one label."""
STRATEGIES = ("none", "simple", *ACROSS_TOKENS)


@dataclass(frozen=True)
class TokenClassificationOptions:
    """Options of :class:`TokenClassification`."""

    aggregation_strategy: Literal["none", "simple", "first", "average", "max"] = "none"
    """What becomes of the tokens' labels. ``"none"``: an entry for each token. ``"simple"``: neighbours of one kind are
    put together. The others first give each word one label, so that no word is torn: that of its first token, the best
    by the average of its tokens, or that of its most certain token."""
    ignore_labels: Sequence[str] = ("O",)
    """Labels, or kinds, that are left out of the result."""
    is_split_into_words: bool = False
    """Whether an input is a list of words."""
    delimiter: str | None = None
    """What stands between those words in the text that ``start`` and ``end`` count in; by default a space."""
    stride: int | None = None
    """For texts that are longer than the model takes: as in transformers, how many tokens a window shares with the
    next, where entities are looked for in each window, and of those that overlap the longest is kept. By default each
    token is labelled by the window that shows most around it, and windows share a quarter."""
    trim_offsets: bool = False
    """Whether ``start`` and ``end`` leave out white space around, and take in every accent of the last letter; entries
    that are nothing but white space are dropped."""
    label_words: bool = False
    """Whether each word gets a label, ``O`` too, by ``aggregation_strategy`` or else by its first token."""
    return_word_spans: bool = False
    """Whether entries say with ``word_start`` and ``word_end`` which words they cover; with ``label_words`` that is
    their ``index`` anyway."""
    grouped_entities: bool | None = None
    """The older name of the strategy ``"simple"``."""
    ignore_subwords: bool | None = None
    """Together with ``grouped_entities`` the older name of the strategy ``"first"``."""

    def __post_init__(self) -> None:
        if not isinstance(self.aggregation_strategy, str) or self.aggregation_strategy.lower() not in STRATEGIES:
            raise ValueError(
                f"aggregation_strategy must be one of {', '.join(STRATEGIES)}, got {self.aggregation_strategy!r}."
            )
        if isinstance(self.ignore_labels, str):
            raise ValueError(f"ignore_labels must be a list of labels, such as [{self.ignore_labels!r}].")
        if self.delimiter is not None and not isinstance(self.delimiter, str):
            raise ValueError(f"delimiter must be a str, got {self.delimiter!r}.")
        if self.stride is not None and (
            isinstance(self.stride, bool) or not isinstance(self.stride, int) or self.stride < 0
        ):
            raise ValueError(f"stride must be a whole number of tokens, 0 or more, got {self.stride!r}.")

    @property
    def strategy(self) -> str:
        """The strategy, by whichever name it was asked for."""
        if self.grouped_entities is None and self.ignore_subwords is None:
            return self.aggregation_strategy.lower()
        return ("first" if self.ignore_subwords else "simple") if self.grouped_entities else "none"
