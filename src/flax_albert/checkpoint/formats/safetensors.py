"""safetensors files, through the library of that name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

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
        Its arrays by name, as read-only views into the file.

    Raises:
        OSError: The file cannot be opened.
        ValueError: The header is damaged, or an array has a dtype or shape that numpy cannot hold.
    """
    data = map_file(path)
    try:
        with safe_open(path, framework="numpy") as file:  # which checks every size and offset
            names = list(file.keys())
    except SafetensorError as error:
        raise ValueError(str(error).rstrip(".")) from error
    # The library would copy every array; here they stay in the file until they are looked at.
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(bytes(data[8:start]))
    return {name: _array(name, header[name], data[start:]) for name in names}


def _array(name: str, entry: dict, content: memoryview) -> np.ndarray:
    dtype = SAFETENSORS.get(entry["dtype"])
    if dtype is None:
        raise ValueError(f"{name[:80]!r} has the unsupported dtype {entry['dtype']}")
    begin, end = entry["data_offsets"]
    return np.frombuffer(content[begin:end], dtype).reshape(entry["shape"])


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
