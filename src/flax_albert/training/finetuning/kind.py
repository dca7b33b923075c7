"""What a kind of fine-tuning is."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from flax import linen as nn

from flax_albert.config import AlbertConfig
from flax_albert.data.batches import Batch, Batches
from flax_albert.data.example_batches import ExampleBatches
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.evaluator import Evaluator
from flax_albert.training.objective import Objective

Example = TypeVar("Example")
Computed = Iterable[tuple[Batch, Mapping[str, np.ndarray]]]
"""Every batch of held-out examples, with what was computed of it."""


@dataclass(frozen=True)
class Encoded:
    """Examples as the model takes them.

    Attributes:
        rows: What :class:`~flax_albert.data.example_batches.ExampleBatches` takes: arrays by name.
        truncated: How many examples were cut to fit.
    """

    rows: Sequence[Mapping[str, np.ndarray]]
    truncated: int = 0

    def labelled(self, labels: Iterable[Any]) -> Encoded:
        """The same with labels, one a row."""
        pairs = zip(self.rows, labels, strict=True)
        return replace(self, rows=[{**row, "labels": label} for row, label in pairs])


@dataclass(frozen=True)
class HeldOut(Generic[Example]):
    """Examples to measure on.

    Attributes:
        name: What tables and files call them.
        examples: The examples.
        encoded: The same, encoded: by :meth:`Kind.encode` with ``training=False``.
        batches: Batches of their rows, in a fixed order; ``batches.members(number)`` says which rows one holds.
    """

    name: str
    examples: Sequence[Example]
    encoded: Encoded
    batches: ExampleBatches

    def in_order(self, computed: Computed) -> dict[str, np.ndarray]:
        """What was computed of every row, in the order of the rows; of arrays with one shape in all batches.

        Args:
            computed: What :meth:`~flax_albert.training.evaluator.Evaluator.evaluate` is given.

        Returns:
            Arrays by name.
        """
        parts: dict[str, list[np.ndarray]] = {}
        rows: list[np.ndarray] = []
        for number, (batch, outputs) in enumerate(computed):
            rows.append(self.batches.members(number))
            for name, array in outputs.items():
                parts.setdefault(name, []).append(np.asarray(array)[batch["valid"]])
        order = np.argsort(np.concatenate(rows))
        return {name: np.concatenate(arrays)[order] for name, arrays in parts.items()}

    def each(self, computed: Computed) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        """The number of every row with what was computed of it, which may be padded; in the order of the batches.

        Args:
            computed: What :meth:`~flax_albert.training.evaluator.Evaluator.evaluate` is given.

        Yields:
            A row's number, and its arrays by name.
        """
        for number, (_, outputs) in enumerate(computed):
            for place, row in enumerate(self.batches.members(number).tolist()):
                yield row, {name: array[place] for name, array in outputs.items()}


class Kind(abc.ABC, Generic[Example]):
    """A kind of fine-tuning. Its own options are the fields of the frozen dataclass that implements it.

    :func:`~flax_albert.training.fitting.fit` calls the methods in the order in which they stand here.
    """

    name: ClassVar[str]
    """What the command line calls it, and the task command that answers with such a model."""
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]]
    """The class that has the head."""
    unpadded: ClassVar[tuple[str, ...]] = ()
    """Arrays of a row whose last axis has nothing to do with tokens, and the same length in every row."""
    masks_per_token: float = 0.0
    """Words that are predicted, a token: what a masked-LM head costs."""

    @abc.abstractmethod
    def read(self, source: Any, **options: Any) -> list[Example]:
        """Reads examples.

        Args:
            source: A file, a dataset, or whatever else the reader takes.
            **options: Those of the reader: names of columns, where to count what is skipped, ...

        Returns:
            All examples, every one of them labelled.

        Raises:
            OSError: A file cannot be read.
            ValueError: A row is at fault; the message names it.
        """

    def knowing(self, source: Any, **options: Any) -> Kind[Example]:
        """The same kind with what a source says of all its examples, such as the classes of a dataset.

        Args:
            source: What is trained on.
            **options: As for :meth:`read`.
        """
        return self

    @abc.abstractmethod
    def settings(self, examples: Sequence[Example], config: AlbertConfig) -> dict[str, Any]:
        """What the examples say about the model.

        Args:
            examples: Those to train on.
            config: The configuration of the model that is begun with.

        Returns:
            Keys of the configuration to change: ``id2label``, ``label2id``, ``problem_type``, ... Where the model knows
            the same labels already, they keep their numbers.
        """

    @abc.abstractmethod
    def check(self, examples: Sequence[Example], config: AlbertConfig) -> None:
        """Looks whether the model can be measured on these examples.

        Args:
            examples: Those to measure on.
            config: The configuration with the changes of :meth:`settings`.

        Raises:
            ValueError: An example has a label that the model does not know; the message says where it stands.
        """

    @abc.abstractmethod
    def encode(
        self,
        examples: Sequence[Example],
        tokenizer: PreTrainedTokenizerBase,
        config: AlbertConfig,
        max_length: int,
        training: bool,
    ) -> Encoded:
        """Makes arrays of examples.

        Args:
            examples: The examples.
            tokenizer: The model's.
            config: The configuration with the changes of :meth:`settings`.
            max_length: Most tokens of a row.
            training: Whether they are to be trained on; what is only learnt from may be left out otherwise, and what
                has nothing to learn from may be left out then.

        Returns:
            Their rows, one an example or several.

        Raises:
            ValueError: An example cannot be made to fit; the message says where it stands.
        """

    def batches(
        self, encoded: Encoded, tokenizer: PreTrainedTokenizerBase, size: int, longest: int, seed: int
    ) -> Batches:
        """Batches to train on; by default of the rows as they are.

        Args:
            encoded: What :meth:`encode` gave.
            tokenizer: The model's.
            size: Rows of a batch.
            longest: Most tokens of a row.
            seed: Of all that is drawn.
        """
        return training_batches(self, encoded, tokenizer, size, longest, seed)

    def held_out(
        self, name: str, examples: Sequence[Example], encoded: Encoded, tokenizer: PreTrainedTokenizerBase, size: int
    ) -> HeldOut[Example]:
        """Examples to measure on, in batches.

        Args:
            name: What tables and files call them.
            examples: The examples.
            encoded: The same, encoded.
            tokenizer: The model's.
            size: Rows of a batch.
        """
        longest = max(row["attention_mask"].shape[-1] for row in encoded.rows)
        batches = ExampleBatches(encoded.rows, size, longest, None, padding(tokenizer), self.unpadded)
        return HeldOut(name, examples, encoded, batches)

    @abc.abstractmethod
    def objective(self, module: nn.Module) -> Objective:
        """What is learnt.

        Args:
            module: The module of a model of :attr:`model_class`.
        """

    @abc.abstractmethod
    def evaluator(
        self, held_out: HeldOut[Example], objective: Objective, tokenizer: PreTrainedTokenizerBase
    ) -> Evaluator:
        """What measures.

        Args:
            held_out: The examples.
            objective: What :meth:`objective` gave; ``objective.outputs(params, batch)`` runs the module, and
                ``objective.module.config`` knows the labels.
            tokenizer: The model's.
        """


def training_batches(
    kind: Kind[Any], encoded: Encoded, tokenizer: PreTrainedTokenizerBase, size: int, longest: int, seed: int
) -> ExampleBatches:
    """The rows as they are, in an order drawn anew each epoch; see :meth:`Kind.batches`."""
    return ExampleBatches(encoded.rows, size, longest, seed, padding(tokenizer), kind.unpadded)


def given(source: Any, example: type[Example]) -> list[Example] | None:
    """Examples that are examples already and need not be read.

    Args:
        source: What :meth:`Kind.read` was given.
        example: Their class.

    Returns:
        The examples; ``None`` where they have to be read.
    """
    if isinstance(source, list | tuple) and source and all(isinstance(one, example) for one in source):
        return list(source)
    return None


def padding(tokenizer: PreTrainedTokenizerBase) -> dict[str, float]:
    """What the arrays of a row are padded with, where that is not 0."""
    return {"input_ids": tokenizer.pad_token_id or 0}
