"""Parts of a corpus on their way to files: whole, or not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, final

import numpy as np

from flax_albert.data.corpus import ARRAYS, file_name, sha256
from flax_albert.data.documents.splits import SplitName
from flax_albert.data.preparing.worker import Encoded

_MOST_DOCUMENTS = 2**20
"""However short they are."""


@final
class PartBuilder:
    """Documents that will become one part: a shard of every split that has some.

    Args:
        kind: Dtype of pieces.
        unknown: Id of the unknown piece.
    """

    def __init__(self, kind: type[np.unsignedinteger[Any]], unknown: int) -> None:
        self._kind = kind
        self._unknown = unknown
        self._documents: dict[SplitName, list[Encoded]] = {}
        self._pieces = self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def full(self, pieces: int) -> bool:
        """Whether it holds that many pieces, or as many documents as are good for one part."""
        return self._pieces >= pieces or self._count >= _MOST_DOCUMENTS

    def add(self, split: SplitName, document: Encoded) -> None:
        """Adds a document."""
        pieces, ends = document
        self._documents.setdefault(split, []).append((pieces.astype(self._kind), ends))
        self._pieces += len(pieces)
        self._count += 1

    def write(self, folder: Path, number: int) -> dict[str, Any]:
        """Writes the files, and begins anew.

        Args:
            folder: Where.
            number: Of the part.

        Returns:
            What the manifest says of them: by split, the file, size and checksum of every array, and counts.

        Raises:
            OSError: They cannot be written.
        """
        described: dict[str, Any] = {}
        for split, documents in self._documents.items():
            lengths = np.array([len(pieces) for pieces, _ in documents], np.int64)
            ends = np.cumsum(lengths)
            sentences = [at + end - size for (_, at), end, size in zip(documents, ends, lengths, strict=True)]
            arrays = {
                "pieces": np.concatenate([pieces for pieces, _ in documents]),
                "documents": ends,
                "sentences": np.concatenate(sentences),
            }
            described[split] = {
                name: _written(folder / file_name(split, number, name), arrays[name]) for name in ARRAYS
            }
            described[split]["count"] = {
                **{name: len(arrays[name]) for name in ARRAYS},
                "unknown": int(np.count_nonzero(arrays["pieces"] == self._unknown)),
            }
        self._documents, self._pieces, self._count = {}, 0, 0
        return described


def _written(path: Path, array: np.ndarray) -> dict[str, Any]:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": sha256(path)}
