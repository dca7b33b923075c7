"""What becomes of ``from_pretrained`` of every documented class, told without loading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flax_albert import models
from flax_albert.checkpoint.convert import TreePath, recognise
from flax_albert.checkpoint.errors import CheckpointError, listed
from flax_albert.config import AlbertConfig
from flax_albert.doctor.report import Finding, Level, Outcome, Verdict
from flax_albert.doctor.weights import Opened
from flax_albert.model.parameters import Leaf, expand
from flax_albert.pretrained import FlaxAlbertPreTrainedModel

CLASSES: tuple[type[FlaxAlbertPreTrainedModel], ...] = (
    models.FlaxAlbertModel,
    models.FlaxAlbertForPreTraining,
    models.FlaxAlbertForMaskedLM,
    models.FlaxAlbertForSequenceClassification,
    models.FlaxAlbertForMultipleChoice,
    models.FlaxAlbertForTokenClassification,
    models.FlaxAlbertForQuestionAnswering,
)
_ABOUT = "weights"


def leaves_of(model_class: type[FlaxAlbertPreTrainedModel], config: AlbertConfig) -> list[Leaf]:
    """The parameters of a class.

    Raises:
        ValueError: The class does not compute such a configuration.
    """
    return expand(model_class(config, _do_init=False).module.table_rows, config)


def judge(weights: Opened, config: AlbertConfig, not_finite: Sequence[str]) -> tuple[Verdict, ...]:
    """Judges every class.

    Args:
        weights: The weights that would be read.
        config: The configuration.
        not_finite: Names in the file of parameters with NaN or infinity.

    Returns:
        One verdict a class.
    """
    return tuple(_judge(model_class, weights, config, set(not_finite)) for model_class in CLASSES)


def promises(verdicts: Sequence[Verdict], config: AlbertConfig) -> Iterator[Finding]:
    """Where a class that the configuration names, or any backbone at all, cannot be had from the weights.

    Args:
        verdicts: One a class.
        config: The configuration.
    """
    by_name = {verdict.model: verdict for verdict in verdicts}
    promised = [f"Flax{name.removeprefix('Flax').removeprefix('TF')}" for name in config.architectures or ()]
    for name in promised:
        if name not in by_name:
            yield Finding(
                Level.NOTE,
                _ABOUT,
                "unknown-architecture",
                f"The configuration names {name.removeprefix('Flax')!r}, which is no class here; there are "
                f"{', '.join(by_name)}.",
            )
    for verdict in [by_name[name] for name in promised if name in by_name] or verdicts[:1]:
        if verdict.outcome is Outcome.FAILS:
            yield Finding(Level.PROBLEM, _ABOUT, "does-not-load", f"{verdict.model} does not load: {verdict.reason}")
        elif verdict.outcome is Outcome.FRESH:
            only_pooler = all("pooler" in name.split("/") for name in verdict.fresh)
            yield Finding(
                Level.NOTE if only_pooler else Level.PROBLEM,
                _ABOUT,
                "no-pooler" if only_pooler else "parameters-missing",
                f"The weights lack {listed(verdict.fresh, 4)} of {verdict.model}, which would be drawn afresh. "
                f"{verdict.reason}".rstrip(),
            )


def _judge(
    model_class: type[FlaxAlbertPreTrainedModel], weights: Opened, config: AlbertConfig, not_finite: set[str]
) -> Verdict:
    name = model_class.__name__
    try:
        leaves = leaves_of(model_class, config)
        keys, unexpected = recognise(weights.arrays, weights.files, leaves)
    except (CheckpointError, ValueError, TypeError) as error:
        return _fails(name, str(error))
    reason = _obstacle(weights, leaves, keys, not_finite)
    if reason:
        return _fails(name, reason)
    missing = tuple("/".join(leaf.path) for leaf in leaves if leaf.path not in keys)
    if not missing:
        return Verdict(name, Outcome.WHOLE, (), len(unexpected), _caution(model_class, unexpected))
    return Verdict(name, Outcome.FRESH, missing, len(unexpected), _advice(missing))


def _caution(model_class: type[FlaxAlbertPreTrainedModel], unused: Sequence[str]) -> str:
    """What names and shapes cannot tell: classifiers of texts and of tokens have the same."""
    if model_class is models.FlaxAlbertForTokenClassification and any("pooler" in name for name in unused):
        return "The classifier may be one of whole texts: there is a pooler, which tokens need none of."
    return ""


def _fails(name: str, reason: str) -> Verdict:
    return Verdict(name, Outcome.FAILS, (), 0, reason)


def _obstacle(
    weights: Opened, leaves: Sequence[Leaf], keys: dict[TreePath, tuple[str, bool]], not_finite: set[str]
) -> str:
    """Why loading raises, or nothing."""
    if not keys:
        return "the weights hold none of its parameters."
    for leaf in leaves:
        if leaf.path not in keys:
            continue
        key, turned = keys[leaf.path]
        array = weights.arrays[key]
        shape = array.shape[::-1] if turned else array.shape
        if shape != leaf.shape:
            return _other_shape("/".join(leaf.path), shape, leaf)
        if key in not_finite:
            return f"{key!r} holds NaN or infinity."
        if array.dtype.kind not in "fV":
            return f"{key!r} is of {array.dtype}, and weights are floating-point numbers."
    return ""


def _other_shape(name: str, shape: tuple[int, ...], leaf: Leaf) -> str:
    found = f"{name} has the shape {shape} in the file and {leaf.shape} in the model"
    if "label" in leaf.axes and len(shape) == len(leaf.shape) and shape[:-1] == leaf.shape[:-1]:
        return f"{found}: pass num_labels={shape[-1]}, or ignore_mismatched_sizes=True to draw the head afresh."
    if leaf.axes[0] in ("pooled", "hidden") and leaf.path[0] in ("classifier", "sop_classifier"):
        return f"{found}: it is another task's. ignore_mismatched_sizes=True draws the head afresh."
    return f"{found}: the configuration does not fit the weights."


def _advice(missing: tuple[str, ...]) -> str:
    heads = {name for name in missing if not name.startswith(("albert/", "embeddings/", "encoder/"))}
    if all("pooler" in name.split("/") for name in missing):
        return "Pass add_pooling_layer=False to do without." if missing[0].startswith("pooler") else "Train it first."
    if len(heads | {name for name in missing if "/pooler/" in name}) < len(missing):
        return "Parts of the backbone are among them: the weights are incomplete."
    return "Train it before use."
