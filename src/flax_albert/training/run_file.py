"""``run.json``: what a run was begun with, so that it is resumed with the same."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flax_albert.training.errors import ChangedRunError
from flax_albert.training.settings import TrainingSettings

NAME = "run.json"
# What may be chosen anew, because no number of the run depends on it.
_FREE = ("log_every", "evaluate_every", "save_every", "keep", "select", "on_divergence")


def described(settings: TrainingSettings, more: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that a run is made of, as JSON has it.

    Args:
        settings: How it goes.
        more: What else it depends on: data, encoding, model.

    Returns:
        A dictionary that equals what a file gives back.
    """
    return json.loads(json.dumps({"settings": dataclasses.asdict(settings), **more}))


def write(folder: Path, run: Mapping[str, Any]) -> None:
    """Writes the file, at one stroke."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{NAME}.tmp"
    temporary.write_text(json.dumps(run, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    temporary.replace(folder / NAME)


def read(folder: Path) -> dict[str, Any]:
    """Reads the file.

    Raises:
        FileNotFoundError: No run was begun here.
        ChangedRunError: The file is no JSON object.
    """
    path = folder / NAME
    if not path.is_file():
        raise FileNotFoundError(f"There is no run to resume in {folder}: it has no {NAME}.")
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ChangedRunError(f"{path} is no JSON: {error}") from error
    if not isinstance(run, dict):
        raise ChangedRunError(f"{path} holds no JSON object.")
    return run


def check_equal(folder: Path, earlier: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuses to go on with something else than a run began with.

    Args:
        folder: Of the run, for the message.
        earlier: What :func:`read` gave.
        now: What :func:`described` gives now.

    Raises:
        ChangedRunError: Names the first field that differs, and both values.
    """
    for path, before, after in _differences(earlier, now, ()):
        if not (path[0] == "environment" or (path[0] == "settings" and path[-1] in _FREE)):
            name = ".".join(path)
            raise ChangedRunError(
                f"The run in {folder} cannot go on with another {name}: it began with {_shown(before)}, and now it is "
                f"{_shown(after)}. Give the same, or another output directory."
            )


def _differences(earlier: Any, now: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if isinstance(earlier, dict) and isinstance(now, dict):
        for key in {**earlier, **now}:
            yield from _differences(earlier.get(key), now.get(key), (*path, key))
    elif earlier != now:
        yield path, earlier, now


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."
