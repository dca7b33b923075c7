"""Text files to arrays of pieces: clean the text, hold documents out, train the vocabulary, encode everything once."""

import itertools
import json
import lzma
import multiprocessing
import re
import unicodedata
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import sentencepiece

SPLITS = ("train", "held_out")
SENTENCE_END = re.compile(
    r"(?<!\bMr)(?<!\bDr)(?<!\bSt)(?<!\bMs)(?<!\bMrs)(?<!\b[A-Z])"  # a title or an initial is no end
    r"[.!?]+[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z])"
)


@dataclass(frozen=True)
class Split:
    """All pieces of one split, end to end, with the places where its documents and sentences begin.

    Attributes:
        pieces: Piece ids of every document, ``[pieces]``, without special tokens.
        documents: Offsets into ``pieces``; document ``d`` is ``pieces[documents[d] : documents[d + 1]]``.
        sentences: Offsets into ``pieces`` at which a sentence begins, ascending.
    """

    pieces: np.ndarray
    documents: np.ndarray
    sentences: np.ndarray

    @classmethod
    def load(cls, work: Path, name: str) -> "Split":
        """Reads one split that `encode_corpus` wrote under ``work``."""
        with np.load(work / f"{name}.npz") as arrays:
            return cls(arrays["pieces"], arrays["documents"], arrays["sentences"])


@dataclass(frozen=True)
class Vocabulary:
    """What masking has to know about the pieces.

    Attributes:
        starts: Whether a piece begins a word, ``[vocabulary]``.
        punctuation: Whether a piece is punctuation, ``[vocabulary]``; it is a word, and the next piece begins one.
        space: The piece that is a space alone.
    """

    starts: np.ndarray
    punctuation: np.ndarray
    space: int

    @classmethod
    def load(cls, work: Path) -> "Vocabulary":
        """Reads ``spiece.model`` in a folder."""
        processor = _processor(work / "spiece.model")
        pieces = [processor.id_to_piece(i) for i in range(processor.get_piece_size())]
        punctuation = np.array([not any(c.isalnum() for c in piece.removeprefix("▁")) for piece in pieces])
        starts = np.array([piece.startswith("▁") for piece in pieces]) | punctuation
        return cls(starts, punctuation, processor.piece_to_id("▁"))

    def __len__(self) -> int:
        return len(self.starts)


def split_of(document_id: str) -> Literal["train", "held_out"]:
    """Assigns a document to a split by a checksum of its id, so that one in a hundred is held out on any machine."""
    return "held_out" if zlib.crc32(document_id.encode()) % 100 == 0 else "train"


def clean(text: str) -> str:
    """Prepares text as ALBERT's tokenizer does: white space collapsed, quotes unified, no accents, lower-case."""
    text = " ".join(text.split()).replace("``", '"').replace("''", '"')
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


def sentences_of(text: str) -> list[str]:
    """Splits a document into cleaned sentences; a blank line always ends one."""
    sentences: list[str] = []
    for paragraph in text.split("\n\n"):
        starts = [0, *(match.end() for match in SENTENCE_END.finditer(paragraph)), len(paragraph)]
        sentences += [clean(paragraph[start:end]) for start, end in itertools.pairwise(starts)]
    return [sentence for sentence in sentences if sentence]


def read_documents(data: Path) -> Iterator[tuple[str, str]]:
    """Yields ``(id, text)`` of every document in the ``*.jsonl.xz`` files of a folder, file by file."""
    paths = sorted(data.glob("*.jsonl.xz"))
    if not paths:
        raise FileNotFoundError(f"No *.jsonl.xz file in '{data}'; give --data the folder that holds the corpus.")
    for path in paths:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                document = json.loads(line)
                yield document["id"], document["text"]


def train_vocabulary(data: Path, work: Path, size: int, every: int) -> Path:
    """Trains ALBERT's SentencePiece recipe on every ``every``-th training document and writes ``spiece.model``."""
    work.mkdir(parents=True, exist_ok=True)
    some = itertools.islice(read_documents(data), 0, None, every)
    chosen = (text for name, text in some if split_of(name) == "train")
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(sentence for text in chosen for sentence in sentences_of(text)),
        model_prefix=str(work / "spiece"),
        model_type="unigram",
        vocab_size=size,
        character_coverage=0.99995,
        pad_id=0,
        unk_id=1,
        bos_id=-1,
        eos_id=-1,
        control_symbols=["[CLS]", "[SEP]", "[MASK]"],
        user_defined_symbols=["(", ")", '"', "-", ".", "–", "£", "€"],
        shuffle_input_sentence=True,
        num_threads=2,
        minloglevel=1,
    )
    return work / "spiece.model"


def _encode(model: Path, text: str) -> tuple[np.ndarray, np.ndarray]:
    """Encodes one document: its pieces, and the offsets at which its sentences begin."""
    encoded = _processor(model).encode(sentences_of(text))
    lengths = np.array([0, *(len(pieces) for pieces in encoded)])
    pieces = np.array([piece for sentence in encoded for piece in sentence], dtype=np.uint16)
    return pieces, np.cumsum(lengths)[:-1]


_loaded: dict[Path, sentencepiece.SentencePieceProcessor] = {}  # one a process: loading it for each document is slow


def _processor(model: Path) -> sentencepiece.SentencePieceProcessor:
    if model not in _loaded:
        _loaded[model] = sentencepiece.SentencePieceProcessor(model_file=str(model))
    return _loaded[model]


def encode_corpus(data: Path, work: Path, processes: int) -> dict[str, int]:
    """Encodes the corpus with ``work/spiece.model``, writes one ``.npz`` a split, and returns pieces per split."""
    model = work / "spiece.model"
    names, texts = zip(*read_documents(data), strict=True)
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        encoded = list(pool.map(_encode, [model] * len(texts), texts, chunksize=32))
    counts: dict[str, int] = {}
    for split in SPLITS:
        chosen = [arrays for name, arrays in zip(names, encoded, strict=True) if split_of(name) == split]
        documents = np.cumsum([0, *(len(pieces) for pieces, _ in chosen)])
        np.savez(
            work / f"{split}.npz",
            pieces=np.concatenate([pieces for pieces, _ in chosen]),
            documents=documents,
            sentences=np.concatenate([start + offset for (_, start), offset in zip(chosen, documents, strict=False)]),
        )
        counts[split] = int(documents[-1])
    return counts
