"""Learning the words of a field: masked language modelling on texts as they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn

from flax_albert.config import AlbertConfig
from flax_albert.data.batches import Batches
from flax_albert.data.examples import TextExample
from flax_albert.data.readers import read_texts
from flax_albert.models import FlaxAlbertForMaskedLM
from flax_albert.pretrained import FlaxAlbertPreTrainedModel, ParameterTree
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.evaluator import Evaluation, Evaluator, Sample
from flax_albert.training.finetuning.kind import Computed, Encoded, HeldOut, Kind, given, training_batches
from flax_albert.training.finetuning.masking import MaskedBatches, Masking
from flax_albert.training.finetuning.texts import encode_texts, text_row
from flax_albert.training.objective import DeviceBatch, Objective, Terms

_SAMPLES = 20


@final
@dataclass(frozen=True)
class MaskedLM(Kind[TextExample]):
    """Learns to tell hidden words of texts.

    Attributes:
        share: Share of the pieces that are to be told; of these 80% are masked, 10% replaced, and 10% stay.
        whole_words: Whether the pieces of a word are hidden together.
        together: Whether texts are strung together and cut into rows of the full length; otherwise each is a row.

    Raises:
        ValueError: The share is no share.

    Example:
        >>> from flax_albert.training.finetuning.mlm import MaskedLM
        >>> MaskedLM(share=1.5)
        Traceback (most recent call last):
        ...
        ValueError: The share of pieces to be told must lie between 0 and 1, got 1.5.
    """

    name: ClassVar[str] = "mlm"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertForMaskedLM

    share: float = 0.15
    whole_words: bool = True
    together: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"The share of pieces to be told must lie between 0 and 1, got {self.share}.")

    @property
    def masks_per_token(self) -> float:  # pyrefly: ignore
        """See :attr:`Kind.masks_per_token`."""
        return self.share

    def read(self, source: Any, **options: Any) -> list[TextExample]:
        """See :meth:`Kind.read`."""
        return given(source, TextExample) or list(read_texts(source, "none", **options))

    def settings(self, examples: Sequence[TextExample], config: AlbertConfig) -> dict[str, Any]:
        """See :meth:`Kind.settings`."""
        return {}

    def check(self, examples: Sequence[TextExample], config: AlbertConfig) -> None:
        """See :meth:`Kind.check`."""

    def encode(
        self,
        examples: Sequence[TextExample],
        tokenizer: PreTrainedTokenizerBase,
        config: AlbertConfig,
        max_length: int,
        training: bool,
    ) -> Encoded:
        """See :meth:`Kind.encode`."""
        if not self.together:
            return encode_texts(examples, tokenizer, max_length)
        room = max_length - tokenizer.num_special_tokens_to_add()
        pieces: list[int] = []
        rows: list[dict[str, np.ndarray]] = []
        for example in examples:
            pieces += tokenizer(example.text, add_special_tokens=False, verbose=False)["input_ids"]
            while len(pieces) >= room:
                rows.append(_row(tokenizer, pieces[:room]))
                del pieces[:room]
        if pieces:
            rows.append(_row(tokenizer, pieces))
        return Encoded(rows)

    def batches(
        self, encoded: Encoded, tokenizer: PreTrainedTokenizerBase, size: int, longest: int, seed: int
    ) -> Batches:
        """See :meth:`Kind.batches`."""
        whole = training_batches(self, encoded, tokenizer, size, longest, seed)
        return MaskedBatches(whole, Masking.of(tokenizer, self.share, self.whole_words), seed)

    def objective(self, module: nn.Module) -> Objective:
        """See :meth:`Kind.objective`."""
        return MaskedWords(module)

    def evaluator(
        self, held_out: HeldOut[TextExample], objective: Objective, tokenizer: PreTrainedTokenizerBase
    ) -> Evaluator:
        """See :meth:`Kind.evaluator`."""
        masking = Masking.of(tokenizer, self.share, self.whole_words)
        return _Words(held_out.name, MaskedBatches(held_out.batches, masking, seed=0), objective, tokenizer)


def _row(tokenizer: PreTrainedTokenizerBase, pieces: list[int]) -> dict[str, np.ndarray]:
    ids = tokenizer.build_inputs_with_special_tokens(pieces)
    return text_row(ids, [0] * len(ids))


@final
class MaskedWords(Objective):
    """Cross-entropy of the hidden pieces, a mean over them."""

    def weights(self, batch: DeviceBatch) -> Terms:
        """The number of hidden pieces."""
        return {"loss": jnp.maximum(_counted(batch).sum(dtype=jnp.float32), 1)}

    def sums(self, outputs: Any, batch: DeviceBatch) -> Terms:
        """The sum over them."""
        return {"loss": _losses(outputs, batch).sum()}


def _counted(batch: DeviceBatch) -> Any:
    return batch["masked"] & batch["valid"][:, None]


def _losses(outputs: Any, batch: DeviceBatch) -> Any:
    logits = outputs.logits.astype(jnp.float32)
    losses = optax.softmax_cross_entropy_with_integer_labels(logits, batch["masked_ids"])
    return jnp.where(_counted(batch), losses, 0)


@final
class _Words(Evaluator):
    """Measures how well hidden pieces are told; the same ones at every evaluation."""

    decisive = "loss"
    larger_is_better = False

    def __init__(self, name: str, batches: Batches, objective: Objective, tokenizer: PreTrainedTokenizerBase) -> None:
        self.name = name
        self._batches, self._objective, self._tokenizer = batches, objective, tokenizer

    @property
    def batches(self) -> Batches:
        """The texts."""
        return self._batches

    def outputs(self, params: ParameterTree, batch: DeviceBatch) -> Mapping[str, Any]:
        """The loss of each row, and what is predicted."""
        outputs = self._objective.outputs(params, batch)
        return {"loss": _losses(outputs, batch).sum(-1), "predicted": outputs.logits.argmax(-1)}

    def evaluate(self, computed: Computed) -> Evaluation:
        """Measures."""
        loss, right, told, samples = 0.0, 0, [], []
        for batch, outputs in computed:
            counted = batch["masked"] & batch["valid"][:, None]
            loss += float(outputs["loss"][batch["valid"]].sum(dtype=np.float64))
            right += int((outputs["predicted"] == batch["masked_ids"])[counted].sum())
            told.append(batch["masked_ids"][counted])
            for row in np.flatnonzero(counted.any(-1))[: _SAMPLES - len(samples)]:
                samples.append(self._sample(batch, outputs["predicted"], row, counted[row]))
        pieces = np.concatenate(told)
        shares = np.unique(pieces, return_counts=True)[1] / len(pieces)
        return Evaluation(
            _figures(loss / len(pieces), right / len(pieces)),
            _figures(float(-(shares * np.log(shares)).sum()), float(shares.max())),
            samples=sorted(samples, key=lambda sample: sample.right),
        )

    def _sample(self, batch: Any, predicted: np.ndarray, row: int, counted: np.ndarray) -> Sample:
        ids = batch["input_ids"][row][batch["attention_mask"][row] > 0]
        expected, got = batch["masked_ids"][row][counted], predicted[row][counted]
        return Sample(
            self._tokenizer.decode(ids.tolist()),
            " ".join(self._tokenizer.convert_ids_to_tokens(expected.tolist())),
            " ".join(self._tokenizer.convert_ids_to_tokens(got.tolist())),
            bool((expected == got).all()),
        )


def _figures(loss: float, accuracy: float) -> dict[str, float]:
    return {"loss": loss, "perplexity": math.exp(min(loss, 700.0)), "accuracy": accuracy}
