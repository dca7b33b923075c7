"""Files of weights <-> flat dictionaries of numpy arrays. Knows no ALBERT.

Files are untrusted. A reader never executes anything, checks every size against the file before it allocates, and
raises ``ValueError`` with part of a sentence; ``read`` is the one place that adds the name of the file, and says that
it is damaged. Where a file is sound but cannot be read here, the reader raises ``CheckpointError`` itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from flax_albert.checkpoint.errors import CheckpointError
from flax_albert.checkpoint.formats import keras_h5, msgpack, safetensors, tensor_bundle, torch_bin, torch_zip
from flax_albert.checkpoint.formats.mapped import map_file

Arrays = dict[str, np.ndarray]

_READERS: dict[str, Callable[[Path], Arrays]] = {
    ".safetensors": safetensors.read,
    ".msgpack": lambda path: msgpack.read(map_file(path)),
    ".bin": lambda path: torch_bin.read(map_file(path)),
    tensor_bundle.SUFFIX: tensor_bundle.read,
    ".h5": keras_h5.read,
}
_WRITERS: dict[str, Callable[[Path, Mapping[str, np.ndarray], Mapping[str, str]], None]] = {
    ".safetensors": safetensors.write,
    ".msgpack": lambda path, arrays, _metadata: msgpack.write(path, arrays),
    ".bin": lambda path, arrays, _metadata: torch_zip.write(path, arrays),
}


def read(path: Path) -> Arrays:
    """Reads every array of one file; the suffix of its name tells the format.

    Args:
        path: A ``.safetensors``, ``.msgpack``, torch ``.bin`` or Keras ``.h5`` file, or the ``.index`` of a TensorFlow
            checkpoint, beside which its data files lie.

    Returns:
        The arrays by their names in the file. They may be read-only views into the file, so copy what outlives it.
        Nested trees of a msgpack file are joined with ``/``.

    Raises:
        CheckpointError: The file cannot be read, is damaged, or holds something else than arrays.

    Example:
        >>> import tempfile, pathlib, numpy
        >>> from flax_albert.checkpoint import formats
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.safetensors"
        >>> formats.write(path, {"bias": numpy.zeros(2, "float32")})
        >>> formats.read(path)["bias"].shape
        (2,)
    """
    reader = _READERS.get(path.suffix)
    if reader is None:
        raise CheckpointError(f"{path}: weights are read from {', '.join(_READERS)} files only.")
    try:
        return reader(path)
    except CheckpointError:
        raise  # the reader knew more than that something is wrong
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise CheckpointError(
            f"{path} is damaged or not a file of weights: {error}. Get a fresh copy of it."
        ) from error
    except MemoryError as error:
        raise CheckpointError(f"{path} does not fit into memory.") from error


def write(path: Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None) -> None:
    """Writes arrays into one file; the suffix of its name tells the format.

    Args:
        path: A ``.safetensors``, ``.msgpack`` or torch ``.bin`` file; an existing one is replaced.
        arrays: The arrays by name. For msgpack a ``/`` in a name opens a nested tree.
        metadata: Text kept in the header of a safetensors file.

    Raises:
        OSError: The file cannot be written.
        ValueError: The suffix is not one that can be written.
    """
    writer = _WRITERS.get(path.suffix)
    if writer is None:
        raise ValueError(f"{path}: weights are written to {', '.join(_WRITERS)} files only.")
    writer(path, arrays, metadata or {})
