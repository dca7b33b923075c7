"""A checkpoint, looked at from all sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flax_albert.checkpoint.errors import CheckpointError
from flax_albert.config import AlbertConfig
from flax_albert.doctor import agreement, configuration, tensors, tokenizer, verdicts
from flax_albert.doctor.files import list_files
from flax_albert.doctor.memory import estimate
from flax_albert.doctor.report import (
    Finding,
    Level,
    Outcome,
    ParameterCount,
    Report,
    Verdict,
    WeightsFacts,
)
from flax_albert.doctor.sizes import suggest
from flax_albert.doctor.weights import Census, Opened, open_weights, take_census
from flax_albert.hub import HubOptions, Source, called, open_folder

_GRAVEST_FIRST = list(Level)


def examine(source: Source, **options: Any) -> Report:
    """Says what a checkpoint is, what is wrong with it, and which classes load it.

    Nothing in its files is ever executed, a broken file is a finding instead of an error, and weights stay in their
    files but for the part that is being looked at.

    Args:
        source: A directory, the name of a bundled model, or a hub id.
        **options: Those of :class:`~flax_albert.hub.HubOptions`: ``subfolder``, ``revision``, ``token``, ...

    Returns:
        The report. :attr:`~flax_albert.doctor.report.Report.usable` is False where something that the checkpoint
        promises cannot be used: a file of it is broken, the configuration is missing or impossible or does not fit the
        weights, the classes it names do not load whole, or the tokenizer gives ids that have no embedding. Weights or a
        tokenizer that are not there at all are no problem.

    Raises:
        OSError: There is no such model, or nothing of a model in it.
        TypeError: An option is unknown or not of its type.

    Example:
        >>> from flax_albert.doctor import examine
        >>> report = examine("albert-mini-en")
        >>> report.usable, report.weights.heads, report.configuration.activation
        (True, ('masked language model',), 'gelu_new')
    """
    where, unknown = HubOptions.split(options)
    if unknown:
        raise TypeError(f"examine: there is no option {sorted(unknown)[0]!r}.")
    folder, name = open_folder(source, where), called(source)
    opened = open_weights(folder)
    config, findings = configuration.read(folder, has_weights=bool(opened))
    tokens, tokenizer_findings = tokenizer.read(folder)
    if not opened and any(finding.code == configuration.MISSING for finding in findings) and tokens is None:
        raise OSError(f"{name} holds no configuration, no weights and no tokenizer. Pass a model's directory.")
    weights = _look(opened)
    findings += weights.findings
    values, guessed = (None, ()) if config or weights.census is None else suggest(weights.census, weights.decoder)
    if values is not None:
        findings.append(_suggestion(values, guessed))
    likely = config or _believed(values)
    judged = _judge(opened, weights, likely)
    if config is not None:
        findings += configuration.confusions(config, name)
        findings += agreement.disagreements(config, weights.facts) if weights.facts else ()
        findings += verdicts.promises(judged, config) if weights.facts and not opened[0].error else ()
    findings += tokenizer_findings
    if tokens is not None and likely is not None:
        findings += tokenizer.fitting(tokens, likely, _rows(weights.facts, likely))
    parameters = _count(weights.census, likely)
    heads = weights.facts.heads if weights.facts else ()
    return Report(
        name=name,
        files=list_files(folder, opened),
        configuration=configuration.facts(config, name) if config else None,
        weights=weights.facts,
        tokenizer=tokens,
        parameters=parameters,
        memory=estimate(likely, parameters.total, _predicts_words(heads, likely)) if likely and parameters else (),
        verdicts=judged,
        findings=tuple(sorted(findings, key=lambda finding: _GRAVEST_FIRST.index(finding.level))),
        suggested_config=values,
        guessed=guessed,
    )


@dataclass
class _Weights:
    """What looking at the weights gave, as far as it went."""

    opened: Opened | None = None
    census: Census | None = None
    facts: WeightsFacts | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def decoder(self) -> str:
        return self.facts.decoder if self.facts else "none"


def _look(opened: Sequence[Opened]) -> _Weights:
    """Looks at the weights that would be read or, where those are broken, at the first that are not."""
    found = _Weights()
    if not opened:
        found.findings.append(
            _finding(Level.NOTE, "weights-missing", "There are no weights: only the rest was looked at.")
        )
        return found
    if opened[0].error:
        found.findings.append(_finding(Level.PROBLEM, "weights-unreadable", opened[0].error))
    for weights in opened:
        if weights.error:
            continue
        try:
            census = take_census(weights)
        except CheckpointError as error:
            found.findings.append(_finding(Level.PROBLEM, "held-twice", str(error)))
            continue
        if not census.arrays:
            message = f"{weights.path} holds no parameter of an ALBERT. Pass the checkpoint of an ALBERT."
            found.findings.append(_finding(Level.PROBLEM, "not-an-albert", message))
            continue
        others = [other for other in opened if other is not weights]
        found.opened, found.census, found.facts = weights, census, tensors.facts(weights, others, census)
        found.findings += tensors.complaints(found.facts, census)
        differences = (tensors.differences(weights, other) for other in others if other is not opened[0])
        found.findings += filter(None, differences)
        break
    return found


def _judge(opened: Sequence[Opened], weights: _Weights, config: AlbertConfig | None) -> tuple[Verdict, ...]:
    if opened and (opened[0].error or weights.facts is None):
        reason = opened[0].error or "its weights cannot be told apart."
        return tuple(Verdict(known.__name__, Outcome.FAILS, (), 0, reason) for known in verdicts.CLASSES)
    if weights.opened is None or weights.facts is None or config is None:
        return ()
    return verdicts.judge(weights.opened, config, weights.facts.not_finite)


def _believed(values: dict[str, Any] | None) -> AlbertConfig | None:
    """The suggested configuration, where it is a possible one."""
    try:
        return None if values is None else AlbertConfig.from_dict(values)
    except (TypeError, ValueError):
        return None


def _suggestion(values: dict[str, Any], guessed: Sequence[str]) -> Finding:
    text = ", ".join(f"{key} {value}" for key, value in values.items() if key not in ("architectures", "model_type"))
    return Finding(
        Level.NOTE,
        "configuration",
        "config-suggested",
        f"By their shapes the weights need {text}; of these, {', '.join(guessed)} cannot be seen in weights and are "
        "guesses, to be checked against where the weights come from.",
    )


def _rows(found: WeightsFacts | None, config: AlbertConfig) -> int:
    return found.sizes.get("vocab_size", config.vocab_size) if found else config.vocab_size


def _count(census: Census | None, config: AlbertConfig | None) -> ParameterCount | None:
    """Counted where there are weights; else of the class that the configuration names, or the bare model."""
    if census is not None:
        own = {path: array.shape for path, array in census.arrays.items()}
        return tensors.count(own)
    if config is None:
        return None
    named = {f"Flax{architecture}" for architecture in config.architectures or ()}
    known = next((known for known in verdicts.CLASSES if known.__name__ in named), verdicts.CLASSES[0])
    try:
        leaves = verdicts.leaves_of(known, config)
    except ValueError:
        return None
    prefix = ("albert",) if known is verdicts.CLASSES[0] else ()
    return tensors.count({prefix + leaf.path: leaf.shape for leaf in leaves})


def _predicts_words(heads: Sequence[str], config: AlbertConfig) -> bool:
    named = config.architectures or ()
    return "masked language model" in heads or "AlbertForMaskedLM" in named or "AlbertForPreTraining" in named


def _finding(level: Level, code: str, message: str) -> Finding:
    return Finding(level, "weights", code, message)
