"""A small corpus of real sentences, and a tiny model for it."""

from __future__ import annotations

from pathlib import Path

from flax_albert import AlbertConfig
from flax_albert.data.preparing.prepare import PrepareOptions, prepare
from flax_albert.data.vocabulary import Vocabulary
from tests.data.pretraining.texts import vocabulary as made_up

STORY = (
    "The boy went to the river. He saw a boat there. The boat was old and small. He sat down in it. "
    "A man came along the river. He asked the boy for his name. The boy said nothing. The man went away again."
)


def config(vocabulary: Vocabulary | None = None, initializer_range: float = 0.02) -> AlbertConfig:
    """Two layers of 32."""
    return AlbertConfig(
        vocab_size=(vocabulary or made_up(60)).size,
        embedding_size=16,
        hidden_size=32,
        num_attention_heads=2,
        intermediate_size=64,
        num_hidden_layers=2,
        max_position_embeddings=64,
        initializer_range=initializer_range,
    )


def corpus(folder: Path, held_out: float = 0.3) -> Path:
    """Prepares a corpus of thirty short documents."""
    text = folder / "text.txt"
    sentences = STORY.split(". ")
    text.write_text("\n\n".join(". ".join(sentences[n % 5 : n % 5 + 3 + n % 3]) + "." for n in range(30)))
    prepare([text], "albert-mini-en", folder / "corpus", PrepareOptions(held_out=held_out), processes=1)
    return folder / "corpus"
