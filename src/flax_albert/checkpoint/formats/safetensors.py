"""safetensors files, through the library of that name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import ml_dtypes  # noqa: F401  (teaches numpy bfloat16)
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from flax_albert.checkpoint.formats.dtypes import SAFETENSORS
from flax_albert.checkpoint.formats.mapped import map_file


def read(path: Path) -> dict[str, np.ndarray]:
    """Reads a safetensors file.

    Args:
        path: The file.

    Returns:
        Its arrays by name.

    Raises:
        OSError: The file cannot be opened.
        ValueError: The header is damaged, or an array has a dtype or shape that numpy cannot hold.
    """
    map_file(path)  # for its refusals only: the library maps the file itself
    arrays = {}
    try:
        with safe_open(path, framework="numpy") as file:
            for name in file.keys():  # noqa: SIM118  (not a dictionary)
                dtype = file.get_slice(name).get_dtype()
                if dtype not in SAFETENSORS:
                    raise ValueError(f"{name[:80]!r} has the unsupported dtype {dtype}")
                arrays[name] = file.get_tensor(name)
    except SafetensorError as error:
        raise ValueError(str(error).rstrip(".")) from error
    return arrays


def write(path: Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> None:
    """Writes a safetensors file.

    Args:
        path: The file.
        arrays: The arrays by name.
        metadata: Text for the header, such as ``{"format": "pt"}``.

    Raises:
        OSError: The file cannot be written.
    """
    # The library writes an array's memory as it lies, so a transposed view would come out wrong without the copy.
    contiguous = {name: np.ascontiguousarray(array).reshape(array.shape) for name, array in arrays.items()}
    try:
        save_file(contiguous, path, metadata=dict(metadata) or None)
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written: {error}.") from error
