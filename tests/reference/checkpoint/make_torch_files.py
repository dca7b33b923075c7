"""Writes the small torch files under tests/checkpoint/data, which prove the reader on what torch itself writes.

Run it with a Python that has torch and transformers 4.37: ``python tests/checkpoint/make_torch_files.py``. Beside each
``.bin`` it leaves the same tensors as ``.npz`` (bfloat16 as float32), the expectation of the tests.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from transformers import AlbertConfig, AlbertForPreTraining

DATA = Path(__file__).parent / "data"


def tiny_albert() -> dict[str, torch.Tensor]:
    """The state dict of the smallest sensible ALBERT with both pretraining heads, tied copies included."""
    torch.manual_seed(0)
    config = AlbertConfig(
        vocab_size=12,
        embedding_size=4,
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=8,
    )
    return AlbertForPreTraining(config).state_dict()


def unusual_tensors() -> dict[str, torch.Tensor]:
    """Every way in which a tensor can lie in its storage, and every dtype that weights come in."""
    base = torch.arange(24, dtype=torch.float32)
    tensors = OrderedDict(
        transposed=base.reshape(4, 6).T,
        slice=base[5:17:3],
        column=base.reshape(4, 6)[:, 2],
        shared=base.reshape(2, 12)[1],
        scalar=torch.tensor(3.5),
        empty=torch.empty(0, 3),
        parameter=torch.nn.Parameter(torch.ones(2, 2)),
    )
    for dtype in ("float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8"):
        tensors[dtype] = torch.arange(5).to(getattr(torch, dtype))
    tensors["bool"] = torch.tensor([True, False])
    return tensors


def main() -> None:
    """Writes every file."""
    DATA.mkdir(exist_ok=True)
    for name, tensors in {"albert": tiny_albert(), "unusual": unusual_tensors()}.items():
        expected = {
            key: (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).detach().numpy()
            for key, tensor in tensors.items()
        }
        np.savez_compressed(DATA / f"{name}.npz", **expected)
        torch.save(tensors, DATA / f"{name}-zip.bin")
        torch.save(tensors, DATA / f"{name}-legacy.bin", _use_new_zipfile_serialization=False)
    torch.save(unusual_tensors(), DATA / "unusual-protocol4.bin", pickle_protocol=4)


if __name__ == "__main__":
    main()
