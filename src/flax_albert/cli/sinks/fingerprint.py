"""Short digests, by which a resumed run knows its input and its model again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

_BLOCK = 2**16
_BLOCKS = 256


def of_file(path: Path) -> dict[str, Any]:
    """The size of a file and a digest of what it holds: of all, up to 16 MiB, and of blocks spread over a larger one.

    Args:
        path: The file.

    Returns:
        Its fingerprint.

    Raises:
        OSError: It cannot be read.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.cli.sinks.fingerprint import of_file
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "data.csv"
        >>> size = path.write_bytes(b"text")
        >>> of_file(path)["size"]
        4
    """
    digest = hashlib.blake2b(digest_size=16)
    size = path.stat().st_size
    blocks = -(-size // _BLOCK)
    taken = range(blocks) if blocks <= _BLOCKS else [place * (blocks - 1) // (_BLOCKS - 1) for place in range(_BLOCKS)]
    with path.open("rb") as file:
        for block in taken:
            file.seek(block * _BLOCK)
            digest.update(file.read(_BLOCK))
    return {"size": size, "digest": digest.hexdigest()}


def of_values(values: Any) -> dict[str, Any]:
    """A digest of what stood on the command line.

    Args:
        values: Anything that JSON can hold.

    Returns:
        Its fingerprint.
    """
    return {"digest": hashlib.blake2b(json.dumps(values).encode(), digest_size=16).hexdigest()}


def of_task(task: Any) -> str:
    """A digest of a task's model, parameters and configuration, and of its tokenizer's vocabulary.

    Args:
        task: The task.

    Returns:
        The digest: equal for equal models, wherever they lie.
    """
    import jax
    import numpy as np

    digest = hashlib.blake2b(digest_size=16)
    model, tokenizer = task.model, task.tokenizer
    digest.update(repr(getattr(task, "modules", None)).encode())
    config = {key: value for key, value in model.config.to_dict().items() if key != "_name_or_path"}
    digest.update(repr(sorted(config.items())).encode())
    digest.update(repr(sorted(tokenizer.get_vocab().items())).encode())
    for path, leaf in jax.tree_util.tree_leaves_with_path(model.params):
        digest.update(jax.tree_util.keystr(path).encode())
        digest.update(np.ascontiguousarray(np.asarray(leaf)).view(np.uint8).data)
    return digest.hexdigest()
