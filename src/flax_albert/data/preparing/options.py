"""What is asked for, and what became of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flax_albert.data.documents.documents import ReadOptions
from flax_albert.data.documents.sentences import RULES, SentenceRule


@dataclass(frozen=True)
class PrepareOptions:
    """How documents become a corpus.

    Attributes:
        read: How documents stand in the files.
        segments: What a sentence is: what ``punctuation`` ends, a ``line``, or a ``paragraph``.
        held_out: Share of the documents that are kept out of training, chosen by a checksum of their names.
        skip_bad: Whether documents that cannot be used are left out, counted and listed, instead of ending the work.
        shard_pieces: Pieces after which a shard is written: what is lost at most when the work is interrupted, and
            what lies in memory at most, beside a few documents.
    """

    read: ReadOptions = field(default_factory=ReadOptions)
    segments: SentenceRule = "punctuation"
    held_out: float = 0.01
    skip_bad: bool = False
    shard_pieces: int = 2**24

    def __post_init__(self) -> None:
        if self.segments not in RULES:
            raise ValueError(f"segments must be one of {', '.join(RULES)}, got {self.segments!r}.")
        if not 0 <= self.held_out < 1:
            raise ValueError(f"held_out must be a share from 0 to below 1, got {self.held_out}.")
        if self.shard_pieces < 1:
            raise ValueError(f"shard_pieces must be at least 1, got {self.shard_pieces}.")

    def deciding(self) -> dict[str, Any]:
        """Those that decide what is written; whether bad documents end the work may change when it is gone on with."""
        return {name: value for name, value in asdict(self).items() if name != "skip_bad"}


@dataclass(frozen=True)
class Prepared:
    """What a corpus holds.

    Attributes:
        folder: Where it is.
        splits: Pieces, documents and sentences of each split, and how many of the pieces are unknown.
        skipped: Documents that were left out.
        resumed: Documents that earlier calls had done.
    """

    folder: Path
    splits: dict[str, dict[str, int]]
    skipped: int
    resumed: int = 0
