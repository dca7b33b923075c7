"""JSON Lines: an object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from flax_albert.data.sources.lines import Line
from flax_albert.data.sources.record import Record


def read_json_lines(lines: Iterable[Line | None], source: str) -> Iterator[Record | None]:
    r"""Objects, one a line, whose keys are the columns; blank lines are skipped.

    Args:
        lines: The lines.
        source: The file that errors name.

    Yields:
        A record an object. NaN and infinities, which are no JSON, become null.

    Example:
        >>> import io
        >>> from flax_albert.data.sources.json_lines import read_json_lines
        >>> from flax_albert.data.sources.lines import read_lines
        >>> lines = read_lines(io.BytesIO(b'{"text": "one"}\n{"text":'), "data.jsonl")
        >>> [record.columns or record.fault for record in read_json_lines(lines, "data.jsonl") if record]
        [{'text': 'one'}, 'line 2 of data.jsonl is no JSON: Expecting value at its character 9.']
    """
    for line in lines:
        if line is None:
            yield None
        elif line.fault or line.text.strip():
            fault, columns = line.fault, {}
            if not fault:
                fault, columns = _object(line, source)
            yield Record(line.number, columns, "line", source, line.position, fault)


def _object(line: Line, source: str) -> tuple[str | None, dict[str, Any]]:
    where = f"line {line.number} of {source}"
    try:
        value = json.loads(line.text, parse_constant=lambda _: None)
        if "\\u" in line.text:
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        return f"{where} is no JSON: {error.msg} at its character {error.pos + 1}.", {}
    except UnicodeEncodeError:
        return f"{where} holds half of a surrogate pair, which no text can hold; mend it.", {}
    except (RecursionError, ValueError) as error:  # nested too deeply, or a number of thousands of digits
        return f"{where} cannot be read: {error}.", {}
    if not isinstance(value, dict):
        return f"{where} is no JSON object; write one a line, such as " + '{"text": "…"}.', {}
    return None, value
