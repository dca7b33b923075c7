"""A file that is one JSON value: an array of objects, or an object that holds one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flax_albert.data.errors import DataError
from flax_albert.data.sources.files import contents_of, open_file

_ARRAYS = ("data", "rows", "examples")
_Parts = tuple[str, Mapping[str, Any], str | None]


def load_json(path: Path) -> Any:
    """Reads a file that is one JSON value.

    Args:
        path: The file, compressed or not.

    Returns:
        The value; numbers that are no JSON become ``None``.

    Raises:
        DataError: It is no JSON; the message says where.
        ExtraDataError: Another value follows the first one.
    """
    text = _text(contents_of(path), path.name)
    if not text.strip():
        raise DataError(f"{str(path)!r} is empty.")
    try:
        value = json.loads(text, parse_constant=lambda _: None)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        kind = ExtraDataError if error.msg == "Extra data" else DataError
        where = f"{error.msg} at character {error.colno} of line {error.lineno}"
        raise kind(f"{path.name} is no JSON: {where}.") from None
    except UnicodeEncodeError:
        raise DataError(f"{path.name} holds half of a surrogate pair, which no text can hold; mend it.") from None
    except (RecursionError, ValueError) as error:  # nested too deeply, or a number of thousands of digits
        raise DataError(f"{path.name} cannot be read: {error}.") from None
    return value


def _text(contents: bytes, name: str) -> str:
    try:
        return contents.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = contents[: error.start]
        number, byte = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise DataError(
            f"line {number} of {name} is not UTF-8 (its byte {byte} is 0x{contents[error.start]:02x}); convert it, "
            "with iconv for example."
        ) from None


class ExtraDataError(DataError):
    """A file holds more than one JSON value."""


def read_json(path: Path) -> Iterator[_Parts]:
    """Rows of a JSON file: an array of objects, an object that holds one, a single object, or objects a line.

    Args:
        path: The file.

    Yields:
        Where each stands, what it holds, and what is wrong with it.

    Raises:
        DataError: The file cannot be read, or holds nothing of the kind.
    """
    try:
        value = load_json(path)
    except ExtraDataError:
        for record in open_file(path, "jsonl").records:
            if record:
                yield record.where, record.columns, record.fault
        return
    prefix = ""
    if isinstance(value, dict):
        prefix = next((name for name in _ARRAYS if isinstance(value.get(name), list)), "")
        value = value[prefix] if prefix else [value]
    if not isinstance(value, list):
        raise DataError(f"{path.name} holds neither objects nor an array of them.")
    for number, item in enumerate(value):
        where = f"{prefix}[{number}] of {path.name}"
        if isinstance(item, dict):
            yield where, item, None
        else:
            yield where, {}, f"{where} is no JSON object."
