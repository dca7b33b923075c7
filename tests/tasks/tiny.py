"""A tokenizer of a few words, and a model with random weights that fits it."""

from pathlib import Path
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from flax_albert import AlbertTokenizerFast, FlaxAlbertForMaskedLM, FlaxAlbertPreTrainedModel
from tests.sizes import tiny

SPECIAL = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
WORDS = ["the", "cat", "dog", "man", "sat", "on", "a", "mat", "in", "sun", "."]
PIECES = [*SPECIAL, "▁", *("▁" + word for word in WORDS), "man", "s", "ed", ".", ","]


def tokenizer() -> AlbertTokenizerFast:
    """Lower-cases, splits into the pieces above, and knows no others."""
    scores = [(piece, 0.0 if piece in SPECIAL else -float(number)) for number, piece in enumerate(PIECES)]
    backend = Tokenizer(models.Unigram(scores, unk_id=1, byte_fallback=False))
    backend.normalizer = normalizers.Lowercase()
    backend.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    backend.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return AlbertTokenizerFast(tokenizer_object=backend)


Model = TypeVar("Model", bound=FlaxAlbertPreTrainedModel)


def model(seed: int = 0) -> FlaxAlbertForMaskedLM:
    """The model with the masked-LM head."""
    return model_of(FlaxAlbertForMaskedLM, seed)


def model_of(kind: type[Model], seed: int = 0, **config: Any) -> Model:
    """Its weights are random and large enough for its answers to differ."""
    generator = np.random.default_rng(seed)
    made = kind(tiny(vocab_size=len(PIECES), max_position_embeddings=48, **config))
    made.params = jax.tree.map(
        lambda leaf: jnp.asarray(generator.normal(scale=0.3, size=leaf.shape), jnp.float32), made.params_shape_tree
    )
    return made


def sharp_of(kind: type[Model], seed: int = 3, **config: Any) -> Model:
    """Its answers differ much from text to text, so that whoever mixes two texts up is seen."""
    made = model_of(kind, seed, **config)
    made.params = jax.tree_util.tree_map_with_path(
        lambda path, leaf: jnp.ones_like(leaf) if path[-1].key == "scale" else leaf * leaf.ndim, made.params
    )
    return made


def save(directory: Path, seed: int = 0) -> Path:
    """A directory with both, as ``from_pretrained`` and ``--model`` take it."""
    model(seed).save_pretrained(directory)
    tokenizer().save_pretrained(directory)
    return directory
