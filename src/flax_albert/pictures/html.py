"""Attention maps as one page that needs nothing beside it: style, program and weights are inside."""

from __future__ import annotations

import html

from flax_albert.pictures.colours import DARK, LIGHT
from flax_albert.pictures.inline import PARTS, inline_page, script_data
from flax_albert.pictures.maps import AttentionMaps
from flax_albert.pictures.weights import MOST_WEIGHTS, packed

_STYLES = ("base.css", "page.css")
_PROGRAMS = ("elements.js", "data.js", "colours.js", "heads.js", "tokens.js", "matrix.js", "show.js", "begin.js")
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
    return inline_page(
        PARTS / "page.html",
        [PARTS / name for name in _STYLES],
        [PARTS / name for name in _PROGRAMS],
        title=html.escape(title),
        about=script_data(about),
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
