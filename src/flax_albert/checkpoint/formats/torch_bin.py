"""Torch ``.bin`` files, without torch: the zip format (torch 1.6 and later) and the one before it."""

from __future__ import annotations

import io
import math
import zipfile
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from flax_albert.checkpoint.formats import tensor_pickle
from flax_albert.checkpoint.formats.tensor_pickle import Storage, Tensor

_ZIP_MAGIC = b"PK\x03\x04"
_PICKLE_MAGIC = b"\x80"
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL = 1001
_ZIP_LOCAL_HEADER = 30
_MAX_DIMENSIONS = 8


def read(data: memoryview) -> dict[str, np.ndarray]:
    """Reads what ``torch.save`` wrote of a state dict.

    Args:
        data: The bytes of the file.

    Returns:
        Its tensors by name, as read-only views into ``data``.

    Raises:
        ValueError: The bytes are damaged, or hold something else than named tensors.
    """
    if data[: len(_ZIP_MAGIC)] == _ZIP_MAGIC:
        state_dict, contents = _read_zip(data)
    else:
        state_dict, contents = _read_legacy(data)
    if not isinstance(state_dict, dict):
        raise ValueError("it holds no state dict, that is, no named tensors")
    return {name: _array(name, tensor, contents) for name, tensor in state_dict.items()}


def _array(name: str, tensor: object, contents: dict[str, np.ndarray]) -> np.ndarray:
    """The array that a tensor describes, once the description is known to stay inside its storage."""
    name = name[:80]
    if not isinstance(tensor, Tensor):
        raise ValueError(f"{name!r} is not a tensor")
    storage, shape, strides = tensor.storage, tensor.shape, tensor.strides
    content = contents.get(storage.key)
    if content is None or content.dtype != storage.dtype:
        raise ValueError(f"the numbers of {name!r} are missing")
    if len(shape) > _MAX_DIMENSIONS or len(shape) != len(strides) or min((*shape, *strides, 0)) < 0:
        raise ValueError(f"{name!r} has an impossible shape of {len(shape)} dimensions with {len(strides)} strides")
    if not (0 <= storage.start <= storage.start + storage.elements <= len(content) and tensor.offset >= 0):
        raise ValueError(f"{name!r} lies outside its storage")
    elements = math.prod(shape)
    if not elements:
        return np.empty(shape, content.dtype)
    last = tensor.offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    # A stride of zero could make a tensor larger than the file that holds it, hence the first condition.
    if elements > storage.elements or last >= storage.elements:
        raise ValueError(f"{name!r} has the shape {str(shape)[:80]} but its storage only {storage.elements} elements")
    steps = [stride * content.itemsize for stride in strides]
    return as_strided(content[storage.start + tensor.offset :], shape, steps, writeable=False)


def _read_zip(data: memoryview) -> tuple[Any, dict[str, np.ndarray]]:
    records = _zip_records(data)
    pickles = [name for name in records if name.endswith("/data.pkl") and name.count("/") == 1]
    if len(pickles) != 1:
        raise ValueError("it is a zip archive that torch.save did not write")
    root = pickles[0].removesuffix("data.pkl")
    if f"{root}constants.pkl" in records:
        raise ValueError("it is a TorchScript programme; save the state dict instead")
    order = bytes(records.get(f"{root}byteorder", b"little"))
    if order not in (b"little", b"big"):
        raise ValueError(f"its byte order {order[:16]!r} is unknown")
    state_dict, _ = tensor_pickle.load(records[pickles[0]])
    contents = {}
    for storage in _storages(state_dict):
        content = records.get(f"{root}data/{storage.key}")
        if content is None:
            raise ValueError(f"the record data/{storage.key} is missing")
        contents[storage.key] = _numbers(content, storage, swapped=order == b"big")
    return state_dict, contents


def _zip_records(data: memoryview) -> dict[str, memoryview]:
    """The records of an archive by name, where they lie. Only stored records count: there is nothing to inflate."""
    try:
        entries = zipfile.ZipFile(_ViewReader(data)).infolist()  # type: ignore[arg-type]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, OSError) as error:
        raise ValueError(f"the zip archive is damaged ({error})") from error
    records = {}
    for entry in entries:
        header = (
            data[entry.header_offset : entry.header_offset + _ZIP_LOCAL_HEADER] if entry.header_offset >= 0 else b""
        )
        if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size or entry.flag_bits & 1:
            raise ValueError(f"the record {entry.filename[:80]!r} is compressed or encrypted, as torch never writes it")
        if len(header) < _ZIP_LOCAL_HEADER or header[:4] != _ZIP_MAGIC:
            raise ValueError(f"the record {entry.filename[:80]!r} is not where the archive says")
        names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        start = entry.header_offset + _ZIP_LOCAL_HEADER + names
        if start + entry.file_size > len(data):
            raise ValueError(f"the record {entry.filename[:80]!r} ends behind the end of the file")
        records[entry.filename] = data[start : start + entry.file_size]
    return records


class _ViewReader:
    """Bytes in memory as the file that zipfile wants, without a copy, and never reading more than there is."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._position = 0

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: len(self._data)}[whence]
        if position < 0:
            raise ValueError("a record begins before the file")
        self._position = position
        return position

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self._position + size if size >= 0 else len(self._data)
        taken = bytes(self._data[self._position : end])
        self._position += len(taken)
        return taken


def _read_legacy(data: memoryview) -> tuple[Any, dict[str, np.ndarray]]:
    """Four pickles (magic number, protocol, platform, state dict), the storage keys, then the storages themselves."""
    if data[:1] != _PICKLE_MAGIC:
        raise ValueError("it does not begin as torch.save begins a file")
    magic, position = tensor_pickle.load(data)
    if magic != _LEGACY_MAGIC:
        raise ValueError("it does not begin as torch.save begins a file")
    protocol, position = tensor_pickle.load(data, position)
    if protocol != _LEGACY_PROTOCOL:
        raise ValueError("it was written by a version of torch that is not known")
    _platform, position = tensor_pickle.load(data, position)
    state_dict, position = tensor_pickle.load(data, position)
    keys, position = tensor_pickle.load(data, position)
    storages = {storage.key: storage for storage in _storages(state_dict)}
    if not isinstance(keys, list) or not all(isinstance(key, str) and key in storages for key in keys):
        raise ValueError("its list of storages does not match its tensors")
    contents = {}
    for key in keys:
        dtype = storages[key].dtype
        elements = int.from_bytes(data[position : position + 8], "little", signed=True)
        end = position + 8 + elements * dtype.itemsize
        if elements < 0 or end > len(data):
            raise ValueError(f"the storage {key} ends behind the end of the file")
        # Whatever the machine that wrote it, torch stores this format in little-endian order.
        contents[key] = np.frombuffer(data[position + 8 : end], dtype)
        position = end
    return state_dict, contents


def _storages(state_dict: object) -> list[Storage]:
    values = state_dict.values() if isinstance(state_dict, dict) else ()
    return [value.storage for value in values if isinstance(value, Tensor)]


def _numbers(content: memoryview, storage: Storage, *, swapped: bool) -> np.ndarray:
    if len(content) % storage.dtype.itemsize:
        raise ValueError(f"the record data/{storage.key} has {len(content)} bytes, not a whole number of elements")
    if not swapped:
        return np.frombuffer(content, storage.dtype)
    digits = np.frombuffer(content, np.uint8).reshape(-1, storage.dtype.itemsize)
    return np.ascontiguousarray(digits[:, ::-1]).view(storage.dtype).reshape(-1)
