"""Documents -> a corpus: encoded in processes, written part by part, gone on with where it ended."""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from flax_albert.data.corpus import TOKENIZER, VERSION, sha256
from flax_albert.data.documents.document import Document
from flax_albert.data.documents.documents import Documents
from flax_albert.data.documents.splits import split_of
from flax_albert.data.errors import DataError
from flax_albert.data.preparing.encoding import encode_documents
from flax_albert.data.preparing.options import Prepared, PrepareOptions
from flax_albert.data.preparing.parts import PartBuilder
from flax_albert.data.preparing.state import State, alone
from flax_albert.data.vocabulary import Vocabulary
from flax_albert.tokenization import PreTrainedTokenizerBase

SKIPPED = "skipped.txt"
"""What was wrong with each document that was left out, a line each."""


def prepare(
    inputs: Sequence[Path | str],
    tokenizer: PreTrainedTokenizerBase | Path | str,
    output: Path | str,
    options: PrepareOptions | None = None,
    *,
    processes: int | None = None,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Prepared:
    r"""Makes a corpus, or goes on making one.

    The same call on the same files writes the same bytes, however often it was interrupted, and in however many
    processes.

    Args:
        inputs: Files of documents, in order.
        tokenizer: A tokenizer of this package, or what ``AutoTokenizer.from_pretrained`` takes. Its files are copied
            into the corpus.
        output: The folder of the corpus: new or empty, or one of an earlier call with the same arguments.
        options: How.
        processes: How many processes encode; by default one a core.
        overwrite: Whether to begin anew in a folder that holds a corpus.
        progress: Told the bytes read of all inputs, and the documents done.

    Returns:
        What the corpus holds.

    Raises:
        DataError: An input cannot be read, a document cannot be used, or the folder holds something else. What was
            written counts when the call is made again.
        OSError: The folder cannot be written, or a process died.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.data.corpus import Corpus
        >>> from flax_albert.data.preparing.options import PrepareOptions
        >>> from flax_albert.data.preparing.prepare import prepare
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (folder / "text.txt").write_text("A cat sat. It purred.\n\nA dog came.\n")
        >>> options = PrepareOptions(held_out=0)
        >>> prepare([folder / "text.txt"], "albert-mini-en", folder / "corpus", options, processes=1).splits
        {'train': {'pieces': 12, 'documents': 2, 'sentences': 3, 'unknown': 0}}
        >>> Corpus.open(folder / "corpus").documents
        array([ 0,  8, 12])
    """
    options, folder = options or PrepareOptions(), Path(output)
    documents = Documents(inputs, options.read)
    with tempfile.TemporaryDirectory() as temporary:
        fast = _fast(tokenizer, temporary)
        vocabulary = Vocabulary.of(fast)
        head = {
            "version": VERSION,
            "tokenizer": vocabulary.fingerprint,
            "inputs": [
                {"file": path.name, "bytes": path.stat().st_size, "sha256": sha256(path)} for path in documents.paths
            ],
            "options": options.deciding(),
        }
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder):
            state = State.begin(folder, head, overwrite)
            resumed = state.documents
            if not state.complete:
                fast.save_pretrained(folder / TOKENIZER)
                workers = processes or _cores()
                _work(state, folder, documents, vocabulary, options, workers, progress or (lambda *_: None))
    return Prepared(folder, state.counts(), state.skipped, resumed)


def _work(
    state: State,
    folder: Path,
    documents: Documents,
    vocabulary: Vocabulary,
    options: PrepareOptions,
    processes: int,
    progress: Callable[[int, int], None],
) -> None:
    """Does what is still to be done."""
    part = PartBuilder(np.uint16 if vocabulary.size <= 2**16 else np.uint32, vocabulary.unk)
    texts = _usable(itertools.islice(documents, state.documents, None), options.skip_bad)
    encoding = encode_documents(texts, folder / TOKENIZER, options.segments, processes)
    with (folder / SKIPPED).open("ab") as skipped, contextlib.closing(encoding):
        skipped.truncate(state.skipped_bytes)
        for document, encoded in encoding:
            state.documents += 1
            fault = document.fault or (None if len(encoded[0]) else f"{document.where} gives no piece.")
            if fault is None:
                part.add(split_of(document.name, options.held_out), encoded)
            elif options.skip_bad:
                skipped.write(f"{' '.join(fault.split())}\n".encode())
                state.skipped += 1
            else:
                raise DataError(fault)
            if part.full(options.shard_pieces):
                _finish_part(part, state, folder, skipped)
            progress(document.position, state.documents)
        if not part and not state.parts:
            raise DataError("There is no document that can be used.")
        state.complete = True
        _finish_part(part, state, folder, skipped)


def _finish_part(part: PartBuilder, state: State, folder: Path, skipped: IO[bytes]) -> None:
    try:
        if part:
            state.parts.append(part.write(folder, len(state.parts)))
        skipped.flush()
        os.fsync(skipped.fileno())
        state.skipped_bytes = skipped.tell()
        state.save(folder)
    except OSError as error:
        raise OSError(
            f"The corpus in {folder} cannot be written: {error.strerror or error}. What was written before counts: "
            "make room, and run the same again."
        ) from error


def _usable(documents: Iterator[Document], skip_bad: bool) -> Iterator[tuple[Document, str]]:
    """The documents with their texts, which are not needed behind the processes."""
    for document in documents:
        if document.fault and not skip_bad:
            raise DataError(document.fault)
        yield document._replace(text=""), "" if document.fault else document.text


def _fast(tokenizer: PreTrainedTokenizerBase | Path | str, temporary: str) -> Any:
    """The tokenizer as its files say it is, whatever was done with an object."""
    from flax_albert.auto.tokenizer import AutoTokenizer

    if isinstance(tokenizer, str | os.PathLike):
        return AutoTokenizer.from_pretrained(tokenizer)
    tokenizer.save_pretrained(temporary)
    return AutoTokenizer.from_pretrained(temporary)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
