"""Attention maps as a matplotlib figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flax_albert.pictures.colours import LIGHT
from flax_albert.pictures.maps import AttentionMaps

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure

_MOST_LABELS = 80  # more would overlap


def attention_figure(maps: AttentionMaps, layer: int | None = None, head: int | None = None) -> Figure:
    """Draws the heads as a grid, or one head with its tokens.

    As in the pictures of :func:`attention_svg`, each head has a colour scale of its own, and the colour follows the
    square root of the weight. Nothing of ``pyplot``'s state is touched.

    Args:
        maps: What to draw.
        layer: Number of the only layer to draw, from 0.
        head: Number of the only head to draw, from 0.

    Returns:
        The figure: a notebook shows it, and ``figure.savefig("attention.pdf")`` writes it.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: There is no such layer or head.

    Example:
        >>> from flax_albert import AutoTokenizer, FlaxAlbertModel, attention_maps
        >>> from flax_albert.pictures import attention_figure
        >>> model = FlaxAlbertModel.from_pretrained("albert-mini-en", add_pooling_layer=False)
        >>> maps = attention_maps(model, AutoTokenizer.from_pretrained("albert-mini-en"), "The cat sat.")
        >>> len(attention_figure(maps).axes)
        16
    """
    try:
        from matplotlib.colors import LinearSegmentedColormap, PowerNorm

        from flax_albert.pictures.notebook_figure import NotebookFigure
    except ImportError as error:
        raise ImportError(
            "attention_figure draws with matplotlib, which is not installed: pip install 'flax-albert[plot]'."
        ) from error
    maps = maps.only(layer, head)
    colours = LinearSegmentedColormap.from_list("attention", LIGHT)
    norms = [[PowerNorm(0.5, 0, float(weights.max())) for weights in row] for row in maps.probabilities]
    rows, columns = maps.probabilities.shape[:2]
    if rows == columns == 1:
        return _one_head(NotebookFigure, maps, colours, norms[0][0])
    figure = NotebookFigure(figsize=(max(4, 1.3 * columns), max(2, 1.3 * rows)), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for row, layer_number in enumerate(maps.layers):
        for column, head_number in enumerate(maps.heads):
            each: Axes = axes[row, column]
            each.imshow(maps.probabilities[row, column], cmap=colours, norm=norms[row][column], interpolation="nearest")
            each.set(xticks=[], yticks=[])
            if row == 0:
                each.set_title(f"head {head_number}", fontsize=8)
            if column == 0:
                each.set_ylabel(f"layer {layer_number}", fontsize=8)
    return figure


def _one_head(figure_class: type[Figure], maps: AttentionMaps, colours: Colormap, norm: Normalize) -> Figure:
    count = len(maps.tokens)
    side = max(4.0, min(12.0, 1.5 + 0.19 * count))
    figure = figure_class(figsize=(side + 0.8, side), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(maps.probabilities[0, 0], cmap=colours, norm=norm, interpolation="nearest")
    axes.set_title(f"layer {maps.layers[0]}, head {maps.heads[0]}")
    axes.set(xlabel="attended to", ylabel="attends")
    if count <= _MOST_LABELS:
        # A token may hold a dollar sign, which is no mathematics.
        style = {"fontsize": 8, "parse_math": False, "fontfamily": _families()}
        places = np.arange(count)
        axes.set_xticks(places, [_printable(token) for token in maps.tokens], rotation=90, **style)
        axes.set_yticks(places, [_printable(token) for token in maps.tokens], **style)
    figure.colorbar(image, ax=axes, shrink=0.8, label="weight")
    return figure


def _families() -> list[str]:
    """Fonts to look for a letter in, those that are here."""
    from matplotlib.font_manager import fontManager

    known = set(fontManager.get_font_names())
    wanted = ("DejaVu Sans", "Noto Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "Microsoft YaHei", "PingFang SC")
    return [name for name in wanted if name in known] or ["sans-serif"]


def _printable(token: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in token)
