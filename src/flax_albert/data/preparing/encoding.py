"""Documents to pieces, in several processes."""

from __future__ import annotations

import itertools
import queue
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from flax_albert.data.documents.sentences import SentenceRule
from flax_albert.data.preparing.worker import Encoded, Worker, encode_document, load

Mark = TypeVar("Mark")

_CHARACTERS = 2**19
_DOCUMENTS = 256
"""How much a process is given at once, at least; few large documents, or many small ones."""
_AHEAD = 3
"""Times as much is read as there are processes, so that none of them waits."""


def encode_documents(
    texts: Iterable[tuple[Mark, str]], folder: Path, rule: SentenceRule, processes: int
) -> Generator[tuple[Mark, Encoded], None, None]:
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
        tokenizer = load(folder)
        for mark, text in texts:
            yield mark, encode_document(tokenizer, text, rule)
        return
    workers = [Worker(folder, rule) for _ in range(processes)]
    idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def encoded(documents: list[str]) -> list[Encoded]:
        worker = idle.get()
        try:
            return worker.encode(documents)
        finally:
            idle.put(worker)

    chunks = _chunks(texts)
    waiting: deque[tuple[list[Mark], Future[list[Encoded]]]] = deque()
    threads = ThreadPoolExecutor(processes)  # each waits for a process
    try:
        while True:
            for marks, documents in itertools.islice(chunks, _AHEAD * processes - len(waiting)):
                waiting.append((marks, threads.submit(encoded, documents)))
            if not waiting:
                return
            marks, future = waiting.popleft()
            yield from zip(marks, future.result(), strict=True)
    finally:
        for worker in workers:
            worker.stop()
        threads.shutdown(cancel_futures=True)


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
