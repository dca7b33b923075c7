"""``sentence_folders.py FOLDER``: sentence-transformers makes folders with its rarer modules, and answers with them.

It runs in an environment with sentence-transformers and torch. ``FOLDER/encoder`` is a model, ``FOLDER/questions.json``
a list of folders' names, texts and options; the answers are ``FOLDER/NUMBER.npz``.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer, models


def make(folder: Path) -> None:
    """Saves the folders."""
    torch.manual_seed(0)
    words = models.Transformer(str(folder / "encoder"), max_seq_length=64)
    width = words.get_word_embedding_dimension()
    projection = models.Dense(width, 32, bias=False, activation_function=torch.nn.GELU())
    follow = [models.LayerNorm(width), models.Dropout(0.5), projection, models.Normalize()]
    query = {"query": "a query: ", "none": ""}
    for name, mode, included, after, settings in (
        ("weighted", "weightedmean", True, follow, {"prompts": query, "similarity_fn_name": "euclidean"}),
        ("last", "lasttoken", False, [], {"prompts": query, "default_prompt_name": "query"}),
        ("mean", "mean", False, [], {"prompts": query, "similarity_fn_name": "manhattan"}),
        ("cls", "cls", False, [], {"similarity_fn_name": "dot"}),
    ):
        pooling = models.Pooling(width, pooling_mode=mode, include_prompt=included)
        SentenceTransformer(modules=[words, pooling, *after], device="cpu", **settings).save(str(folder / name))


def main(folder: Path) -> None:
    """Makes the folders and answers."""
    warnings.simplefilter("ignore")  # newer versions have other names for some of what is called here, and know these
    make(folder)
    for number, (name, texts, options) in enumerate(json.loads((folder / "questions.json").read_text())):
        model = SentenceTransformer(str(folder / name), device="cpu")
        vectors = model.encode(texts, batch_size=32, **options)
        a, b = vectors[:10], vectors[10:20]
        similar, pairwise = model.similarity(a, b), model.similarity_pairwise(a, b)
        np.savez(folder / f"{number}.npz", vectors=vectors, similar=similar, pairwise=pairwise)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
