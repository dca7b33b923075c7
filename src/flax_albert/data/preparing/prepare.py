"""Documents -> a corpus: encoded in processes, written part by part, gone on with where it ended."""

from __future__ import annotations

import dataclasses
import itertools
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from flax_albert.data.corpus import ARRAYS, MANIFEST, SPLITS, TOKENIZER, VERSION, SplitName, read_manifest
from flax_albert.data.documents.document import Document, Documents, ReadOptions
from flax_albert.data.documents.sentences import SentenceRule
from flax_albert.data.errors import DataError
from flax_albert.data.preparing.encoding import encode_documents
from flax_albert.data.preparing.parts import PartBuilder, write_manifest
from flax_albert.data.vocabulary import Vocabulary

SKIPPED = "skipped.txt"
"""What was wrong with each document that was left out, a line each."""


@dataclass(frozen=True)
class PrepareOptions:
    """How documents become a corpus.

    Attributes:
        read: How documents stand in the files.
        sentences: What a sentence is: what ``punctuation`` ends, a ``line``, or a ``paragraph``.
        held_out: Share of the documents that are kept out of training, chosen by a checksum of their names.
        skip_bad: Whether documents that cannot be used are left out, counted and listed, instead of ending the work.
        part_pieces: Pieces after which a part is written: what is lost at most when the work is interrupted, and what
            lies in memory at most, beside one document.
    """

    read: ReadOptions = field(default_factory=ReadOptions)
    sentences: SentenceRule = "punctuation"
    held_out: float = 0.01
    skip_bad: bool = False
    part_pieces: int = 2**24

    def __post_init__(self) -> None:
        if not 0 <= self.held_out < 1:
            raise ValueError(f"held_out must be a share from 0 to below 1, got {self.held_out}.")
        if self.part_pieces < 1:
            raise ValueError(f"part_pieces must be at least 1, got {self.part_pieces}.")


@dataclass(frozen=True)
class Prepared:
    """What a corpus holds.

    Attributes:
        folder: Where it is.
        splits: Pieces, documents and sentences of each split.
        skipped: Documents that were left out.
        resumed: Documents that an earlier call had done.
    """

    folder: Path
    splits: dict[str, dict[str, int]]
    skipped: int
    resumed: int = 0


@dataclass
class _Progress:
    """How far the work has come."""

    parts: list[dict[str, Any]] = field(default_factory=list)
    documents: int = 0
    skipped: int = 0
    skipped_bytes: int = 0

    @classmethod
    def read(cls, manifest: dict[str, Any]) -> Self:
        return cls(manifest["parts"], manifest["documents"], manifest["skipped"], manifest["skipped_bytes"])


def split_of(name: str, held_out: float) -> SplitName:
    """Where a document goes: the same on any machine and in any order.

    Args:
        name: The document's name.
        held_out: Share that is held out.

    Returns:
        The split.

    Example:
        >>> from flax_albert.data.preparing.prepare import split_of
        >>> [split_of(name, held_out=0.3) for name in ("one", "two", "seven")]
        ['train', 'train', 'held-out']
    """
    checksum = zlib.crc32(name.encode())
    place = checksum % 100 * 100 + checksum // 100 % 100  # whoever is held out at 1% is so at 2% too
    return "held-out" if place < held_out * 10_000 else "train"


def prepare(
    inputs: Sequence[Path | str],
    tokenizer: Any,
    output: Path | str,
    options: PrepareOptions | None = None,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Prepared:
    r"""Makes a corpus, or goes on making one.

    The same call on the same files gives the same bytes, however often it was interrupted.

    Args:
        inputs: Files of documents, in order.
        tokenizer: A tokenizer of this package, or what `AutoTokenizer.from_pretrained` takes.
        output: The folder of the corpus: new or empty, or one of an earlier call with the same arguments.
        options: How.
        processes: How many processes encode; by default one a core.
        progress: Told the bytes read of all inputs, and the documents done.

    Returns:
        What the corpus holds.

    Raises:
        DataError: An input cannot be read, a document cannot be used, or the folder holds something else.
        OSError: The folder cannot be written.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.data.preparing.prepare import PrepareOptions, prepare
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (folder / "text.txt").write_text("A cat sat. It purred.\n\nA dog came.\n")
        >>> options = PrepareOptions(held_out=0)
        >>> prepare([folder / "text.txt"], "albert-mini-en", folder / "corpus", options, processes=1).splits
        {'train': {'pieces': 12, 'documents': 2, 'sentences': 3}}
    """
    from flax_albert.auto.tokenizer import AutoTokenizer

    options = options or PrepareOptions()
    if isinstance(tokenizer, str | os.PathLike):
        tokenizer = AutoTokenizer.from_pretrained(tokenizer)
    documents = Documents([Path(path) for path in inputs], options.read)
    folder = Path(output)
    vocabulary = Vocabulary.of(tokenizer)
    head = {
        "version": VERSION,
        "tokenizer": vocabulary.fingerprint,
        "inputs": [{"file": Path(path).name, "bytes": Path(path).stat().st_size} for path in inputs],
        "options": dataclasses.asdict(options),
    }
    state, complete = _begun(folder, head)
    if complete:
        return _prepared(folder, state, state.documents)
    tokenizer.save_pretrained(folder / TOKENIZER)
    resumed = state.documents
    kind = np.uint16 if vocabulary.size <= 2**16 else np.uint32
    with (folder / SKIPPED).open("a", encoding="utf-8") as skipped:
        skipped.truncate(state.skipped_bytes)
        skipped.seek(0, os.SEEK_END)

        def usable() -> Iterator[tuple[Document, str]]:
            for document in itertools.islice(documents, resumed, None):
                if document.fault and not options.skip_bad:
                    raise DataError(document.fault)
                yield document._replace(text=""), "" if document.fault else document.text

        part = PartBuilder()

        def finish_part() -> None:
            nonlocal part
            state.parts.append(part.write(folder, len(state.parts), kind))
            skipped.flush()
            state.skipped_bytes = skipped.tell()
            write_manifest(folder, {**head, **dataclasses.asdict(state), "complete": False})
            part = PartBuilder()

        workers = processes or os.cpu_count() or 1
        for document, encoded in encode_documents(usable(), folder / TOKENIZER, options.sentences, workers):
            state.documents += 1
            if document.fault or not len(encoded[0]):
                reason = document.fault or f"{document.where} has no piece."
                if not options.skip_bad:
                    raise DataError(reason)
                skipped.write(f"{reason}\n")
                state.skipped += 1
            else:
                part.add(split_of(document.id, options.held_out), encoded)
            if part.pieces >= options.part_pieces:
                finish_part()
            if progress is not None:
                progress(document.position, state.documents)
        if part.pieces or not state.parts:
            finish_part()
    if not any(state.parts):
        raise DataError("There is no document that can be used.")
    write_manifest(folder, {**head, **dataclasses.asdict(state), "complete": True})
    return _prepared(folder, state, resumed)


def _begun(folder: Path, head: dict[str, Any]) -> tuple[_Progress, bool]:
    """What an earlier call did in a folder, and whether it did all."""
    if not folder.exists() or not any(folder.iterdir()):
        folder.mkdir(parents=True, exist_ok=True)
        write_manifest(folder, {**head, **dataclasses.asdict(_Progress()), "complete": False})
        return _Progress(), False
    if not (folder / MANIFEST).exists() and [path.name for path in folder.iterdir()] != [f"{MANIFEST}.tmp"]:
        raise DataError(f"{folder} holds something else than a corpus; choose another output folder.")
    if not (folder / MANIFEST).exists():
        return _Progress(), False
    manifest = read_manifest(folder)
    for name, now in head.items():
        if manifest.get(name) != now:
            what = _difference(name, manifest.get(name), now)
            raise DataError(f"The corpus in {folder} was begun with another {what}; choose another output folder.")
    state = _Progress.read(manifest)
    known = {shard[name]["file"] for part in state.parts for shard in part.values() for name in ARRAYS}
    for path in folder.glob("*.npy"):
        if path.name not in known:  # of a part that was not finished
            path.unlink()
    return state, bool(manifest["complete"])


def _difference(name: str, before: Any, now: Any) -> str:
    if isinstance(before, dict) and isinstance(now, dict):
        key = next(key for key in {**before, **now} if before.get(key) != now.get(key))
        return _difference(str(key), before.get(key), now.get(key))
    shown = f" ({before!r} then, {now!r} now)" if not isinstance(now, list) and name != "tokenizer" else ""
    return {"inputs": "list of inputs", "tokenizer": "tokenizer"}.get(name, name) + shown


def _prepared(folder: Path, state: _Progress, resumed: int) -> Prepared:
    splits: dict[str, dict[str, int]] = {
        split: {name: sum(part[split]["count"][name] for part in state.parts if split in part) for name in ARRAYS}
        for split in SPLITS
        if any(split in part for part in state.parts)
    }
    return Prepared(folder, splits, state.skipped, resumed)
