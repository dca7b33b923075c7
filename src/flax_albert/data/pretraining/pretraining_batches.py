"""A corpus to batches for pretraining: other chunks, segments and masks in each epoch, all of it by number."""

from __future__ import annotations

import threading
from typing import final

import numpy as np

from flax_albert.data.batches import ALL_ROWS, Batch, Batches
from flax_albert.data.corpus import Corpus
from flax_albert.data.pretraining.chunks import Chunks, Sentences, chunks_of
from flax_albert.data.pretraining.masking import hidden, selected
from flax_albert.data.pretraining.options import SPECIAL_TOKENS, PretrainingOptions
from flax_albert.data.pretraining.segments import Chunk, Segments, segments_of, truncated
from flax_albert.data.pretraining.spacing import Spacing

_ROWS, _PLANS = 0, 1
"""What is drawn with a key: rows, or the chunks of an epoch."""


@final
class PretrainingBatches(Batches):
    """Batches of two segments each, with words masked.

    Arrays, of as many rows as are asked for: ``input_ids``, ``attention_mask`` and ``token_type_ids`` ``[rows,
    length]``; ``masked_positions``, ``masked_labels`` and ``masked_weights`` ``[rows, slots]``, the last one 1 for a
    prediction and 0 for an unused slot; ``sentence_order`` ``[rows]``, 0 in order and 1 swapped; ``valid`` ``[rows]``;
    and ``position_ids`` where ``options.positions`` spreads rows over positions.

    The chunks of each epoch are planned when it is met, and kept: about 20 bytes a row of the epoch. Everything of a
    row is drawn from a generator whose counter begins at its epoch and place. Every epoch has as many rows as the
    first: where its own chunks are more, some are left out, and where they are fewer, some come twice.

    Args:
        corpus: The text.
        options: How it becomes rows.
        size: Rows of a batch.
        seed: Of everything that is drawn.
        most: Rows to take of every epoch, at most; a part of the held-out text, chosen by chance, measures in less
            time.

    Raises:
        ValueError: There is no text, or a special token or a space is missing.

    Example:
        >>> from flax_albert import AutoTokenizer
        >>> from flax_albert.data.corpus import Corpus
        >>> from flax_albert.data.pretraining import PretrainingBatches, PretrainingOptions
        >>> from flax_albert.data.vocabulary import Vocabulary
        >>> tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
        >>> text = ["It was late.", "Nobody came to the door.", "She waited."]
        >>> document = [tokenizer.encode(sentence, add_special_tokens=False) for sentence in text]
        >>> corpus = Corpus.of([document], Vocabulary.of(tokenizer))
        >>> batch = PretrainingBatches(corpus, PretrainingOptions(length=32), size=1).batch(0)
        >>> batch["input_ids"].shape, batch["masked_positions"].shape
        ((1, 32), (1, 1))
    """

    def __init__(
        self, corpus: Corpus, options: PretrainingOptions, size: int, seed: int = 0, most: int | None = None
    ) -> None:
        self.corpus, self.options = corpus, options
        self._size, self._seed = size, seed
        self._sentences = Sentences.of(corpus.documents, corpus.sentences)
        self._spacing = Spacing(corpus.vocabulary) if options.spaced else None
        self._plans: dict[int, Chunks] = {}
        self._planning = threading.Lock()
        found = len(self._drawn(0).first)
        if not found:
            raise ValueError("The corpus has no text to pretrain on.")
        self._count = found if most is None else min(found, most)

    @property
    def size(self) -> int:
        """Rows of every batch."""
        return self._size

    @property
    def rows(self) -> int:
        """Rows of an epoch."""
        return self._count

    @property
    def per_epoch(self) -> int:
        """Batches that go once through the text."""
        return -(-self._count // self._size)

    def batch(self, number: int, rows: slice = ALL_ROWS) -> Batch:
        """Makes a batch; see :meth:`flax_albert.data.batches.Batches.batch`."""
        epoch, place = divmod(number, self.per_epoch)
        chunks = self._plan(epoch)
        places = place * self._size + np.arange(self._size)[rows]
        batch = self._empty(len(places))
        for row, index in enumerate(places.tolist()):
            if index < self._count:
                chunk = Chunk(*(array[index].item() for array in chunks))
                views = {name: array[row] for name, array in batch.items() if array.ndim > 1}
                batch["sentence_order"][row] = self._fill(views, chunk, self._random(_ROWS, index, epoch))
                batch["valid"][row] = True
        return batch

    def _fill(self, row: dict[str, np.ndarray], chunk: Chunk, random: np.random.Generator) -> bool:
        """Writes a row into views of the batch's arrays, and says whether its segments are swapped."""
        options, vocabulary = self.options, self.corpus.vocabulary
        a, b, swapped = self._spaced(segments_of(chunk, self.corpus, self._sentences, options, random), random)
        text = np.concatenate([a, b])
        tokens = len(text) + SPECIAL_TOKENS
        # Pieces of the first segment follow [CLS], those of the second a [SEP] too.
        positions = np.arange(1, len(text) + 1) + (np.arange(len(text)) >= len(a))
        row["attention_mask"][:tokens] = 1
        row["token_type_ids"][len(a) + 2 : tokens] = 1
        if "position_ids" in row:
            row["position_ids"][:] = self._first_position(random) + np.arange(options.length)

        chosen = selected(vocabulary.starts_word[text], tokens, options, random)
        row["masked_positions"][: len(chosen)] = positions[chosen]
        row["masked_labels"][: len(chosen)] = text[chosen]
        row["masked_weights"][: len(chosen)] = 1
        text[chosen] = hidden(text[chosen], vocabulary.size, vocabulary.mask, options, random)
        ids = row["input_ids"]
        ids[0], ids[len(a) + 1], ids[tokens - 1] = vocabulary.cls, vocabulary.sep, vocabulary.sep
        ids[positions] = text
        return swapped

    def _spaced(self, segments: Segments, random: np.random.Generator) -> Segments:
        if self._spacing is None or random.random() >= self.options.spaced:
            return segments
        a, b = self._spacing(segments.a), self._spacing(segments.b)
        in_a, in_b = truncated((0, len(a)), (0, len(b)), self.options.room, random)
        return Segments(a[slice(*in_a)], b[slice(*in_b)], segments.swapped)

    def _first_position(self, random: np.random.Generator) -> int:
        room = (self.options.positions or self.options.length) - self.options.length
        return int(random.integers(room + 1)) if random.random() < 0.5 else 0

    def _empty(self, rows: int) -> dict[str, np.ndarray]:
        length, slots = self.options.length, self.options.slots
        ids = ["attention_mask", "token_type_ids"] + ["position_ids"] * (self.options.positions is not None)
        return {
            "input_ids": np.full((rows, length), self.corpus.vocabulary.pad, np.int32),
            **{name: np.zeros((rows, length), np.int32) for name in ids},
            "masked_positions": np.zeros((rows, slots), np.int32),
            "masked_labels": np.zeros((rows, slots), np.int32),
            "masked_weights": np.zeros((rows, slots), np.float32),
            "sentence_order": np.zeros(rows, np.int32),
            "valid": np.zeros(rows, bool),
        }

    def _plan(self, epoch: int) -> Chunks:
        """The chunks of an epoch in their order; those of two epochs are kept, as batches are made ahead."""
        with self._planning:
            if epoch not in self._plans:
                drawn = self._drawn(epoch)
                order = self._random(_PLANS, 1, epoch).permutation(len(drawn.first))
                for old in sorted(self._plans)[:-1]:
                    del self._plans[old]
                self._plans[epoch] = Chunks(*(array[np.resize(order, self._count)] for array in drawn))
            return self._plans[epoch]

    def _drawn(self, epoch: int) -> Chunks:
        return chunks_of(self._sentences, self.options, self._random(_PLANS, 0, epoch))

    def _random(self, purpose: int, place: int, epoch: int) -> np.random.Generator:
        """A generator of its own for every place of every epoch: the high words of its counter are theirs."""
        bits = np.random.Philox(key=[self._seed % 2**64, purpose], counter=[0, 0, place, epoch])
        return np.random.Generator(bits)
