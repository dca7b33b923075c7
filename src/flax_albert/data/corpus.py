"""Text as numbers: documents of sentences of pieces, in arrays that are mapped from files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, final

import numpy as np

from flax_albert.data.documents.splits import SplitName
from flax_albert.data.errors import DataError
from flax_albert.data.vocabulary import Vocabulary

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

    def __init__(self, shards: Sequence[Shard], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._opened: tuple[Path, SplitName] | None = None
        self._shards = [shard.pieces for shard in shards]
        self._starts = np.cumsum([0, *(len(pieces) for pieces in self._shards)])
        self.documents = _joined([shard.documents for shard in shards], self._starts)
        self.sentences = _joined([shard.sentences for shard in shards], self._starts)

    def __len__(self) -> int:
        """How many pieces there are."""
        return int(self._starts[-1])

    def __reduce__(self) -> Any:
        if self._opened is None:
            return super().__reduce__()
        return type(self).open, (*self._opened, False)  # another process maps the files itself

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
        if manifest["complete"] is not True:
            raise DataError(f"The corpus in {folder} is not finished; run the same `flax-albert prepare` again.")
        described = [part[split] for part in manifest["parts"] if split in part]
        if not described:
            raise DataError(f"The corpus in {folder} holds no {split} documents.")
        vocabulary = Vocabulary.of(AutoTokenizer.from_pretrained(folder / TOKENIZER))
        if vocabulary.fingerprint != manifest["tokenizer"]:
            raise DataError(f"The tokenizer in {folder / TOKENIZER} is not the one that the corpus was made with.")
        corpus = cls([_open_shard(folder, shard, vocabulary.size, verify) for shard in described], vocabulary)
        corpus._opened = folder, split
        return corpus


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
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from None
    if isinstance(manifest, dict) and manifest.get("version") not in (None, VERSION):
        raise DataError(
            f"{path} has version {manifest['version']!r:.20}, and this flax-albert reads version {VERSION}; "
            "prepare the corpus again."
        )
    if not _is_manifest(manifest):
        raise DataError(f"{path} is not what `flax-albert prepare` writes; prepare the corpus again.")
    return manifest


def _is_manifest(manifest: Any) -> bool:
    """Whether it has everything that is looked up in it, each of its type."""
    kinds = {"tokenizer": str, "parts": list, "documents": int, "skipped": int, "skipped_bytes": int, "complete": bool}
    try:
        shards = [shard for part in manifest["parts"] for shard in part.values()]
        files = [shard[name] for shard in shards for name in ARRAYS]
        counts = [count for shard in shards for count in shard["count"].values()]
        named = all(isinstance(file["file"], str) and Path(file["file"]).name == file["file"] for file in files)
        counted = all(type(count) is int for count in (*counts, *(file["bytes"] for file in files)))
        typed = all(isinstance(manifest[key], kind) for key, kind in kinds.items())
        return named and counted and typed and manifest["version"] == VERSION
    except (KeyError, TypeError, AttributeError):
        return False


def file_name(split: str, part: int, array: str) -> str:
    """The name of one array's file."""
    return f"{split}-{part:05d}.{array}.npy"


def sha256(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open_shard(folder: Path, described: Mapping[str, Any], vocabulary: int, verify: bool) -> Shard:
    pieces, documents, sentences = (_open_array(folder, described[name], verify) for name in ARRAYS)
    fitting = (
        pieces.dtype in (np.uint16, np.uint32)
        and documents.dtype == sentences.dtype == np.int64
        and len(documents) > 0
        and len(sentences) > 0
        and documents[-1] == sentences[-1] == len(pieces) > 0
    )
    if fitting and verify:
        ascending = all(np.all(np.diff(ends, prepend=0) > 0) for ends in (documents, sentences))
        # The end of a document is that of a sentence.
        together = ascending and np.array_equal(sentences[np.searchsorted(sentences, documents)], documents)
        fitting = together and int(pieces.max()) < vocabulary
    if not fitting:
        raise DataError(f"{folder / described['pieces']['file']} and the files beside it do not fit together.")
    return Shard(pieces, documents, sentences)


def _open_array(folder: Path, described: Mapping[str, Any], verify: bool) -> np.ndarray:
    path = folder / described["file"]
    try:
        size = path.stat().st_size
        if size != described["bytes"]:
            raise DataError(f"{path} has {size:,} bytes instead of {described['bytes']:,}; prepare the corpus again.")
        if verify and sha256(path) != described.get("sha256"):
            raise DataError(f"{path} has been altered: its checksum differs; prepare the corpus again.")
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise DataError(f"{path} is missing; prepare the corpus again.") from None
    except (OSError, EOFError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from None
    except DataError:
        raise
    except Exception as error:  # numpy has Python's own parser read the header, which raises all kinds
        raise DataError(f"{path} is no array of numpy's: {error}.") from None
    if not isinstance(array, np.ndarray) or array.ndim != 1:
        raise DataError(f"{path} is no row of numbers; prepare the corpus again.")
    return array


def _joined(ends: Sequence[np.ndarray], starts: np.ndarray) -> np.ndarray:
    """Ends within shards -> offsets over all, beginning with 0."""
    parts = [np.asarray(end, np.int64) + start for end, start in zip(ends, starts, strict=False)]
    return np.concatenate([np.zeros(1, np.int64), *parts])
