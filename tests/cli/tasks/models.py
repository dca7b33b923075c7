"""Tiny models with random weights, a head each."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from flax_albert import FlaxAlbertForSequenceClassification
from tests.sizes import tiny as size
from tests.tasks import tiny

LABELS = {0: "good", 1: "bad", 2: "so so"}


def save(model_class: Any, directory: Path, **config: Any) -> str:
    """A directory with a model of a class, as ``--model`` takes it."""
    made = model_class(size(vocab_size=len(tiny.PIECES), max_position_embeddings=48, **config), _do_init=False)
    generator = np.random.default_rng(0)
    params = jax.tree.map(
        lambda leaf: jnp.asarray(generator.normal(scale=0.3, size=leaf.shape), jnp.float32), made.params_shape_tree
    )
    made.save_pretrained(directory, params=params)
    tiny.tokenizer().save_pretrained(directory)
    return str(directory)


def save_classifier(directory: Path) -> str:
    """A classifier with three labels."""
    label2id = {label: number for number, label in LABELS.items()}
    return save(FlaxAlbertForSequenceClassification, directory, id2label=LABELS, label2id=label2id)
