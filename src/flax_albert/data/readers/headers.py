"""Tables that are given away without the names of their columns."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from flax_albert.data.sources.files import lines_of

_COLA = ("source", "label", "mark", "sentence")
_STSB = ("sentence1", "sentence2", "score")


def header_of(path: Path, file_format: str) -> Sequence[str] | None:
    """The columns of a file whose first line is a row already.

    CoLA's ``train.tsv`` and ``dev.tsv`` have none, nor has STS-B as a CSV of two sentences and a score.

    Args:
        path: The file.
        file_format: ``csv`` or ``tsv``.

    Returns:
        The names, or ``None`` where the first line has to give them.

    Raises:
        DataError: The file cannot be read.
    """
    line = first_line(path)
    if file_format == "tsv":
        fields = line.split("\t")
        is_cola = len(fields) == len(_COLA) and fields[1] in ("0", "1") and fields[2] in ("", "*")
        return _COLA if is_cola else None
    try:
        fields = next(csv.reader([line]), [])
    except csv.Error:
        return None
    return _STSB if len(fields) == len(_STSB) and _is_number(fields[2]) else None


def first_line(path: Path) -> str:
    """The first line of a file that is not empty; nothing of a pipe, which is read once only.

    Args:
        path: The file.

    Returns:
        The line.

    Raises:
        DataError: The file cannot be read.
    """
    if not path.is_file():
        return ""
    return next((line.text.rstrip("\r") for line in lines_of(path) if line.text.strip()), "")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
