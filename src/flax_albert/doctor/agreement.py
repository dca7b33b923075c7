"""Whether configuration and weights are those of one model."""

from __future__ import annotations

from collections.abc import Iterator

from flax_albert.config import AlbertConfig
from flax_albert.doctor.report import Finding, Level, WeightsFacts
from flax_albert.doctor.sizes import SHOWN

_GROUPS = ("num_hidden_groups", "inner_group_num")


def disagreements(config: AlbertConfig, found: WeightsFacts) -> Iterator[Finding]:
    """Where the configuration says one thing and the weights show another.

    Args:
        config: The configuration.
        found: What the weights hold.
    """
    for key in SHOWN:
        said, shown = getattr(config, key), found.sizes.get(key)
        if shown is None or said == shown:
            continue
        if key in _GROUPS:
            does = "parameters are missing" if said > shown else "some of its parameters would never be used"
            yield _finding(
                Level.PROBLEM,
                "groups-differ",
                f"The configuration says {key} {said} and {found.file} holds {shown}: {does}. Set {key} to {shown}.",
            )
        else:
            yield _finding(
                Level.PROBLEM,
                "sizes-differ",
                f"The configuration says {key} {said} and {found.file} has {shown}. Set {key} to {shown} if the "
                "weights are the right ones.",
            )
    labels = found.sizes.get("num_labels")
    if labels is not None and labels != config.num_labels and not (labels == 1 and "choice" in " ".join(found.heads)):
        yield _finding(
            Level.WARNING,
            "labels-differ",
            f"The configuration says num_labels {config.num_labels}, and the head in {found.file} has {labels}. Name "
            f"the classes in id2label, or pass num_labels={labels}.",
        )
    if found.decoder == "own" and config.tie_word_embeddings:
        yield _finding(
            Level.WARNING,
            "decoder-not-tied",
            f"{found.file} holds a decoder unlike the word embeddings, and tie_word_embeddings is true, so that the "
            "decoder would be ignored. Set tie_word_embeddings to false if it was trained.",
        )
    if found.decoder == "tied" and not config.tie_word_embeddings:
        yield _finding(
            Level.WARNING,
            "decoder-missing",
            f"tie_word_embeddings is false, and {found.file} holds no decoder of its own. Set it to true.",
        )
    if found.decoder == "copy" and not config.tie_word_embeddings:
        yield _finding(
            Level.NOTE,
            "decoder-is-copy",
            "tie_word_embeddings is false, though the decoder equals the word embeddings; the two would part in "
            "training.",
        )


def _finding(level: Level, code: str, message: str) -> Finding:
    return Finding(level, "weights", code, message)
