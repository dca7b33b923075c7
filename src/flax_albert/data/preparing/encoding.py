"""Documents to pieces, in several processes."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from flax_albert.data.documents.sentences import RULES, SentenceRule

Encoded = tuple[np.ndarray, np.ndarray]
"""The pieces of a document, and where each of its sentences ends."""
Mark = TypeVar("Mark")

_CHARACTERS = 2**19
_DOCUMENTS = 256
"""How much a process is given at once, at least; few large documents, or many small ones."""
_AHEAD = 3
"""Times as much is read as there are processes, so that none of them waits."""
_tokenizer: Any = None  # one a process, loaded once


def encode_document(tokenizer: Any, text: str, rule: SentenceRule) -> Encoded:
    """Encodes one document: every sentence by itself, without special tokens, as a call of the tokenizer does it.

    Args:
        tokenizer: A fast tokenizer.
        text: The document.
        rule: What a sentence is.

    Returns:
        Piece ids as ``int32``, and where each sentence ends; sentences without a piece are left out.

    Example:
        >>> from flax_albert import AutoTokenizer
        >>> from flax_albert.data.preparing.encoding import encode_document
        >>> tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
        >>> pieces, ends = encode_document(tokenizer, "A cat. It sat.", "punctuation")
        >>> tokenizer.convert_ids_to_tokens(pieces[ends[0] :].tolist())
        ['▁it', '▁sat', '.']
    """
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    # The pipeline itself, and without offsets: a sixth less time than the tokenizer's own call.
    rows = [encoding.ids for encoding in backend.encode_batch_fast(RULES[rule](text), add_special_tokens=False)]
    lengths = np.array([len(row) for row in rows], np.int64)
    pieces = np.fromiter(itertools.chain.from_iterable(rows), np.int32, int(lengths.sum()))
    return pieces, np.cumsum(lengths)[lengths > 0]


def encode_documents(
    texts: Iterable[tuple[Mark, str]], folder: Path, rule: SentenceRule, processes: int
) -> Iterator[tuple[Mark, Encoded]]:
    """Encodes documents, in order, reading only a little ahead.

    Args:
        texts: Documents, each with whatever is to come back beside it.
        folder: The tokenizer's files.
        rule: What a sentence is.
        processes: How many processes share the work; 1 does it in this one.

    Yields:
        What came with each document, and the document in pieces.

    Raises:
        OSError: A process died.
    """
    if processes == 1:
        _load(folder)
        for mark, text in texts:
            yield mark, encode_document(_tokenizer, text, rule)
        return
    context = multiprocessing.get_context("spawn")  # JAX's threads do not survive a fork
    chunks = _chunks(texts)
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(folder,))
    waiting: deque[tuple[list[Mark], Future[list[Encoded]]]] = deque()
    try:
        while True:
            for marks, documents in itertools.islice(chunks, _AHEAD * processes - len(waiting)):
                waiting.append((marks, pool.submit(_encode, documents, rule)))
            if not waiting:
                return
            marks, encoded = waiting.popleft()
            yield from zip(marks, encoded.result(), strict=True)
    except BrokenProcessPool:
        raise OSError(
            "A process that encodes documents has died, perhaps for want of memory. Run the same again, with fewer "
            'processes; a program needs its usual `if __name__ == "__main__":` too.'
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _chunks(texts: Iterable[tuple[Mark, str]]) -> Iterator[tuple[list[Mark], list[str]]]:
    marks: list[Mark] = []
    documents: list[str] = []
    characters = 0
    for mark, text in texts:
        marks.append(mark)
        documents.append(text)
        characters += len(text)
        if characters >= _CHARACTERS or len(documents) >= _DOCUMENTS:
            yield marks, documents
            marks, documents, characters = [], [], 0
    if documents:
        yield marks, documents


def _begin(folder: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that writes
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    _load(folder)


def _leave_with_parent() -> None:
    """Ends this process when the one that writes is gone: killed, it could not say so, and this would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _load(folder: Path) -> None:
    global _tokenizer
    from flax_albert.auto.tokenizer import AutoTokenizer

    _tokenizer = AutoTokenizer.from_pretrained(folder)


def _encode(documents: list[str], rule: SentenceRule) -> list[Encoded]:
    return [encode_document(_tokenizer, text, rule) for text in documents]
