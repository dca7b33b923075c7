"""Attention maps without a model, and a small model of several layers a group."""

import numpy as np

from flax_albert.pictures import AttentionMaps

HOSTILE = ("</script><script>alert(1)</script>", "<!--", "&amp;\"'", "]]>", "$x$ {y}", "\u202egnp\u0007\ud800")


def maps(tokens: tuple[str, ...] = ("a", "b"), layers: int = 2, heads: int = 3, seed: int = 0) -> AttentionMaps:
    """Random probabilities, some of them small, between ``[CLS]`` and ``[SEP]``."""
    tokens = ("[CLS]", *tokens, "[SEP]")
    drawn = np.random.default_rng(seed).dirichlet(np.full(len(tokens), 0.3), (layers, heads, len(tokens)))
    return AttentionMaps(
        tokens,
        drawn.astype(np.float32),
        (None, *(0,) * (len(tokens) - 2), None),
        tuple(range(layers)),
        tuple(range(heads)),
    )
