"""Text as numbers: documents of sentences of pieces, in arrays that are mapped from files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, final

import numpy as np

from flax_albert.data.errors import DataError
from flax_albert.data.vocabulary import Vocabulary

SplitName = Literal["train", "held-out"]
SPLITS: tuple[SplitName, ...] = ("train", "held-out")
MANIFEST = "corpus.json"
TOKENIZER = "tokenizer"
"""The folder of the tokenizer's files."""
VERSION = 1
ARRAYS = ("pieces", "documents", "sentences")


@dataclass(frozen=True)
class Shard:
    """Documents that lie in files together.

    Attributes:
        pieces: Piece ids, ``[pieces]``; mapped from a file.
        documents: Where each document ends, ``[documents]``.
        sentences: Where each sentence ends, ``[sentences]``; the end of a document is that of a sentence.
    """

    pieces: np.ndarray
    documents: np.ndarray
    sentences: np.ndarray


@final
class Corpus:
    """All text of one split: a long row of pieces, with the places where its documents and sentences begin.

    Attributes:
        documents: Offsets, ``[documents + 1]``: document ``d`` is from ``documents[d]`` to ``documents[d + 1]``.
        sentences: Offsets, ``[sentences + 1]``: the same for sentences; every document begins with one.
        vocabulary: What the pieces are.

    Example:
        >>> from flax_albert import AutoTokenizer
        >>> from flax_albert.data.corpus import Corpus
        >>> from flax_albert.data.vocabulary import Vocabulary
        >>> vocabulary = Vocabulary.of(AutoTokenizer.from_pretrained("albert-mini-en"))
        >>> corpus = Corpus.of([[[7, 8], [9]], [[10, 11]]], vocabulary)
        >>> corpus.documents, corpus.sentences, corpus.pieces(1, 3)
        (array([0, 3, 5]), array([0, 2, 3, 5]), array([8, 9], dtype=int32))
    """

    def __init__(self, shards: Sequence[Shard], vocabulary: Vocabulary, folder: Path | None = None) -> None:
        self.vocabulary = vocabulary
        self.folder = folder
        self._shards = [shard.pieces for shard in shards]
        self._starts = np.cumsum([0, *(len(pieces) for pieces in self._shards)])
        self.documents = _joined([shard.documents for shard in shards], self._starts)
        self.sentences = _joined([shard.sentences for shard in shards], self._starts)

    def __len__(self) -> int:
        """How many pieces there are."""
        return int(self._starts[-1])

    def pieces(self, start: int, end: int) -> np.ndarray:
        """Reads pieces of one document.

        Args:
            start: Offset of the first.
            end: Offset behind the last.

        Returns:
            Their ids, ``[end - start]``, as ``int32``.
        """
        shard = int(np.searchsorted(self._starts, start, side="right")) - 1
        first = int(self._starts[shard])
        return self._shards[shard][start - first : end - first].astype(np.int32)

    def counts(self) -> np.ndarray:
        """How often each piece occurs, ``[vocabulary]``."""
        totals = np.zeros(self.vocabulary.size, np.int64)
        for pieces in self._shards:
            totals += np.bincount(pieces, minlength=self.vocabulary.size)
        return totals

    @classmethod
    def of(cls, documents: Sequence[Sequence[Sequence[int]]], vocabulary: Vocabulary) -> Self:
        """Makes one in memory.

        Args:
            documents: Piece ids, by document and sentence.
            vocabulary: What they are.

        Returns:
            The corpus.
        """
        return cls([shard_of(documents)], vocabulary)

    @classmethod
    def open(cls, folder: Path | str, split: SplitName = "train", verify: bool = True) -> Self:
        """Opens what ``flax-albert prepare`` wrote.

        Args:
            folder: The folder.
            split: Which documents.
            verify: Whether to read every file once and compare its checksum.

        Returns:
            The corpus; its pieces stay in their files until they are asked for.

        Raises:
            DataError: The folder holds no corpus, an unfinished or a damaged one, or none of this split.
        """
        from flax_albert.auto.tokenizer import AutoTokenizer

        folder = Path(folder)
        manifest = read_manifest(folder)
        if not manifest.get("complete"):
            raise DataError(f"The corpus in {folder} is not finished; run the same `flax-albert prepare` again.")
        described = [part[split] for part in manifest["parts"] if split in part]
        if not described:
            raise DataError(f"The corpus in {folder} holds no {split} documents.")
        vocabulary = Vocabulary.of(AutoTokenizer.from_pretrained(folder / TOKENIZER))
        if vocabulary.fingerprint != manifest["tokenizer"]:
            raise DataError(f"The tokenizer in {folder / TOKENIZER} is not the one that the corpus was made with.")
        return cls([_open_shard(folder, shard, vocabulary.size, verify) for shard in described], vocabulary, folder)


def shard_of(documents: Sequence[Sequence[Sequence[int]]]) -> Shard:
    """Lays documents end to end.

    Args:
        documents: Piece ids, by document and sentence.

    Returns:
        Arrays in memory.
    """
    ends = [np.cumsum([len(sentence) for sentence in document]) for document in documents]
    lengths = np.array([int(end[-1]) if len(end) else 0 for end in ends], np.int64)
    starts = np.cumsum(lengths) - lengths
    pieces = [np.asarray(sentence, np.int32) for document in documents for sentence in document]
    return Shard(
        np.concatenate([np.zeros(0, np.int32), *pieces]),
        np.cumsum(lengths),
        np.concatenate([np.zeros(0, np.int64), *(end + start for end, start in zip(ends, starts, strict=True))]),
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """Reads ``corpus.json``.

    Args:
        folder: Where it is.

    Returns:
        What it holds.

    Raises:
        DataError: There is none, or it is not what `flax-albert prepare` writes.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{folder} holds no {MANIFEST}; make a corpus with `flax-albert prepare`.") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("parts"), list) or "tokenizer" not in manifest:
        raise DataError(f"{path} is not what `flax-albert prepare` writes.")
    if manifest.get("version") != VERSION:
        raise DataError(
            f"{path} has version {manifest.get('version')}, and this flax-albert reads version {VERSION}; "
            "prepare the corpus again."
        )
    return manifest


def file_name(split: str, part: int, array: str) -> str:
    """The name of one array's file."""
    return f"{split}-{part:05d}.{array}.npy"


def sha256(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open_shard(folder: Path, described: Mapping[str, Any], vocabulary: int, verify: bool) -> Shard:
    arrays = {name: _open_array(folder, described[name], verify) for name in ARRAYS}
    pieces, documents, sentences = (arrays[name] for name in ARRAYS)
    lasting = len(documents) and len(sentences) and documents[-1] == sentences[-1] == len(pieces)
    # Looking at every piece would read the file; those whose checksum is right were in range when they were written.
    if not lasting or (verify and len(pieces) and int(pieces.max()) >= vocabulary):
        raise DataError(f"{folder / described['pieces']['file']} and the files beside it do not fit together.")
    return Shard(pieces, documents, sentences)


def _open_array(folder: Path, described: Mapping[str, Any], verify: bool) -> np.ndarray:
    name = str(described["file"])
    path = folder / name
    if Path(name).name != name:
        raise DataError(f"{folder / MANIFEST} names {name!r}, which is no file of the folder.")
    try:
        size = path.stat().st_size
        if size != described["bytes"]:
            raise DataError(f"{path} has {size:,} bytes instead of {described['bytes']:,}; prepare the corpus again.")
        if verify and sha256(path) != described["sha256"]:
            raise DataError(f"{path} has been altered: its checksum differs; prepare the corpus again.")
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise DataError(f"{path} is missing; prepare the corpus again.") from None
    except (OSError, EOFError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from None
    except ValueError as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} is no array of numpy's: {error}.") from None


def _joined(ends: Sequence[np.ndarray], starts: np.ndarray) -> np.ndarray:
    """Ends within shards -> offsets over all, beginning with 0."""
    parts = [np.asarray(end, np.int64) + start for end, start in zip(ends, starts, strict=False)]
    return np.concatenate([np.zeros(1, np.int64), *parts])
