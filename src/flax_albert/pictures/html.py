"""Attention maps as one page that needs nothing beside it: style, program and weights are inside.

The page allows itself its own style and program, by their hashes, and nothing else: were a text to smuggle in markup,
the browser would not run it, and no request ever leaves the page.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import string
from pathlib import Path

from flax_albert.pictures.colours import DARK, LIGHT
from flax_albert.pictures.maps import AttentionMaps
from flax_albert.pictures.weights import MOST_WEIGHTS, packed

_PAGE = Path(__file__).parent / "page"
# One program in one function, in this order.
_PROGRAM = ("data.js", "colours.js", "heads.js", "tokens.js", "matrix.js", "show.js", "begin.js")
_MOST_WEIGHTS_IN_A_NOTEBOOK = 2**23
_FRAME_STYLE = "width:100%;height:780px;border:1px solid #8886;border-radius:8px"


def attention_html(maps: AttentionMaps, title: str = "Attention") -> str:
    """The page: every head at a glance, one head in full, and the weights of a token as colours and numbers.

    Args:
        maps: What to show; every layer and head of it goes into the page.
        title: The page's title.

    Returns:
        The page, in UTF-8 as it says.

    Raises:
        ValueError: There are too many weights for a page.

    Example:
        >>> from flax_albert import AutoTokenizer, FlaxAlbertModel, attention_maps
        >>> from flax_albert.pictures import attention_html
        >>> model = FlaxAlbertModel.from_pretrained("albert-mini-en", add_pooling_layer=False)
        >>> maps = attention_maps(model, AutoTokenizer.from_pretrained("albert-mini-en"), "The cat sat.")
        >>> page = attention_html(maps)
        >>> page.startswith("<!doctype html>")
        True
    """
    count = maps.probabilities.size
    if count > MOST_WEIGHTS:
        raise ValueError(
            f"{maps!r} has {count:,} weights, and a page holds at most {MOST_WEIGHTS:,}; choose a layer or a head."
        )
    weights = packed(maps.probabilities)
    about = {
        "tokens": maps.tokens,
        "texts": maps.texts,
        "layers": maps.layers,
        "heads": maps.heads,
        "bits": weights.bits,
        "light": LIGHT,
        "dark": DARK,
    }
    style, program = _asset("page.css"), _program()
    return string.Template(_asset("page.html")).substitute(
        title=html.escape(title),
        style=style,
        style_hash=_hash(style),
        program=program,
        program_hash=_hash(program),
        about=_data(about),
        weights=weights.data,
    )


def attention_frame(maps: AttentionMaps) -> str:
    """The page in a frame of its own, so that a notebook and it do not style each other.

    Args:
        maps: What to show.

    Returns:
        An ``iframe``; where that would swell the notebook, a sentence that says what to do instead.
    """
    if maps.probabilities.size > _MOST_WEIGHTS_IN_A_NOTEBOOK:
        return (
            f"<p><code>{html.escape(repr(maps))}</code> is too large for a notebook: show "
            "<code>maps.only(layer=0)</code>, or write a page with "
            '<code>flax_albert.save_attention(maps, "attention.html")</code>.</p>'
        )
    page = html.escape(attention_html(maps))
    return f'<iframe title="Attention" sandbox="allow-scripts" style="{_FRAME_STYLE}" srcdoc="{page}"></iframe>'


def _asset(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _program() -> str:
    parts = "\n".join(_asset(name) for name in _PROGRAM)
    return f'"use strict";\n(async () => {{\n{parts}}})();\n'


def _hash(inline: str) -> str:
    """The hash by which a content security policy knows an inline style or program."""
    return f"sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode('ascii')}"


def _data(value: object) -> str:
    """JSON that can stand in a script element: nothing in it ends that, or begins a comment."""
    text = json.dumps(value, separators=(",", ":"))  # ASCII only
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
