"""Small configurations that tests share."""

from typing import Any

from flax_albert.config import AlbertConfig

TINY: dict[str, Any] = {
    "vocab_size": 61,
    "embedding_size": 12,
    "hidden_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 3,
    "intermediate_size": 40,
    "max_position_embeddings": 20,
    "initializer_range": 0.3,  # sharp enough that a wrong sign or a missing term shows
}


def tiny(**overrides: Any) -> AlbertConfig:
    """A configuration that compiles in no time."""
    return AlbertConfig(**(TINY | overrides))
