"""Which columns of the input hold what a command works on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flax_albert.data.errors import DataError
from flax_albert.errors import listed

_ANY = "*"


@dataclass(frozen=True)
class Fields:
    """What an input of a command is made of, and what its columns are usually called.

    A name such as ``ending*`` stands for the columns ``ending0``, ``ending1`` and so on, as many as a row has.

    Args:
        layouts: Combinations of columns, from field to column. The first, of columns called like the fields, is taken
            wherever it is there whole.
        required: Fields that every input has.
    """

    layouts: Sequence[Mapping[str, str]]
    required: Sequence[str]

    def find(
        self, columns: Sequence[str], chosen: Mapping[str, Sequence[str]], source: str
    ) -> dict[str, tuple[str, ...]]:
        """Finds the columns.

        Args:
            columns: Those that the input has.
            chosen: Those that the user named, by field; several hold a list together.
            source: The input's name, for messages.

        Returns:
            The columns of each field that the input has.

        Raises:
            DataError: A column that was named is not there, or none is named and it is not clear which to take.

        Example:
            >>> from flax_albert.data.sources.columns import Fields
            >>> fields = Fields([{"text": "text"}, {"text": "sentence"}], required=["text"])
            >>> fields.find(["id", "sentence"], {}, "data.csv")
            {'text': ('sentence',)}
        """
        for names in chosen.values():
            for name in names:
                if not _matching(name, columns):
                    raise DataError(f"{source} has no column {name!r}; it has {listed(columns)}.")
        if chosen:
            return self._completed(columns, chosen, source)
        whole = [layout for layout in self.layouts if all(_matching(name, columns) for name in layout.values())]
        first = whole[0] if whole and whole[0] is self.layouts[0] else None
        if first:
            whole = [layout for layout in whole if set(first.values()) <= set(layout.values())]
        most = max(map(len, whole), default=0)  # two texts rather than one of them, or than a title
        whole = [layout for layout in whole if len(layout) == most]
        if len(whole) == 1:
            return {field: (column,) for field, column in whole[0].items()}
        if not whole and len(columns) == len(self.required) == 1:
            return {self.required[0]: (columns[0],)}
        raise DataError(self._unclear(self.required, columns, source, [list(layout.values()) for layout in whole]))

    def _completed(
        self, columns: Sequence[str], chosen: Mapping[str, Sequence[str]], source: str
    ) -> dict[str, tuple[str, ...]]:
        found = {field: tuple(names) for field, names in chosen.items()}
        taken = {name for names in chosen.values() for name in names}
        for field in self.required:
            if field not in found:
                names = {layout[field] for layout in self.layouts if field in layout} - taken
                usual = {name for name in names if _matching(name, columns)}
                if len(usual) != 1:
                    raise DataError(self._unclear([field], columns, source, [[name] for name in sorted(usual)]))
                found[field] = (usual.pop(),)
        return found

    def _unclear(
        self, wanted: Sequence[str], columns: Sequence[str], source: str, possible: Sequence[Sequence[str]]
    ) -> str:
        flags = " and ".join(flag(field) for field in wanted)
        several = " or ".join(listed(names) for names in possible)
        reason = f"it could be {several}" if several else f"the columns are {listed(columns, 20)}"
        what = " and the ".join(field.replace("_", " ") for field in wanted)
        header = "" if several else ", or all with --header if the first line names none"
        if len(wanted) > 1:
            return f"{source} does not say which columns hold the {what} ({reason}); name them with {flags}{header}."
        return f"{source} does not say which column holds the {what} ({reason}); name it with {flags}{header}."


def flag(field: str) -> str:
    """The argument that names the column of a field.

    Args:
        field: The field.

    Returns:
        Its argument.

    Example:
        >>> from flax_albert.data.sources.columns import flag
        >>> flag("text_pair")
        '--pair-column'
    """
    return f"--{field.removeprefix('text_')}-column"


def values(columns: Mapping[str, Any], found: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What a row holds in the fields of a command.

    Args:
        columns: The row.
        found: The columns of each field.

    Returns:
        By field the value of its column, or the values of its columns.

    Raises:
        KeyError: The row lacks a column.

    Example:
        >>> from flax_albert.data.sources.columns import values
        >>> row = {"q": "?", "a": "yes", "b": "no", "b1": "ja", "b2": "nein"}
        >>> values(row, {"prompt": ("q",), "choices": ("a", "b")})
        {'prompt': '?', 'choices': ['yes', 'no']}
        >>> values(row, {"choices": ("b*",)})
        {'choices': ['ja', 'nein']}
    """
    return {field: _value(columns, names) for field, names in found.items()}


def _value(columns: Mapping[str, Any], names: Sequence[str]) -> Any:
    if len(names) == 1 and not names[0].endswith(_ANY):
        return columns[names[0]]
    found = [columns[name] for pattern in names for name in _matching(pattern, columns) or [pattern]]
    return [value for value in found if value not in (None, "")]  # not every row has as many


def _matching(name: str, columns: Iterable[str]) -> list[str]:
    """The columns that a name stands for, by their numbers if there are several."""
    if not name.endswith(_ANY) or name in columns:
        return [name] if name in columns else []
    start = name.removesuffix(_ANY)
    numbers = {column: column.removeprefix(start) for column in columns if column.startswith(start)}
    found = {column: number for column, number in numbers.items() if number.isascii() and number.isdecimal()}
    return sorted(found, key=lambda column: int(found[column]))
