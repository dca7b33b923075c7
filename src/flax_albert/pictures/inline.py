"""Pages that need nothing beside them: style, program and data are inside.

A page allows itself its own style and program, by their hashes, and nothing else: were a text to smuggle in markup,
the browser would not run it, and no request ever leaves the page.
"""

from __future__ import annotations

import base64
import hashlib
import json
import string
from collections.abc import Sequence
from pathlib import Path

PARTS = Path(__file__).parent / "page"
"""Parts that pages share: ``base.css`` has the colours and what is alike everywhere, ``elements.js`` makes elements."""


def inline_page(template: Path, styles: Sequence[Path], programs: Sequence[Path], **values: str) -> str:
    """Puts a page together.

    Args:
        template: Its markup, with ``$style``, ``$style_hash``, ``$program``, ``$program_hash`` and the names of values.
        styles: Parts of its style, in order.
        programs: Parts of its program, which become one function, in order.
        **values: Markup, escaped where it comes from data.

    Returns:
        The page.
    """
    style = "".join(part.read_text(encoding="utf-8") for part in styles)
    parts = "\n".join(part.read_text(encoding="utf-8") for part in programs)
    program = f'"use strict";\n(async () => {{\n{parts}}})();\n'
    return string.Template(template.read_text(encoding="utf-8")).substitute(
        style=style, style_hash=_hash(style), program=program, program_hash=_hash(program), **values
    )


def script_data(value: object) -> str:
    r"""JSON that can stand in a script element: nothing in it ends that, or begins a comment.

    Args:
        value: What JSON knows; NaN it does not.

    Returns:
        The JSON, in ASCII.

    Example:
        >>> from flax_albert.pictures.inline import script_data
        >>> print(script_data({"text": "</script>"}))
        {"text":"\u003c/script\u003e"}
    """
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(inline: str) -> str:
    """The hash by which a content security policy knows an inline style or program."""
    return f"sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode('ascii')}"
