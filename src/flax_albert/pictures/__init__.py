"""What attends to what: attention maps, and the pictures of them."""

from flax_albert.pictures.attention import attention_maps
from flax_albert.pictures.figure import attention_figure
from flax_albert.pictures.html import attention_html
from flax_albert.pictures.maps import AttentionMaps
from flax_albert.pictures.save import save_attention
from flax_albert.pictures.svg import attention_svg

__all__ = [
    "AttentionMaps",
    "attention_figure",
    "attention_html",
    "attention_maps",
    "attention_svg",
    "save_attention",
]
