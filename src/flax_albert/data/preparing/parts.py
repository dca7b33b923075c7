"""Parts of a corpus on their way to files: whole, or not there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

import numpy as np

from flax_albert.data.corpus import ARRAYS, MANIFEST, SplitName, file_name, sha256
from flax_albert.data.preparing.encoding import Encoded


@final
class PartBuilder:
    """Documents that will become one part: a shard of every split that has some."""

    def __init__(self) -> None:
        self.pieces = 0
        self._documents: dict[SplitName, list[Encoded]] = {}

    def add(self, split: SplitName, document: Encoded) -> None:
        """Adds a document."""
        self._documents.setdefault(split, []).append(document)
        self.pieces += len(document[0])

    def write(self, folder: Path, number: int, kind: type[np.unsignedinteger[Any]]) -> dict[str, Any]:
        """Writes the files.

        Args:
            folder: Where.
            number: Of the part.
            kind: Dtype of pieces.

        Returns:
            What the manifest says of them: by split, the file, size and checksum of every array.
        """
        described: dict[str, Any] = {}
        for split, documents in self._documents.items():
            lengths = np.array([len(pieces) for pieces, _ in documents], np.int64)
            ends = np.cumsum(lengths)
            sentences = [at + end - size for (_, at), end, size in zip(documents, ends, lengths, strict=True)]
            arrays = {
                "pieces": np.concatenate([pieces for pieces, _ in documents]).astype(kind),
                "documents": ends,
                "sentences": np.concatenate(sentences),
            }
            described[split] = {
                name: _written(folder / file_name(split, number, name), arrays[name]) for name in ARRAYS
            }
            described[split]["count"] = {name: len(arrays[name]) for name in ARRAYS}
        return described


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Writes ``corpus.json`` at one stroke, after everything it names has reached the disk."""
    temporary = folder / f"{MANIFEST}.tmp"
    with temporary.open("w", encoding="utf-8") as file:
        file.write(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / MANIFEST)


def _written(path: Path, array: np.ndarray) -> dict[str, Any]:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": sha256(path)}
