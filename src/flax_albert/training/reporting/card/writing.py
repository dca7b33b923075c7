"""Writes ``README.md``, unless a person has."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from flax_albert.training.reporting.card import sections
from flax_albert.training.reporting.card.curve import loss_svg
from flax_albert.training.reporting.card.metadata import begun_with, metadata
from flax_albert.training.reporting.card.subject import read_config, subject_of
from flax_albert.training.reporting.history import History, read_history
from flax_albert.training.reporting.layout import Layout

_MARK = re.compile(r"\n<!-- Written by flax-albert, and written anew until it is changed: ([0-9a-f]{16}) -->\n\Z")


def write(
    folder: str | os.PathLike[str],
    *,
    name: str | None = None,
    base_model: str | None = None,
    datasets: Sequence[str] = (),
    language: str | None = None,
    license: str | None = None,  # noqa: A002  (the hub's word)
) -> Path | None:
    """Writes the model card of what was trained, with a picture of its loss.

    A card that a person has written, or changed, stays as it is.

    Args:
        folder: Output directory of the run, with the model in it.
        name: What the model is called; by default as its directory.
        base_model: What training began with: a directory, a bundled model or a hub id; by default what the run says.
        datasets: Data sets of the hub that it was trained on.
        language: Its language, as the hub abbreviates it: ``en``.
        license: Its licence, as the hub abbreviates it: ``apache-2.0``.

    Returns:
        The path of the card, or ``None`` where a person's is there.

    Raises:
        OSError: The folder holds no run or no model, or the card cannot be written.
        ValueError: A file is damaged.
    """
    layout = Layout(Path(folder))
    if layout.card.exists() and not _is_ours(layout.card.read_text(encoding="utf-8", errors="replace")):
        return None
    history = read_history(layout.folder)
    base_model = base_model or begun_with(history)
    curve = loss_svg(history)
    if curve is not None:
        _replace(layout.loss_curve, curve)
    text = _card(history, name or history.name, base_model, datasets, language, license, curve is not None)
    _replace(
        layout.card, f"{text}\n<!-- Written by flax-albert, and written anew until it is changed: {_sum(text)} -->\n"
    )
    return layout.card


def _card(
    history: History,
    name: str,
    base_model: str | None,
    datasets: Sequence[str],
    language: str | None,
    licence: str | None,
    has_curve: bool,
) -> str:
    config = read_config(history.folder)
    subject = subject_of(config)
    shown_base = Path(base_model).name if base_model and Path(base_model).is_absolute() else base_model
    head = metadata(history, subject, name, base_model, datasets, language, licence)
    parts = [
        f"---\n{head}\n---",
        *sections.opening(history, subject, config, name, shown_base),
        *sections.use(subject, name),
        *sections.evaluation(history),
        *sections.training(history, has_curve),
        *sections.data(history),
        *sections.environment(history),
        *sections.limits(history, shown_base, licence),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _is_ours(text: str) -> bool:
    """Whether it is a card as a program wrote it."""
    mark = _MARK.search(text)
    return bool(mark) and mark[1] == _sum(text[: mark.start()])


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _replace(path: Path, text: str) -> None:
    written = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            written.write_text(text, encoding="utf-8", errors="replace")
            written.replace(path)
        finally:
            written.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error.strerror or error}.") from error
