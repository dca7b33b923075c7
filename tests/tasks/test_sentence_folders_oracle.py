"""Embeddings are those of sentence-transformers also where a folder has its rarer modules, prompts and similarities.

``FLAX_ALBERT_TORCH_457`` names the Python of an environment with sentence-transformers and torch.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flax_albert import AutoTokenizer, FlaxAlbertModel
from flax_albert.tasks import SentenceEmbedding
from tests.reference.tasks import texts
from tests.tolerances import BASE

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).parents[1] / "reference" / "tasks" / "sentence_folders.py"
QUESTIONS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("weighted", {}, {}),
    ("weighted", {"prompt_name": "query"}, {"prompt_name": "query"}),
    ("weighted", {"truncate_dim": 10, "normalize": True}, {"truncate_dim": 10, "normalize_embeddings": True}),
    ("last", {}, {}),
    ("last", {"prompt_name": "none"}, {"prompt_name": "none"}),
    ("mean", {}, {}),
    ("mean", {"prompt_name": "query"}, {"prompt_name": "query"}),
    ("cls", {"prompt": "well, "}, {"prompt": "well, "}),
]


def test_vectors_and_similarities_are_theirs(shared_data: Path, tmp_path: Path) -> None:
    python = os.environ.get("FLAX_ALBERT_TORCH_457")
    if not python:
        pytest.skip("FLAX_ALBERT_TORCH_457 does not name the Python of an environment with sentence-transformers")
    FlaxAlbertModel.from_pretrained("albert-mini-en", add_pooling_layer=False).save_pretrained(tmp_path / "encoder")
    AutoTokenizer.from_pretrained("albert-mini-en").save_pretrained(tmp_path / "encoder")
    asked = [row.text for row in texts.sst2(shared_data, "dev")[:60]]
    asked += [row.text for row in texts.banking77(shared_data, "test")[:60]]
    asked += [" ".join(asked[:20]), "  Spaces  around ", "MIXED Case, é ü"]
    (tmp_path / "questions.json").write_text(json.dumps([(name, asked, theirs) for name, _, theirs in QUESTIONS]))
    quiet = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "XLA_FLAGS")}
    subprocess.run([python, PROGRAM, tmp_path], check=True, env={**quiet, "HF_HUB_OFFLINE": "1"})

    for number, (name, options, _) in enumerate(QUESTIONS):
        embed = SentenceEmbedding.from_pretrained(tmp_path / name)
        vectors = embed(asked, **options)
        with np.load(tmp_path / f"{number}.npz") as theirs:
            np.testing.assert_allclose(vectors, theirs["vectors"], atol=BASE)
            a, b = theirs["vectors"][:10], theirs["vectors"][10:20]
            np.testing.assert_allclose(embed.similarity(a, b), theirs["similar"], rtol=BASE, atol=BASE)
            np.testing.assert_allclose(embed.similarity_pairwise(a, b), theirs["pairwise"], rtol=BASE, atol=BASE)
