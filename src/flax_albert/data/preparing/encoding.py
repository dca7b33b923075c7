"""Documents to pieces, in several processes."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from flax_albert.data.documents.sentences import RULES, SentenceRule

Encoded = tuple[np.ndarray, np.ndarray]
"""The pieces of a document, and where each of its sentences ends."""

_DOCUMENTS = 16
"""Documents that a process is given at once."""
_tokenizer: Any = None  # one a process, loaded once


def encode_document(tokenizer: Any, text: str, rule: SentenceRule) -> Encoded:
    """Encodes one document, sentence by sentence, without special tokens.

    Args:
        tokenizer: The tokenizer.
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
    sentences = RULES[rule](text)
    if not sentences:
        return np.zeros(0, np.int32), np.zeros(0, np.int64)
    options = {"add_special_tokens": False, "return_attention_mask": False, "return_token_type_ids": False}
    rows = tokenizer(sentences, truncation=False, verbose=False, **options)["input_ids"]
    lengths = np.array([len(row) for row in rows], np.int64)
    pieces = np.fromiter(itertools.chain.from_iterable(rows), np.int32, int(lengths.sum()))
    return pieces, np.cumsum(lengths)[lengths > 0]


def encode_documents(
    texts: Iterable[tuple[Any, str]], folder: Path, rule: SentenceRule, processes: int
) -> Iterator[tuple[Any, Encoded]]:
    """Encodes documents, in order, reading only a little ahead.

    Args:
        texts: Documents, each with whatever is to come back beside it.
        folder: The tokenizer's files.
        rule: What a sentence is.
        processes: How many processes share the work; 1 does it in this one.

    Yields:
        What came with each document, and the document in pieces.
    """
    if processes == 1:
        _load(folder)
        for mark, text in texts:
            yield mark, encode_document(_tokenizer, text, rule)
        return
    context = multiprocessing.get_context("spawn")  # JAX's threads do not survive a fork
    source = iter(texts)
    chunks = iter(lambda: list(itertools.islice(source, _DOCUMENTS)), [])
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(folder,)) as pool:
        waiting: deque[tuple[list[Any], Future[list[Encoded]]]] = deque()
        try:
            while True:
                for chunk in itertools.islice(chunks, max(0, 3 * processes - len(waiting))):
                    marks, documents = zip(*chunk, strict=True)
                    waiting.append((list(marks), pool.submit(_encode, list(documents), rule)))
                if not waiting:
                    return
                marks, encoded = waiting.popleft()
                yield from zip(marks, encoded.result(), strict=True)
        finally:
            for _, future in waiting:
                future.cancel()


def _begin(folder: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that writes
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    _load(folder)


def _load(folder: Path) -> None:
    global _tokenizer
    from flax_albert.auto.tokenizer import AutoTokenizer

    _tokenizer = AutoTokenizer.from_pretrained(folder)


def _encode(documents: list[str], rule: SentenceRule) -> list[Encoded]:
    return [encode_document(_tokenizer, text, rule) for text in documents]
