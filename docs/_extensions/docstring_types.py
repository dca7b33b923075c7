"""Types of parameters as the source writes them, beside what the docstring says; inherited parameters written out.

Sphinx would show the evaluated types, in which ``Ids`` becomes a union of eight classes.
"""

import inspect
import re
from typing import Any

from sphinx.application import Sphinx

# Names that only readers of the source know.
_IN_WORDS = {
    "Ids": "array of int",
    "ParameterTree": "parameter tree",
    "DropoutKey": "PRNG key",
    "DTypeLike": "JAX dtype",
    "Source": "str | Path",
    "TextInput": "str | list",
    "Token": "str | AddedToken",
    "str | os.PathLike[str]": "str | Path",
}
_PARAMETER = re.compile(r":param (?P<name>[\w\\*]+):")


def write_out_inherited(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Gives a class that describes no parameters those of the base that takes them for it."""
    if what != "class" or "Args:" in lines or "__init__" in vars(obj):
        return
    for base in obj.__mro__[1:-1]:
        described = (inspect.getdoc(base) or "").splitlines()
        if "Args:" in described:
            break
    else:
        return
    inherited = described[described.index("Args:") :]
    place = lines.index("Example:") if "Example:" in lines else len(lines)
    lines[place:place] = [*inherited, ""]


def add_types(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Puts the annotation of each described parameter, and of what is returned, into the field list."""
    function = obj.__init__ if what == "class" else getattr(obj, "fget", obj)
    annotations = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__annotations__", {})
    for index, line in reversed(list(enumerate(lines))):
        if (match := _PARAMETER.match(line)) and (text := _text(annotations, match["name"].strip("\\*"))):
            lines.insert(index, f":type {match['name']}: {text}")
        elif line.startswith(":returns:") and (text := _text(annotations, "return")) not in ("", "Any"):
            lines.insert(index, f":rtype: {text}")


def _text(annotations: dict[str, Any], name: str) -> str:
    text = annotations.get(name, "")
    if not isinstance(text, str):
        text = inspect.formatannotation(text)
    for written, meant in _IN_WORDS.items():
        text = re.sub(rf"(?<!\w){re.escape(written)}(?!\w)", meant, text)
    return text.replace("*", r"\*")


def setup(app: Sphinx) -> dict[str, Any]:
    """Registers both, before and after napoleon has made field lists of the docstrings."""
    app.connect("autodoc-process-docstring", write_out_inherited, priority=400)
    app.connect("autodoc-process-docstring", add_types, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
