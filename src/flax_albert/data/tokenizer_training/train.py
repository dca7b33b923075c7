"""Documents -> the files of a tokenizer."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flax_albert.data.documents.documents import Documents, ReadOptions
from flax_albert.data.documents.sentences import RULES, SentenceRule
from flax_albert.data.documents.splits import split_of
from flax_albert.data.errors import DataError
from flax_albert.data.tokenizer_training.sampling import sampled
from flax_albert.data.tokenizer_training.unigram import COVERAGE, SPECIAL, SYMBOLS, train_unigram
from flax_albert.tokenization import AlbertTokenizerFast
from flax_albert.tokenization.albert_text import normalized
from flax_albert.tokenization.files import SPIECE, TOKENIZER

_MODEL_MAX_LENGTH = 512
"""Positions of every released ALBERT."""


@dataclass(frozen=True)
class TokenizerOptions:
    """How a tokenizer is learned.

    The defaults are those of ALBERT's vocabulary, but for the sentences, of which Google took ten millions.

    Attributes:
        vocab_size: How many pieces it has, special ones included.
        read: How documents stand in the files.
        segments: What a sentence is: what ``punctuation`` ends, a ``line``, or a ``paragraph``.
        sentences: How many sentences are drawn to learn from, each as likely as any other.
        seed: Of the drawing.
        held_out: Share of the documents that is left out, so that ``prepare`` with the same share holds out texts that
            the vocabulary has not seen.
        lower_case: Whether the tokenizer lower-cases.
        keep_accents: Whether it keeps accents.
        coverage: Share of the text's letters that get a piece.
        skip_bad: Whether documents that cannot be used are left out and counted, instead of ending the work.
    """

    vocab_size: int = 30_000
    read: ReadOptions = field(default_factory=ReadOptions)
    segments: SentenceRule = "punctuation"
    sentences: int = 1_000_000
    seed: int = 0
    held_out: float = 0.01
    lower_case: bool = True
    keep_accents: bool = False
    coverage: float = COVERAGE
    skip_bad: bool = False

    def __post_init__(self) -> None:
        least = len(SPECIAL) + len(SYMBOLS)
        if self.vocab_size <= least:
            raise ValueError(f"vocab_size must be more than the {least} pieces of the recipe, got {self.vocab_size}.")
        if self.segments not in RULES:
            raise ValueError(f"segments must be one of {', '.join(RULES)}, got {self.segments!r}.")
        if self.sentences < 1:
            raise ValueError(f"sentences must be at least 1, got {self.sentences}.")
        if not 0 <= self.held_out < 1:
            raise ValueError(f"held_out must be a share from 0 to below 1, got {self.held_out}.")
        if not 0.9 <= self.coverage <= 1:
            raise ValueError(f"coverage must be a share from 0.9 to 1, got {self.coverage}.")


@dataclass(frozen=True)
class TrainedTokenizer:
    """What became of it.

    Attributes:
        folder: Where the tokenizer is.
        vocab_size: How many pieces it has.
        documents: Documents that sentences were drawn from.
        sentences: Sentences in them.
        drawn: Sentences that were learned from.
        faults: Why documents were left out, a sentence each, the first hundred.
        skipped: How many were left out.
    """

    folder: Path
    vocab_size: int
    documents: int
    sentences: int
    drawn: int
    faults: tuple[str, ...]
    skipped: int


def train_tokenizer(
    inputs: Sequence[Path | str],
    output: Path | str,
    options: TokenizerOptions | None = None,
    *,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> TrainedTokenizer:
    r"""Learns a tokenizer by ALBERT's recipe: a unigram model, its special pieces first.

    The same call on the same files writes the same bytes.

    Args:
        inputs: Files of documents.
        output: The folder to write: ``spiece.model``, ``tokenizer.json``, and what says how they are used. It loads
            with ``AutoTokenizer``, here and in transformers, and the model by itself in sentencepiece.
        options: How.
        overwrite: Whether a tokenizer that is there already is replaced.
        progress: Told the bytes read of all inputs, and the documents done.

    Returns:
        What it was learned from.

    Raises:
        DataError: An input cannot be read, a document cannot be used, or the text does not give that many pieces.
        FileExistsError: The folder holds a tokenizer already.
        ImportError: ``sentencepiece`` is not installed.
        OSError: The folder cannot be written.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert import AutoTokenizer
        >>> from flax_albert.data.tokenizer_training.train import TokenizerOptions, train_tokenizer
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (folder / "text.txt").write_text("The cat sat on the mat, and the other cat ate a hat.\n" * 9)
        >>> _ = train_tokenizer([folder / "text.txt"], folder / "new", TokenizerOptions(vocab_size=30, held_out=0))
        >>> AutoTokenizer.from_pretrained(folder / "new").convert_ids_to_tokens([0, 4, 5])
        ['<pad>', '[MASK]', '(']
    """
    options, folder = options or TokenizerOptions(), Path(output)
    there = next((name for name in (SPIECE, TOKENIZER) if (folder / name).exists()), None)
    if there and not overwrite:
        raise FileExistsError(f"{folder} holds a {there} already.")
    count = _Count()
    documents = Documents(inputs, options.read)
    drawn = sampled(_sentences(documents, options, count, progress), options.sentences, options.seed)
    if not drawn:
        raise DataError("There is no document to learn a tokenizer from.")
    normal = (normalized(sentence, options.lower_case, options.keep_accents) for sentence in drawn)
    model = train_unigram(normal, options.vocab_size, options.coverage)
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary, SPIECE)
        file.write_bytes(model)
        tokenizer = AlbertTokenizerFast(
            file,
            do_lower_case=options.lower_case,
            keep_accents=options.keep_accents,
            model_max_length=_MODEL_MAX_LENGTH,
        )
        tokenizer.save_pretrained(folder)
    return TrainedTokenizer(
        folder, len(tokenizer), count.documents, count.sentences, len(drawn), tuple(count.faults), count.skipped
    )


class _Count:
    """What was met on the way."""

    def __init__(self) -> None:
        self.documents = self.sentences = self.skipped = 0
        self.faults: list[str] = []


def _sentences(
    documents: Documents, options: TokenizerOptions, count: _Count, progress: Callable[[int, int], None] | None
) -> Iterator[str]:
    for document in documents:
        if progress is not None:
            progress(document.position, count.documents + count.skipped + 1)
        if document.fault:
            if not options.skip_bad:
                raise DataError(document.fault)
            count.skipped += 1
            if len(count.faults) < 100:
                count.faults.append(document.fault)
        elif split_of(document.name, options.held_out) == "train":
            count.documents += 1
            for sentence in RULES[options.segments](document.text):
                count.sentences += 1
                yield sentence
