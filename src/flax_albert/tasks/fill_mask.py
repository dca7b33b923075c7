"""Fill-mask: which pieces of the vocabulary belong where a text says ``[MASK]``."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TypedDict, final

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from flax_albert.models import FlaxAlbertForMaskedLM
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tasks.base import Task
from flax_albert.tasks.batches import bucket
from flax_albert.tasks.engine import Arrays, Encoded, Row
from flax_albert.tasks.errors import UnfitError
from flax_albert.tasks.examples import one_text
from flax_albert.tasks.scores import finite
from flax_albert.tasks.streams import mapped
from flax_albert.tasks.targets import allowed_pieces
from flax_albert.tokenization import PreTrainedTokenizerBase


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


@dataclass(frozen=True)
class FillMaskOptions:
    """Options of :class:`FillMask`."""

    top_k: int = 5
    """How many candidates each mask gets, best first; fewer where there are fewer ``targets``."""
    targets: str | Sequence[str] | None = None
    """Pieces to choose from, by default all. As in transformers a target that is no piece of the vocabulary stands for
    its first piece, with a warning; and ``"man"`` is the piece that continues a word, as in ``woman``, while ``"▁man"``
    is the word. :func:`whole_words` turns words into targets."""
    tokenizer_kwargs: Mapping[str, Any] | None = None
    """``truncation`` and ``max_length``: whether a text is shortened to what the model takes."""


class _Wanted(NamedTuple):
    """The options, as the vocabulary of the model understands them."""

    top_k: int
    computed: int
    allowed: Bool[Array, " vocab"]
    limits: Mapping[str, Any]


@final
class FillMask(Task[FillMaskOptions, Encoded]):
    """Fills in masked words. Results are those of the fill-mask pipeline of transformers.

    Args:
        model: A model with a trained masked-LM head.
        tokenizer: Its tokenizer.
        batch_size: As in :class:`~flax_albert.tasks.base.Task`, like the arguments after it.
        **options: Those of :class:`FillMaskOptions`.

    Raises:
        ValueError: The tokenizer has no mask token.

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

    task: ClassVar[str] = "fill-mask"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertForMaskedLM
    options_class: ClassVar[type] = FillMaskOptions
    default_model: ClassVar[str | None] = "albert-mini-en"

    def __init__(self, model: Any, tokenizer: PreTrainedTokenizerBase, *arguments: Any, **options: Any) -> None:
        if tokenizer.mask_token_id is None:
            raise ValueError("The tokenizer has no mask token, so that no text can say which word to fill in.")
        super().__init__(model, tokenizer, *arguments, **options)

    def __call__(self, inputs: Any, *positional: Any, **options: Any) -> Any:
        """Answers one text or several.

        Args:
            inputs: A text with at least one ``[MASK]``, a list of them, or another iterable.
            *positional: ``top_k`` and ``targets``, in this order.
            **options: Options for this call.

        Returns:
            For one text its candidates, or where it has several masks a list of candidates for each. For a list of
            texts a list of that; for a list of one text, as in transformers, the same as for the text alone. For
            another iterable an iterator.

        Raises:
            InputError: A text is not a ``str``, is empty, has no ``[MASK]``, or is longer than the model's positions,
                and ``on_error`` is ``"raise"``.
            TypeError: An option is unknown.
            ValueError: An option is out of its range, or a target means nothing to the model.
        """
        options.update(zip(("top_k", "targets"), positional, strict=False))
        answers = super().__call__(inputs, **options)
        if isinstance(inputs, str):
            return _alone(answers)
        if not isinstance(answers, list):
            return mapped(_alone, answers)
        return _alone([_alone(answer) for answer in answers])

    def _merged(self, given: Mapping[str, Any], base: Any) -> FillMaskOptions:
        # As in transformers, None leaves an option as it is.
        return super()._merged({name: value for name, value in given.items() if value is not None}, base)

    def _is_input(self, value: Any) -> bool:
        return isinstance(value, str)

    def _bound(self, options: FillMaskOptions) -> _Wanted:
        allowed, top_k = allowed_pieces(options.targets, self.tokenizer, self.model.config.vocab_size), options.top_k
        if isinstance(top_k, bool) or not isinstance(top_k, int) or not 1 <= top_k <= len(allowed):
            raise ValueError(f"top_k must be a whole number from 1 to the vocabulary's {len(allowed)}, got {top_k!r}.")
        computed = bucket(top_k, smallest=8, factor=4, largest=len(allowed))
        return _Wanted(min(top_k, int(allowed.sum())), computed, jnp.asarray(allowed), options.tokenizer_kwargs or {})

    def _encode(self, inputs: list[Any], options: _Wanted) -> list[Encoded | UnfitError]:
        rows = self._rows(
            [one_text(value) for value in inputs],
            options.limits.get("truncation", False),
            options.limits.get("max_length"),
        )
        return [self._with_masks(row) for row in rows]

    def _with_masks(self, row: Row | UnfitError) -> Encoded | UnfitError:
        if isinstance(row, UnfitError):
            return row
        masks = np.flatnonzero(row.ids == self.tokenizer.mask_token_id)
        if not len(masks):
            mask = self.tokenizer.mask_token
            return UnfitError(f"has no {mask}; write {mask} in place of the word to fill in.")
        return Encoded([dataclasses.replace(row, positions=masks)])

    def _compute(self, arrays: Arrays, options: _Wanted) -> tuple[Array, Array]:
        logits = self.model.masked_logits(
            arrays.input_ids, arrays.positions, arrays.attention_mask, arrays.token_type_ids
        )
        return _best(logits, options.allowed, options.computed)

    def _result(
        self, ready: Encoded, outputs: list[tuple[np.ndarray, np.ndarray]], options: _Wanted
    ) -> list[Candidates]:
        [row], [(scores, pieces)] = ready.rows, outputs
        masks = row.positions if row.positions is not None else []
        finite(scores[: len(masks), : options.top_k])
        return [
            [
                self._candidate(row.ids, masks, slot, score, piece)
                for score, piece in zip(
                    scores[slot, : options.top_k].tolist(), pieces[slot, : options.top_k].tolist(), strict=True
                )
            ]
            for slot in range(len(masks))
        ]

    def _candidate(
        self,
        ids: Int[np.ndarray, " seq"],
        masks: Int[np.ndarray, " slots"] | list[int],
        slot: int,
        score: float,
        piece: int,
    ) -> Candidate:
        filled = ids.copy()
        filled[masks[slot]] = piece
        return {
            "score": score,
            "token": piece,
            "token_str": self.tokenizer.decode([piece]),
            "sequence": self.tokenizer.decode(
                filled[filled != self.tokenizer.pad_token_id].tolist(), skip_special_tokens=len(masks) == 1
            ),
        }


def _alone(answer: Any) -> Any:
    """What a list of one holds; another list, or an error, itself."""
    return answer[0] if isinstance(answer, list) and len(answer) == 1 else answer


@functools.partial(jax.jit, static_argnums=2)
def _best(
    logits: Float[Array, "rows slots vocab"], allowed: Bool[Array, " vocab"], most: int
) -> tuple[Float[Array, "rows slots most"], Int[Array, "rows slots most"]]:
    """Probability and number of the best pieces among those allowed."""
    scores = jax.nn.softmax(logits.astype(jnp.float32))
    return jax.lax.top_k(jnp.where(allowed, scores, -1.0), most)
