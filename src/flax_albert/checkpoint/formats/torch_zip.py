"""Writes torch's zip format, without torch: a pickle that describes the tensors, and a record of numbers for each."""

from __future__ import annotations

import math
import pickletools
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from flax_albert.checkpoint.formats.dtypes import TORCH_STORAGES

_ALIGNMENT = 64  # torch's own: it lets the records be mapped into memory as they are
_LOCAL_HEADER = 30
_PADDING_FIELD = b"FB"
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # equal weights give equal files
_STORAGES = {dtype: name for name, dtype in TORCH_STORAGES.items()}


def write(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes a file that ``torch.load(path, weights_only=True)`` reads as a state dict.

    Args:
        path: The file.
        arrays: The arrays by name.

    Raises:
        OSError: The file cannot be written.
        ValueError: torch has no such type of numbers.
    """
    root = path.stem
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, f"{root}/data.pkl", _pickle(arrays))
        _add(archive, f"{root}/byteorder", b"little")
        for number, array in enumerate(arrays.values()):
            little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
            _add(archive, f"{root}/data/{number}", little.reshape(-1).view(np.uint8).data)
        _add(archive, f"{root}/version", b"3\n")


def _add(archive: zipfile.ZipFile, name: str, content: bytes | memoryview) -> None:
    """A record whose content begins at a multiple of the alignment."""
    entry = zipfile.ZipInfo(name, _EARLIEST)
    start = archive.start_dir + _LOCAL_HEADER + len(name.encode()) + 4
    padding = -start % _ALIGNMENT
    entry.extra = _PADDING_FIELD + padding.to_bytes(2, "little") + b"Z" * padding
    archive.writestr(entry, content)


def _pickle(arrays: Mapping[str, np.ndarray]) -> bytes:
    """An ordered dictionary of tensors, each made of a run of numbers that the archive keeps under its number."""
    program = [_op("PROTO"), b"\x02", _EMPTY_ORDERED_DICT, _op("MARK")]
    for number, (name, array) in enumerate(arrays.items()):
        storage = _STORAGES.get(array.dtype.newbyteorder("="))
        if storage is None:
            raise ValueError(f"{name[:80]!r} has the dtype {array.dtype}, which torch does not have.")
        strides = [math.prod(array.shape[axis + 1 :]) for axis in range(array.ndim)]
        program += [
            _text(name),
            _name("torch._utils", "_rebuild_tensor_v2"),
            _op("MARK"),
            _op("MARK"),
            _text("storage"),
            _name("torch", storage),
            _text(str(number)),
            _text("cpu"),
            _number(array.size),
            _op("TUPLE"),
            _op("BINPERSID"),
            _number(0),
            _numbers(array.shape),
            _numbers(strides),
            _op("NEWFALSE"),
            _EMPTY_ORDERED_DICT,
            _op("TUPLE"),
            _op("REDUCE"),
        ]
    return b"".join([*program, _op("SETITEMS"), _op("STOP")])


def _op(name: str) -> bytes:
    return _OPCODES[name]


def _name(module: str, name: str) -> bytes:
    return _op("GLOBAL") + f"{module}\n{name}\n".encode()


def _text(text: str) -> bytes:
    encoded = text.encode()
    return _op("BINUNICODE") + len(encoded).to_bytes(4, "little") + encoded


def _number(value: int) -> bytes:
    encoded = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return _op("LONG1") + bytes([len(encoded)]) + encoded


def _numbers(values: Sequence[int]) -> bytes:
    return _op("MARK") + b"".join(map(_number, values)) + _op("TUPLE")


_OPCODES = {opcode.name: opcode.code.encode("latin-1") for opcode in pickletools.opcodes}
_EMPTY_ORDERED_DICT = _name("collections", "OrderedDict") + _op("EMPTY_TUPLE") + _op("REDUCE")
