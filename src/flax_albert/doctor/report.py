"""What the doctor says of a checkpoint, as data."""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass
from typing import Any


class Level(enum.StrEnum):
    """How grave a finding is."""

    PROBLEM = "problem"
    """Something that the checkpoint promises cannot be used."""
    WARNING = "warning"
    """It can be used, and something about it is probably wrong."""
    NOTE = "note"
    """Good to know."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or noteworthy.

    Attributes:
        level: How grave it is.
        about: ``"files"``, ``"configuration"``, ``"weights"`` or ``"tokenizer"``.
        code: A name of this kind of finding that programs can rely on.
        message: One or two sentences: what was found, where, and what to do.
    """

    level: Level
    about: str
    code: str
    message: str


@dataclass(frozen=True)
class FileFacts:
    """One file of the checkpoint.

    Attributes:
        name: Its name.
        bytes: Its size, or None where it was left on the hub.
        role: ``"weights"`` (would be read), ``"other weights"`` (would not), ``"configuration"``, ``"tokenizer"`` or
            ``"other"``.
    """

    name: str
    bytes: int | None
    role: str


@dataclass(frozen=True)
class ConfigurationFacts:
    """What ``config.json`` says.

    Attributes:
        sizes: The keys that shape the model.
        released: The released models whose sizes these are.
        settings: Those of them whose activation and dropout these are too.
        named: The released model that the checkpoint or its configuration is named after, if any.
        activation: ``hidden_act``: that of the feed-forward layers and of the masked-LM head.
        dropout: The three dropout rates by key.
        tie_word_embeddings: Whether the masked-LM head uses the word embeddings.
        num_labels: Classes of a classifier.
        architectures: The classes it names.
        special_ids: ``pad_token_id``, ``bos_token_id`` and ``eos_token_id``.
    """

    sizes: dict[str, int]
    released: tuple[str, ...]
    settings: tuple[str, ...]
    named: str | None
    activation: str
    dropout: dict[str, float | None]
    tie_word_embeddings: bool
    num_labels: int
    architectures: tuple[str, ...]
    special_ids: dict[str, int | None]


@dataclass(frozen=True)
class WeightsFacts:
    """What the file of weights holds that would be read.

    Attributes:
        file: Its name, or that of the index of its shards.
        others: Names of files in other formats beside it, which are not read.
        tensors: Number of tensors.
        dtypes: Number of tensors by dtype.
        sizes: The keys of a configuration that the shapes show.
        heads: The heads it holds.
        decoder: ``"tied"`` (none in the file), ``"copy"`` (equal to the word embeddings), ``"own"`` (different), or
            ``"none"`` where there is no masked-LM head.
        unexpected: Tensors that are no parameter of an ALBERT.
        skipped: Number of tensors that are the state of an optimizer or counters of training.
        not_finite: Parameters with NaN or infinity.
        constant: Kernels, embeddings and scales whose numbers are all zero or all the same, apart from scales of one.
    """

    file: str
    others: tuple[str, ...]
    tensors: int
    dtypes: dict[str, int]
    sizes: dict[str, int]
    heads: tuple[str, ...]
    decoder: str
    unexpected: tuple[str, ...]
    skipped: int
    not_finite: tuple[str, ...]
    constant: tuple[str, ...]


@dataclass(frozen=True)
class TokenizerFacts:
    """What the tokenizer is.

    Attributes:
        kind: Its class, and the file it was read from.
        files: Names of its files.
        vocabulary: Number of tokens.
        special_ids: Ids of the special tokens by name (``pad``, ``unk``, ``cls``, ``sep``, ``mask``).
        model_max_length: The most tokens it gives, or None where it has no limit.
        options: ``do_lower_case`` and ``keep_accents``, as far as they are known.
    """

    kind: str
    files: tuple[str, ...]
    vocabulary: int
    special_ids: dict[str, int | None]
    model_max_length: int | None
    options: dict[str, bool]


@dataclass(frozen=True)
class ParameterCount:
    """Numbers of parameters. Layers of a group are counted once, however often they run.

    Attributes:
        total: All.
        embeddings: The three embedding matrices and their layer norm.
        encoder: The projection onto the hidden size and the groups of layers.
        heads: The pooler and the heads.
    """

    total: int
    embeddings: int
    encoder: int
    heads: int


@dataclass(frozen=True)
class Memory:
    """Bytes of memory, by :mod:`flax_albert.doctor.memory`'s formulas.

    Attributes:
        dtype: Of parameters and computation.
        parameters: The parameters alone.
        inference: A call with one sequence of the model's greatest length, up to 512.
        training: A training step of Adam with that sequence: parameters, gradient and both moments in float32.
    """

    dtype: str
    parameters: int
    inference: int
    training: int


class Outcome(enum.StrEnum):
    """What becomes of a ``from_pretrained``."""

    WHOLE = "loads whole"
    FRESH = "loads in part"
    """The parameters that the weights lack are drawn afresh."""
    FAILS = "does not load"


@dataclass(frozen=True)
class Verdict:
    """What becomes of ``from_pretrained`` of one class.

    Attributes:
        model: Name of the class.
        outcome: What becomes of it.
        fresh: Parameters that the weights lack.
        unused: Number of tensors that the class has no use for.
        reason: Why it does not load, or what to know of it; may be empty.
    """

    model: str
    outcome: Outcome
    fresh: tuple[str, ...]
    unused: int
    reason: str


@dataclass(frozen=True)
class Report:
    """What the doctor says of a checkpoint.

    Attributes:
        name: What was asked for.
        files: Every file.
        configuration: None where there is no readable one.
        weights: None where there are no readable ones.
        tokenizer: None where there is no readable one.
        parameters: Counted in the weights, else computed from the configuration; None where neither can be read.
        memory: One entry a dtype; empty where the sizes are not known.
        verdicts: One a class; empty without weights.
        findings: The gravest first.
        suggested_config: Contents of a ``config.json`` for weights that have none, or None.
        guessed: Keys of it that weights cannot show.
    """

    name: str
    files: tuple[FileFacts, ...]
    configuration: ConfigurationFacts | None
    weights: WeightsFacts | None
    tokenizer: TokenizerFacts | None
    parameters: ParameterCount | None
    memory: tuple[Memory, ...]
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    suggested_config: dict[str, Any] | None
    guessed: tuple[str, ...]

    @property
    def usable(self) -> bool:
        """Whether no finding is a problem."""
        return all(finding.level is not Level.PROBLEM for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON can hold it, with ``usable``."""
        return {**dataclasses.asdict(self), "usable": self.usable}
