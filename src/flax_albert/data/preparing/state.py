"""How far the work has come, in the manifest of the folder: what is begun there, and what goes on."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from flax_albert.data.corpus import ARRAYS, MANIFEST, TOKENIZER, read_manifest
from flax_albert.data.errors import DataError

_NEW = f"{MANIFEST}.new"


@dataclass
class State:
    """How far the work has come.

    Attributes:
        head: What decides what is written, by the manifest's names.
        parts: What is written.
        documents: Documents that went into it, or were left out.
        skipped: Documents that were left out.
        skipped_bytes: Size of the file that lists them.
        complete: Whether all documents are done.
    """

    head: dict[str, Any]
    parts: list[dict[str, Any]] = field(default_factory=list)
    documents: int = 0
    skipped: int = 0
    skipped_bytes: int = 0
    complete: bool = False

    @classmethod
    def begin(cls, folder: Path, head: dict[str, Any], overwrite: bool) -> Self:
        """Begins in a folder, or goes on.

        Args:
            folder: The folder of the corpus.
            head: What decides what is written.
            overwrite: Whether what is there is given up.

        Returns:
            How far the work has come.

        Raises:
            DataError: The folder holds something else, or a corpus that was begun otherwise.
            OSError: It cannot be written.
        """
        names = {path.name for path in folder.iterdir()} - {_NEW}
        if names and MANIFEST not in names:
            raise DataError(f"{folder} holds something else than a corpus; choose another folder.")
        if MANIFEST in names and not overwrite:
            state = cls._read(folder, head)
        else:
            state = cls(head)
            state.save(folder)
        known = {shard[name]["file"] for part in state.parts for shard in part.values() for name in ARRAYS}
        for path in folder.glob("*.npy"):
            if path.name not in known:  # of a part that was not finished
                path.unlink()
        for path in (folder / TOKENIZER).glob("*" if not state.documents else ".*"):  # the latter are half written
            path.unlink()
        return state

    @classmethod
    def _read(cls, folder: Path, head: dict[str, Any]) -> Self:
        manifest = read_manifest(folder)
        for name, now in head.items():
            if manifest.get(name) != now:
                difference = _difference(name, manifest.get(name), now)
                raise DataError(
                    f"The corpus in {folder} was begun otherwise, so that it cannot be gone on with: {difference}. "
                    "Go on as it was begun, choose another folder, or overwrite it."
                )
        names = ("parts", "documents", "skipped", "skipped_bytes", "complete")
        return cls(head, *(manifest[name] for name in names))

    def save(self, folder: Path) -> None:
        """Writes the manifest at one stroke, after everything that it names has reached the disk.

        Args:
            folder: The folder of the corpus.

        Raises:
            OSError: It cannot be written.
        """
        content = asdict(self)
        manifest = {**content.pop("head"), **content}
        with (folder / _NEW).open("w", encoding="utf-8") as file:
            file.write(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        (folder / _NEW).replace(folder / MANIFEST)

    def counts(self) -> dict[str, dict[str, int]]:
        """Pieces, documents, sentences and unknown pieces of each split."""
        totals: dict[str, dict[str, int]] = {}
        for split, shard in (item for part in self.parts for item in part.items()):
            total = totals.setdefault(split, dict.fromkeys(shard["count"], 0))
            for name, count in shard["count"].items():
                total[name] += count
        return totals


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keeps a second process out of a folder, where the system can.

    Args:
        folder: The folder.

    Raises:
        DataError: There is one already.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise DataError(f"{folder} is being written by another process.") from None
    finally:
        os.close(opened)


def _difference(name: str, before: Any, now: Any) -> str:
    """The first of the differences, in words."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        name = next(key for key in {**before, **now} if before.get(key) != now.get(key))
        return _difference(name, before.get(name), now.get(name))
    if name == "inputs" and isinstance(before, list):
        then, files = ([row.get("file") for row in rows if isinstance(row, Mapping)] for rows in (before, now))
        changed = [row["file"] for row, old in zip(now, before, strict=False) if row != old]
        return f"the inputs were {then} and are {files}" if then != files else f"{changed[0]} has changed"
    return "the tokenizer is another" if name == "tokenizer" else f"{name} was {before!r} and is {now!r}"
