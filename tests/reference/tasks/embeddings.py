"""``embeddings.py ENCODER FOLDER PREFIX``: sentence-transformers makes folders of its own.

It runs in an environment with sentence-transformers and torch. Each folder is ``FOLDER/PREFIX-NAME``.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer, models


def main(encoder: Path, folder: Path, prefix: str) -> None:
    """Saves a folder for every way to pool, with and without what may follow."""
    warnings.simplefilter("ignore")  # newer versions have other names for some of what is called here, and know these
    for name, pooling, follow, length in (
        ("mean", {"pooling_mode": "mean"}, (), 128),
        ("cls", {"pooling_mode": "cls"}, ("normalize",), 512),
        ("max", {"pooling_mode": "max"}, ("dense",), 64),
        ("mean-dense-normalize", {"pooling_mode": "mean"}, ("dense", "normalize"), 128),
        ("sqrt", {"pooling_mode": "mean_sqrt_len_tokens"}, (), 128),
        (
            "mean-max",
            {"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True, "pooling_mode_cls_token": True},
            ("normalize",),
            128,
        ),
    ):
        torch.manual_seed(0)
        words = models.Transformer(str(encoder), max_seq_length=length)
        pool = models.Pooling(words.get_word_embedding_dimension(), **pooling)
        modules: list[torch.nn.Module] = [words, pool]
        for step in follow:
            if step == "dense":
                modules.append(models.Dense(pool.get_sentence_embedding_dimension(), 96))
            else:
                modules.append(models.Normalize())
        SentenceTransformer(modules=modules, device="cpu").save(str(folder / f"{prefix}-{name}"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
