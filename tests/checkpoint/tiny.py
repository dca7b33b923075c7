"""The smallest sensible ALBERT, as parameters without a model around them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from flax_albert.config import AlbertConfig
from flax_albert.model import parameters as table
from flax_albert.model.parameters import Leaf

DATA = Path(__file__).parent / "data"

HEADS: dict[str, tuple[table.Row, ...]] = {
    "base": (),
    "pretraining": table.under("predictions", table.PREDICTIONS) + table.under("sop_classifier", table.SENTENCE_ORDER),
    "masked_lm": table.under("predictions", table.PREDICTIONS),
    "classifier": table.SEQUENCE_CLASSIFIER,
}
WITH_POOLER = ("base", "pretraining", "classifier")


def config(**changes: Any) -> AlbertConfig:
    """The configuration of the files under ``data``."""
    sizes: dict[str, Any] = {
        "vocab_size": 12,
        "embedding_size": 4,
        "hidden_size": 8,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 8,
        "max_position_embeddings": 8,
    }
    return AlbertConfig(**(sizes | changes))


def leaves(head: str = "pretraining", **changes: Any) -> list[Leaf]:
    """The parameters of a tiny model with this head."""
    backbone = table.backbone_rows(add_pooling_layer=head in WITH_POOLER)
    rows = backbone if head == "base" else table.under("albert", backbone) + HEADS[head]
    return table.expand(rows, config(**changes))


def params(of: list[Leaf], seed: int = 0, dtype: Any = np.float32) -> dict[str, Any]:
    """A parameter tree of random numbers."""
    generator = np.random.default_rng(seed)
    return table.nested({leaf.path: generator.normal(size=leaf.shape).astype(dtype) for leaf in of})


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, np.ndarray]:
    """A parameter tree as arrays by ``a/b/c``."""
    arrays: dict[str, np.ndarray] = {}
    for key, value in tree.items():
        arrays |= flat(value, f"{prefix}{key}/") if isinstance(value, Mapping) else {prefix + key: np.asarray(value)}
    return arrays


def assert_same(first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
    """Both trees hold the same names, dtypes and numbers."""
    one, other = flat(first), flat(second)
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.dtype == other[name].dtype, name
        np.testing.assert_array_equal(array, other[name], err_msg=name)
