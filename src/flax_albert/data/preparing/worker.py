"""A process that encodes documents: reads them from standard input, writes pieces to standard output.

It ends when its input does, also when whoever started it was killed, and needs nothing of the program that did.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, final

import numpy as np

from flax_albert.data.documents.sentences import RULES, SentenceRule

Encoded = tuple[np.ndarray, np.ndarray]
"""The pieces of a document, and where each of its sentences ends."""


def load(folder: Path | str) -> Any:
    """Reads the tokenizer that :func:`encode_document` takes.

    Args:
        folder: Its files.

    Returns:
        The tokenizer, which cuts nothing short.
    """
    from flax_albert.auto.tokenizer import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    return tokenizer


def encode_document(tokenizer: Any, text: str, rule: SentenceRule) -> Encoded:
    """Encodes one document: every sentence by itself, without special tokens, as a call of the tokenizer does it.

    Args:
        tokenizer: What :func:`load` gives.
        text: The document.
        rule: What a sentence is.

    Returns:
        Piece ids as ``int32``, and where each sentence ends; sentences without a piece are left out.

    Example:
        >>> from flax_albert.data.preparing.worker import encode_document, load
        >>> tokenizer = load("albert-mini-en")
        >>> pieces, ends = encode_document(tokenizer, "A cat. It sat.", "punctuation")
        >>> tokenizer.convert_ids_to_tokens(pieces[ends[0] :].tolist())
        ['▁it', '▁sat', '.']
    """
    sentences, backend = RULES[rule](text), tokenizer.backend_tokenizer
    # The pipeline itself, and without offsets: a sixth less time than the tokenizer's own call.
    rows = [encoding.ids for encoding in backend.encode_batch_fast(sentences, add_special_tokens=False)]
    lengths = np.array([len(row) for row in rows], np.int64)
    pieces = np.fromiter(itertools.chain.from_iterable(rows), np.int32, int(lengths.sum()))
    return pieces, np.cumsum(lengths)[lengths > 0]


@final
class Worker:
    """Such a process, from outside.

    Args:
        folder: The tokenizer's files.
        rule: What a sentence is.
    """

    def __init__(self, folder: Path, rule: SentenceRule) -> None:
        paths = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import main; main()", str(folder), rule],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths, "TOKENIZERS_PARALLELISM": "false"},
            process_group=0,  # Ctrl-C is for the process that writes
        )

    def encode(self, documents: Sequence[str]) -> list[Encoded]:
        """Has documents encoded.

        Args:
            documents: Their texts.

        Returns:
            Each in pieces.

        Raises:
            OSError: The process died.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(documents).encode() + b"\n")
            process.stdin.flush()
            return _read(process.stdout)
        except (OSError, EOFError):
            raise OSError(
                "A process that encodes documents has died, perhaps for want of memory; run the same again, with fewer "
                "processes if need be."
            ) from None

    def stop(self) -> None:
        """Ends the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what it was still to be sent
                if pipe is not None:
                    pipe.close()


def _write(file: IO[bytes], documents: Sequence[Encoded]) -> None:
    """Writes the numbers of pieces and sentences, and then the pieces and ends of all documents."""
    sizes = np.array([[len(pieces), len(ends)] for pieces, ends in documents], np.int64)
    file.write(np.int64(len(documents)).tobytes() + sizes.tobytes())
    for pieces, ends in documents:
        file.write(pieces.tobytes() + ends.tobytes())
    file.flush()


def _read(file: IO[bytes]) -> list[Encoded]:
    (count,) = _numbers(file, 1, np.int64)
    sizes = _numbers(file, 2 * int(count), np.int64).reshape(-1, 2)
    return [(_numbers(file, pieces, np.int32), _numbers(file, ends, np.int64)) for pieces, ends in sizes.tolist()]


def _numbers(file: IO[bytes], count: int, kind: type[np.signedinteger[Any]]) -> np.ndarray:
    data = file.read(count * np.dtype(kind).itemsize)
    if len(data) < count * np.dtype(kind).itemsize:
        raise EOFError
    return np.frombuffer(data, kind)


def main() -> None:
    """Encodes what comes, with the tokenizer and by the rule that the arguments name."""
    tokenizer, rule = load(sys.argv[1]), sys.argv[2]
    for line in sys.stdin.buffer:
        _write(sys.stdout.buffer, [encode_document(tokenizer, text, rule) for text in json.loads(line)])  # pyrefly: ignore
