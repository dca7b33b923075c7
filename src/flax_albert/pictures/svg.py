"""Attention maps as a still picture: a grid of heads, or one head with its tokens."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from html import escape

import numpy as np
from jaxtyping import Float, UInt8

from flax_albert.pictures.colours import LIGHT, palette
from flax_albert.pictures.maps import AttentionMaps
from flax_albert.pictures.png import png

_FONT = "'Noto Sans','DejaVu Sans','Noto Sans CJK SC',system-ui,sans-serif"
_INK, _QUIET, _LINE, _PAPER = "#17202b", "#55606e", "#d5dce5", "#ffffff"
_MARGIN = 16
_FINEST = 128  # pixels along a side of a head in a grid: more tokens share pixels, which show the strongest weight
_LONGEST_LABEL = 16
_MOST_HEADS = 1024


def attention_svg(maps: AttentionMaps, title: str = "Attention") -> str:
    """The picture, with everything inside that it needs.

    Each head has a colour scale of its own, from 0 to its strongest weight, and the colour follows the square root of
    the weight, so that weak ones can be seen.

    Args:
        maps: What to show. A single head, as ``maps.only(layer, head)`` gives it, is drawn large, with its tokens.
        title: What stands above.

    Returns:
        An SVG document.

    Raises:
        ValueError: There are too many heads for one picture.

    Example:
        >>> from flax_albert import AutoTokenizer, FlaxAlbertModel, attention_maps
        >>> from flax_albert.pictures import attention_svg
        >>> model = FlaxAlbertModel.from_pretrained("albert-mini-en", add_pooling_layer=False)
        >>> maps = attention_maps(model, AutoTokenizer.from_pretrained("albert-mini-en"), "The cat sat.")
        >>> attention_svg(maps.only(layer=2, head=1)).startswith("<svg")
        True
    """
    if len(maps.layers) * len(maps.heads) > _MOST_HEADS:
        raise ValueError(f"{maps!r} has more than {_MOST_HEADS} heads; choose a layer or a head.")
    if maps.probabilities.shape[:2] == (1, 1):
        width, height, body = _one_head(maps)
        title = f"{title}: layer {maps.layers[0]}, head {maps.heads[0]}"
    else:
        width, height, body = _grid(maps)
    width = max(width, 2 * _MARGIN + 11 * len(title))
    shown = escape(_printable(title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{shown}" font-family="{_FONT}" font-size="12" fill="{_INK}">'
        f'<title>{shown}</title><rect width="{width}" height="{height}" fill="{_PAPER}"/>'
        f'<text x="{_MARGIN}" y="{_MARGIN + 14}" font-size="17" font-weight="600">{shown}</text>{"".join(body)}</svg>\n'
    )


def _grid(maps: AttentionMaps) -> tuple[int, int, Iterator[str]]:
    side = 150 if max(maps.probabilities.shape[:2]) <= 4 else 88
    step, left, top = side + 8, _MARGIN + 30, _MARGIN + 64

    def body() -> Iterator[str]:
        yield _text(_MARGIN, top - 24, "layer (rows) and head (columns)", _QUIET)
        for row, layer in enumerate(maps.layers):
            yield _text(left - 8, top + row * step + side / 2 + 4, str(layer), _QUIET, "end")
            for column, head in enumerate(maps.heads):
                if row == 0:
                    yield _text(left + column * step + side / 2, top - 6, str(head), _QUIET, "middle")
                name = f"layer {layer}, head {head}"
                yield _image(left + column * step, top + row * step, side, maps.probabilities[row, column], name)

    return left + len(maps.heads) * step + _MARGIN, top + len(maps.layers) * step + _MARGIN, body()


def _one_head(maps: AttentionMaps) -> tuple[int, int, Iterator[str]]:
    count = len(maps.tokens)
    labels = [_label(token) for token in maps.tokens]
    cell = min(26, max(12, 720 // count))
    room = math.ceil(7.5 * max(map(_columns, labels))) + 8
    side, left, top = cell * count, _MARGIN + room, _MARGIN + 34 + room
    weights = maps.probabilities[0, 0]
    strongest = float(weights.max())

    def body() -> Iterator[str]:
        size = min(12, cell)
        for place, label in enumerate(labels):
            middle = (place + 0.5) * cell
            yield _text(left - 6, top + middle + size / 3, label, _INK, "end", size)
            yield (
                f'<text transform="translate({left + middle + size / 3:g} {top - 6}) rotate(-90)" '
                f'font-size="{size}">{escape(label)}</text>'
            )
        yield _image(left, top, side, weights, "from the row's token to the column's")
        yield _scale(left, top + side + 18, strongest)
        yield _text(left, top + side + 62, "A row's token attends to the columns' tokens.", _QUIET)

    return left + max(side, 300) + _MARGIN, top + side + 62 + _MARGIN, body()


def _image(x: float, y: float, side: float, weights: Float[np.ndarray, "seq seq"], name: str) -> str:
    pixels = _pooled(weights, _FINEST) if side < weights.shape[0] else weights
    shades = np.rint(255 * np.sqrt(pixels / max(float(weights.max()), 1e-12))).astype(np.uint8)
    frame = f'<rect x="{x:g}" y="{y:g}" width="{side:g}" height="{side:g}" fill="none" stroke="{_LINE}"/>'
    return _shades(x, y, side, side, shades, name) + frame


def _shades(
    x: float, y: float, width: float, height: float, shades: UInt8[np.ndarray, "rows columns"], name: str
) -> str:
    data = base64.b64encode(png(shades, palette(LIGHT))).decode("ascii")
    return (
        f'<image x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" preserveAspectRatio="none" '
        f'style="image-rendering:pixelated" href="data:image/png;base64,{data}"><title>{escape(name)}</title></image>'
    )


def _pooled(weights: Float[np.ndarray, "seq seq"], most: int) -> Float[np.ndarray, "pixels pixels"]:
    """The strongest weight of each block, in at most so many blocks a side."""
    edges = np.unique(np.linspace(0, len(weights), min(most, len(weights)), endpoint=False).astype(int))
    return np.maximum.reduceat(np.maximum.reduceat(weights, edges, axis=0), edges, axis=1)


def _scale(x: float, y: float, strongest: float) -> str:
    shades = np.arange(256, dtype=np.uint8)[None, :]
    ticks = "".join(
        _text(x + share * 240, y + 24, f"{strongest * share**2:.3f}", _QUIET, "start" if not share else "middle", 11)
        for share in (0, 0.5, 1)
    )
    return _shades(x, y, 240, 10, shades, "weight") + ticks


def _text(x: float, y: float, text: str, fill: str, anchor: str = "start", size: float = 12) -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}" text-anchor="{anchor}" font-size="{size:g}">{escape(text)}</text>'


def _label(token: str) -> str:
    shown = _printable(token)
    return shown if len(shown) <= _LONGEST_LABEL else shown[: _LONGEST_LABEL - 1] + "…"


def _printable(text: str) -> str:
    """The text without what XML does not allow, and what would turn the text after it around."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _columns(label: str) -> int:
    """How wide a label is, in letters: those of East Asia are twice as wide."""
    return sum(2 if ord(sign) >= 0x1100 else 1 for sign in label)
