"""From files to batches: reading, holding out, settling labels, encoding."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from flax_albert.config import AlbertConfig
from flax_albert.data.split import split
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.finetuning.kind import Encoded, HeldOut, Kind

Example = TypeVar("Example")
DEV = "dev"


@dataclass(frozen=True)
class Data(Generic[Example]):
    """Examples before they are encoded.

    Attributes:
        train: What is learnt from.
        evaluation: What is measured on, by name.
        sources: Where each came from, by name.
    """

    train: Sequence[Example]
    evaluation: Mapping[str, Sequence[Example]]
    sources: Mapping[str, str]


def read(
    kind: Kind[Example],
    train: Any,
    evaluation: Any,
    evaluation_share: float | None,
    seed: int,
    reading: Mapping[str, Any],
) -> Data[Example]:
    """Reads everything there is to read.

    Args:
        kind: The kind.
        train: What to learn from: examples, or what the kind's reader takes.
        evaluation: The same to measure on: one, several by name, or ``None``.
        evaluation_share: Share of the examples that is held out, instead; what belongs together stays together.
        seed: Of what is held out.
        reading: Options of the reader.

    Returns:
        All examples.

    Raises:
        OSError: A file cannot be read.
        ValueError: Data is at fault, empty, or to be held out besides an evaluation.
    """
    examples = _examples(kind, train, reading)
    if evaluation_share is not None:
        if evaluation is not None:
            raise ValueError("Examples to measure on are given; none are to be held out besides.")
        together: Any = examples
        kept, held = split(together, evaluation_share, seed)
        return Data(kept, {DEV: held}, {"train": named(train), DEV: f"{evaluation_share:g} of {named(train)}"})
    several = evaluation if isinstance(evaluation, Mapping) else {} if evaluation is None else {DEV: evaluation}
    for name in several:
        if not re.fullmatch(r"[\w-]+", name) or name == "train":
            raise ValueError(f"Examples to measure on cannot be called {name!r}: take letters, digits, - and _.")
    read_ = {name: _examples(kind, source, reading) for name, source in several.items()}
    sources = {name: named(source) for name, source in {"train": train, **several}.items()}
    return Data(examples, read_, sources)


def _examples(kind: Kind[Example], source: Any, reading: Mapping[str, Any]) -> list[Example]:
    examples = kind.read(source, **reading)
    if not examples:
        raise ValueError(f"{named(source)} holds no examples.")
    return examples


def named(source: Any) -> str:
    """What a source is called in messages and reports, without the folder it lies in."""
    return Path(source).name if isinstance(source, str | Path) else "the given examples"


@dataclass(frozen=True)
class Prepared(Generic[Example]):
    """Examples as the model takes them.

    Attributes:
        train: Rows to learn from.
        held_out: What is measured on.
        described: What was encoded, as JSON has it: counts, and checksums of the examples.
    """

    train: Encoded
    held_out: Sequence[HeldOut[Example]]
    described: Mapping[str, Any]


def prepare(
    kind: Kind[Example],
    data: Data[Example],
    tokenizer: PreTrainedTokenizerBase,
    config: AlbertConfig,
    max_length: int,
    size: int,
) -> Prepared[Example]:
    """Encodes.

    Args:
        kind: The kind.
        data: All examples.
        tokenizer: The model's.
        config: The model's, its labels settled.
        max_length: Most tokens of a row.
        size: Rows of a batch to measure on.

    Returns:
        Rows, and what to say of them.

    Raises:
        ValueError: Examples have labels that the model does not know, or nothing can be learnt from them.
    """
    for examples in data.evaluation.values():
        kind.check(examples, config)
    train = kind.encode(data.train, tokenizer, config, max_length, training=True)
    if not train.rows:
        raise ValueError(f"{data.sources['train']} holds nothing that could be learnt from.")
    described = {"train": _described(data.train, data.sources["train"], train)}
    held_out = []
    for name, examples in data.evaluation.items():
        encoded = kind.encode(examples, tokenizer, config, max_length, training=False)
        held_out.append(kind.held_out(name, examples, encoded, tokenizer, size))
        described[name] = _described(examples, data.sources[name], encoded)
    return Prepared(train, held_out, described)


def _described(examples: Sequence[Any], source: str, encoded: Encoded) -> dict[str, Any]:
    return {
        "source": source,
        "examples": len(examples),
        "rows": len(encoded.rows),
        "truncated": encoded.truncated,
        "sha256": checksum(examples),
    }


def checksum(examples: Iterable[Any]) -> str:
    """A checksum of examples, whatever file they came from."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(repr(example).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
