"""Events as lines of JSON, and back."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from flax_albert.training.evaluator import Evaluation
from flax_albert.training.events import Evaluated, Event, Finished, Logged, Noticed, Saved, Started

_KINDS: dict[str, type[Event]] = {kind.__name__.lower(): kind for kind in (Started, Logged, Saved, Noticed, Finished)}


def to_line(event: Event, time: float) -> bytes:
    r"""An event as a line.

    What is shown of an evaluation beside its figures is no part of it, nor are directories. JSON knows neither NaN nor
    infinity: such a value is ``null``, and ``not_finite`` says what it was.

    Args:
        event: What happened.
        time: When, in seconds since 1970.

    Returns:
        A JSON object in UTF-8, with the end of the line.

    Example:
        >>> from flax_albert.training.events import Noticed
        >>> from flax_albert.training.reporting.records import to_line
        >>> to_line(Noticed(3, "The disk is full."), time=0)
        b'{"event": "noticed", "time": "1970-01-01T00:00:00.000+00:00", "step": 3, "text": "The disk is full."}\n'
    """
    fields = {field.name: getattr(event, field.name) for field in dataclasses.fields(event) if field.name != "folder"}
    if isinstance(event, Evaluated):
        found: Evaluation = fields.pop("evaluation")
        fields |= {"metrics": found.metrics, "baselines": found.baselines, "settings": found.settings}
    not_finite: dict[str, str] = {}
    when = datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")
    line = {"event": type(event).__name__.lower(), "time": when, **plain(fields, not_finite)}
    if not_finite:
        line["not_finite"] = not_finite
    return (json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", "replace")


def from_line(line: bytes, folder: Path) -> tuple[float, Event] | None:
    """An event out of its line.

    Args:
        line: What :func:`to_line` made.
        folder: The output directory that it is about.

    Returns:
        When it happened, and the event; nothing where it is of a kind that is not known here.

    Raises:
        ValueError: The line is none of ours, or is not whole.
    """
    try:
        fields = json.loads(line)
        for path, value in fields.pop("not_finite", {}).items():
            _put(fields, path, float(value))
        time, name = datetime.fromisoformat(fields.pop("time")).timestamp(), fields.pop("event")
        if name == "evaluated":
            found = Evaluation(fields.pop("metrics"), fields.pop("baselines"), settings=fields.pop("settings"))
            return time, Evaluated(evaluation=found, **fields)
        if name not in _KINDS:
            return None
        if name in ("started", "saved"):
            fields["folder"] = folder
        return time, _KINDS[name](**fields)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"it is no line that training writes ({type(error).__name__}: {error}).") from error


def plain(value: Any, not_finite: dict[str, str] | None = None, path: str = "") -> Any:
    """A value as JSON has it.

    Args:
        value: Mappings, sequences, numbers of Python's or NumPy's, texts.
        not_finite: Takes what numbers without a value in JSON were, by their path.
        path: Where the value stands.

    Returns:
        Dictionaries, lists, numbers, texts, and ``None`` for numbers that are not finite.
    """
    below = f"{path}." if path else ""
    match value:
        case Mapping():
            return {str(key): plain(each, not_finite, f"{below}{key}") for key, each in value.items()}
        case list() | tuple():
            return [plain(each, not_finite, f"{below}{place}") for place, each in enumerate(value)]
        case np.ndarray() | np.generic():
            return plain(value.tolist(), not_finite, path)
        case float() if not math.isfinite(value):
            if not_finite is not None:
                not_finite[path] = str(value)
            return None
        case bool() | int() | float() | str() | None:
            return value
    return str(value)


def _put(fields: Any, path: str, value: float) -> None:
    """Puts a number back; names of metrics may hold dots, so the longest key that fits is taken."""
    if isinstance(fields, list):
        place, _, rest = path.partition(".")
        if rest:
            _put(fields[int(place)], rest, value)
        else:
            fields[int(place)] = value
    elif path in fields:
        fields[path] = value
    else:
        key = max((key for key in fields if path.startswith(f"{key}.")), key=len)
        _put(fields[key], path[len(key) + 1 :], value)
