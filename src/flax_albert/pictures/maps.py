"""What the pictures show: the tokens of a text and how much each attends to each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np
from jaxtyping import Float


@final
@dataclass(frozen=True, eq=False, repr=False)
class AttentionMaps:
    """Attention probabilities of one text or pair, by layer and head. A notebook shows them as a page to explore.

    Attributes:
        tokens: The tokens, ``[CLS]`` and ``[SEP]`` among them, as the vocabulary writes them.
        probabilities: How much each token (the third axis) attends to each (the fourth): every row sums to one,
            ``[layers, heads, seq, seq]``.
        texts: For each token the text that it is of: 0, 1 for the second of a pair, None for ``[CLS]`` and ``[SEP]``.
        layers: The number of each layer, from 0; the layers that were computed unless :meth:`only` chose some.
        heads: The number of each head, from 0.

    Example:
        >>> from flax_albert import AutoTokenizer, FlaxAlbertModel, attention_maps
        >>> model = FlaxAlbertModel.from_pretrained("albert-mini-en", add_pooling_layer=False)
        >>> maps = attention_maps(model, AutoTokenizer.from_pretrained("albert-mini-en"), "The cat sat.")
        >>> maps
        AttentionMaps(4 layers, 4 heads, 6 tokens)
        >>> maps.tokens[0], maps.probabilities.shape
        ('[CLS]', (4, 4, 6, 6))
    """

    tokens: tuple[str, ...]
    probabilities: Float[np.ndarray, "layers heads seq seq"]
    texts: tuple[int | None, ...]
    layers: tuple[int, ...]
    heads: tuple[int, ...]

    def __post_init__(self) -> None:
        length = len(self.tokens)
        expected = (len(self.layers), len(self.heads), length, length)
        if self.probabilities.shape != expected or 0 in expected or len(self.texts) != length:
            raise ValueError(
                f"the probabilities have shape {self.probabilities.shape}, and {len(self.layers)} layers, "
                f"{len(self.heads)} heads, {length} tokens and {len(self.texts)} entries of texts do not fit them."
            )

    def only(self, layer: int | None = None, head: int | None = None) -> AttentionMaps:
        """One layer, one head, or both.

        Args:
            layer: Number of the layer to keep, from 0; by default all are kept.
            head: Number of the head to keep, from 0; by default all are kept.

        Returns:
            Maps of those alone, which remember their numbers.

        Raises:
            ValueError: There is no such layer or head.
        """
        layer_axis = _chosen("layer", layer, self.layers)
        head_axis = _chosen("head", head, self.heads)
        return replace(
            self,
            probabilities=self.probabilities[layer_axis, head_axis],
            layers=self.layers[layer_axis],
            heads=self.heads[head_axis],
        )

    def __repr__(self) -> str:
        counts = ((len(self.layers), "layer"), (len(self.heads), "head"), (len(self.tokens), "token"))
        return f"AttentionMaps({', '.join(f'{count} {name}' + 's' * (count != 1) for count, name in counts)})"

    def _repr_html_(self) -> str:
        from flax_albert.pictures.html import attention_frame

        return attention_frame(self)


def _chosen(name: str, number: int | None, numbers: tuple[int, ...]) -> slice:
    if number is None:
        return slice(None)
    if isinstance(number, bool) or number not in numbers:
        known = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
        raise ValueError(f"there is no {name} {number!r}; the {name}s are {known}, counted from 0.")
    place = numbers.index(number)
    return slice(place, place + 1)
