"""Fill-mask: which pieces of the vocabulary belong where a text says ``[MASK]``."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypedDict, final

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from flax_albert.models import FlaxAlbertForMaskedLM
from flax_albert.tasks.batches import Batch, bucket, plan
from flax_albert.tasks.errors import TextError
from flax_albert.tasks.targets import allowed_pieces
from flax_albert.tokenization import PreTrainedTokenizerBase

# Texts are read and answered this many batches at a time, enough to find texts of like length; fewer at first, so that
# the first answers come soon.
_WINDOWS = (1, 2, 4, 8)


class Candidate(TypedDict):
    """One answer, with the keys that transformers gives it."""

    score: float
    """Probability of the piece among all pieces, whatever ``targets`` says."""
    token: int
    """Its number in the vocabulary."""
    token_str: str
    """The piece as text."""
    sequence: str
    """The text with the piece in it; where there are several masks, the others and ``[CLS]``, ``[SEP]`` stay."""


Candidates = list[Candidate]


@final
class FillMask:
    """Fills in masked words. Results are those of the fill-mask pipeline of transformers 4.37.

    Args:
        model: A model with a trained masked-LM head.
        tokenizer: Its tokenizer.
        batch_size: Most texts that the model sees at once.

    Raises:
        ValueError: ``batch_size`` is below 1, the tokenizer has no mask token, or it knows pieces that the
            model does not.

    Example:
        >>> from flax_albert import AutoTokenizer, FlaxAlbertForMaskedLM
        >>> from flax_albert.tasks import FillMask
        >>> model = FlaxAlbertForMaskedLM.from_pretrained("albert-mini-en")
        >>> fill_mask = FillMask(model, AutoTokenizer.from_pretrained("albert-mini-en"))
        >>> for candidate in fill_mask("She opened the [MASK] and went in.", targets=["▁door", "▁water"]):
        ...     print(candidate["token_str"])
        door
        water
    """

    def __init__(self, model: FlaxAlbertForMaskedLM, tokenizer: PreTrainedTokenizerBase, batch_size: int = 16) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}.")
        if tokenizer.mask_token_id is None:
            raise ValueError("The tokenizer has no mask token, so that no text can say which word to fill in.")
        if len(tokenizer) > model.config.vocab_size:
            raise ValueError(
                f"The tokenizer knows {len(tokenizer)} pieces and the model {model.config.vocab_size}: "
                "they do not belong together."
            )
        self.model = model
        self.tokenizer = tokenizer
        self.batch_size = batch_size

    def __call__(self, texts: str | Sequence[str], top_k: int = 5, targets: str | Sequence[str] | None = None) -> Any:
        """Answers one text or several.

        Args:
            texts: A text, or a list of them, each with at least one ``[MASK]``.
            top_k: How many candidates each mask gets, best first; fewer where there are fewer ``targets``.
            targets: Pieces to choose from, by default all. As in transformers a target that is no piece of the
                vocabulary stands for its first piece, with a warning; and ``"man"`` is the piece that continues a word,
                as in ``woman``, while ``"▁man"`` is the word. :func:`whole_words` turns words into targets.

        Returns:
            For one text its candidates, or where it has several masks a list of candidates for each. For a list of
            texts a list of that; for a list of one text, as in transformers, the same as for the text alone.

        Raises:
            TypeError: A text is not a ``str``.
            TextError: A text is empty, has no ``[MASK]``, or is longer than the model's positions. It is a
                ``ValueError``.
            ValueError: ``top_k`` is out of range, or a target means nothing to the model.
        """
        if not isinstance(texts, str | list | tuple):
            raise TypeError(f"texts must be a str or a list of them, got {type(texts).__name__}.")
        answers = self.iterate([texts] if isinstance(texts, str) else texts, top_k, targets)
        shaped = [answer[0] if len(answer) == 1 else answer for answer in answers]
        return shaped[0] if len(shaped) == 1 else shaped

    def iterate(
        self, texts: Iterable[str], top_k: int = 5, targets: str | Sequence[str] | None = None
    ) -> Iterator[list[Candidates]]:
        """Answers any number of texts in bounded memory, in their order.

        Args:
            texts: Texts, read a few batches at a time.
            top_k: As in the call.
            targets: As in the call.

        Returns:
            For each text, a list with the candidates of each of its masks. Where a text is at fault, everything
            before it comes before the error.

        Raises:
            TypeError: As in the call.
            TextError: As in the call.
            ValueError: As in the call.
        """
        allowed = allowed_pieces(targets, self.tokenizer, self.model.config.vocab_size)
        if isinstance(top_k, bool) or not isinstance(top_k, int) or not 1 <= top_k <= len(allowed):
            raise ValueError(f"top_k must be a whole number from 1 to the vocabulary's {len(allowed)}, got {top_k!r}.")
        return self._windows(texts, min(top_k, int(allowed.sum())), jnp.asarray(allowed))

    def _windows(self, texts: Iterable[str], top_k: int, allowed: Bool[Array, " vocab"]) -> Iterator[list[Candidates]]:
        remaining, first = iter(texts), 0
        for batches in itertools.chain(_WINDOWS, itertools.repeat(_WINDOWS[-1])):
            window = list(itertools.islice(remaining, self.batch_size * batches))
            if not window:
                return
            rows, error = self._encode(window, first)
            yield from self._answers(rows, top_k, allowed)
            if error:
                raise error
            first += len(window)

    def _encode(self, texts: list[str], first: int) -> tuple[list[Int[np.ndarray, " seq"]], Exception | None]:
        """The ids of the texts before the first faulty one, and what is wrong with that one."""
        error: Exception | None = None
        for index, text in enumerate(texts):
            if not isinstance(text, str):
                error = TypeError(f"texts[{first + index}] must be a str, got {type(text).__name__}.")
                texts = texts[:index]
                break
        encoded = self.tokenizer(texts, verbose=False)["input_ids"] if texts else []
        rows = [np.asarray(ids, np.int32) for ids in encoded]
        for index, (text, ids) in enumerate(zip(texts, rows, strict=True)):
            if reason := self._fault(text, ids):
                return rows[:index], TextError(first + index, text, reason)
        return rows, error

    def _fault(self, text: str, ids: Int[np.ndarray, " seq"]) -> str | None:
        mask, limit = self.tokenizer.mask_token, self.model.config.max_position_embeddings
        if not text.strip():
            return f"is empty; write a sentence with {mask} in place of a word."
        if self.tokenizer.mask_token_id not in ids:
            return f"has no {mask}; write {mask} in place of the word to fill in."
        if len(ids) > limit:
            return f"has {len(ids)} tokens, and the model takes {limit}; shorten the text."
        return None

    def _answers(
        self, rows: list[Int[np.ndarray, " seq"]], top_k: int, allowed: Bool[Array, " vocab"]
    ) -> list[list[Candidates]]:
        masks = [np.flatnonzero(ids == self.tokenizer.mask_token_id) for ids in rows]
        batches = plan(
            [len(ids) for ids in rows],
            [len(positions) for positions in masks],
            self.batch_size,
            self.model.config.max_position_embeddings,
        )
        # All are started before the first is waited for, so that the device does not idle in between.
        started = [(batch, self._start(batch, rows, masks, top_k, allowed)) for batch in batches]
        answers: list[list[Candidates]] = [[] for _ in rows]
        for batch, (scores, pieces) in started:
            for text, text_scores, text_pieces in zip(
                batch.texts, np.asarray(scores), np.asarray(pieces), strict=False
            ):
                answers[text] = [
                    self._candidates(
                        rows[text], masks[text], slot, text_scores[slot, :top_k], text_pieces[slot, :top_k]
                    )
                    for slot in range(len(masks[text]))
                ]
        return answers

    def _start(
        self,
        batch: Batch,
        rows: list[Int[np.ndarray, " seq"]],
        masks: list[Int[np.ndarray, " slots"]],
        top_k: int,
        allowed: Bool[Array, " vocab"],
    ) -> tuple[Float[Array, "rows slots most"], Int[Array, "rows slots most"]]:
        ids = np.full((batch.rows, batch.length), self.tokenizer.pad_token_id or 0, np.int32)
        attention_mask = np.zeros_like(ids)
        positions = np.zeros((batch.rows, batch.slots), np.int32)
        for row, text in enumerate(batch.texts):
            ids[row, : len(rows[text])] = rows[text]
            attention_mask[row, : len(rows[text])] = 1
            positions[row, : len(masks[text])] = masks[text]
        logits = self.model.masked_logits(ids, positions, attention_mask)
        return _best(logits, allowed, bucket(top_k, smallest=8, factor=4, largest=len(allowed)))

    def _candidates(
        self,
        ids: Int[np.ndarray, " seq"],
        masks: Int[np.ndarray, " slots"],
        slot: int,
        scores: Float[np.ndarray, " top_k"],
        pieces: Int[np.ndarray, " top_k"],
    ) -> Candidates:
        if not np.isfinite(scores).all():
            raise FloatingPointError("The model's scores are not finite; compute in float32 (dtype=jnp.float32).")
        candidates: Candidates = []
        for score, piece in zip(scores.tolist(), pieces.tolist(), strict=True):
            filled = ids.copy()
            filled[masks[slot]] = piece
            candidates.append(
                {
                    "score": score,
                    "token": piece,
                    "token_str": self.tokenizer.decode([piece]),
                    "sequence": self.tokenizer.decode(
                        filled[filled != self.tokenizer.pad_token_id].tolist(), skip_special_tokens=len(masks) == 1
                    ),
                }
            )
        return candidates


@functools.partial(jax.jit, static_argnums=2)
def _best(
    logits: Float[Array, "rows slots vocab"], allowed: Bool[Array, " vocab"], most: int
) -> tuple[Float[Array, "rows slots most"], Int[Array, "rows slots most"]]:
    """Probability and number of the best pieces among those allowed."""
    scores = jax.nn.softmax(logits.astype(jnp.float32))
    return jax.lax.top_k(jnp.where(allowed, scores, -1.0), most)
