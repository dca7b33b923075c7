"""TensorFlow's checkpoints (``tf.train.Saver``), without TensorFlow: an index of tensors, and data files beside it.

The index, ``prefix.index``, is a sorted table of Protocol Buffers messages; the numbers lie bare in
``prefix.data-00000-of-00001`` and so on. A variable that was partitioned is stored in slices under keys of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flax_albert.checkpoint.errors import CheckpointError
from flax_albert.checkpoint.formats import sstable
from flax_albert.checkpoint.formats.crc32c import masked_crc32c
from flax_albert.checkpoint.formats.dtypes import TENSORFLOW
from flax_albert.checkpoint.formats.mapped import map_file
from flax_albert.protobuf import fields

SUFFIX = ".index"

_LARGEST_INDEX = 2**24  # bytes; the index of a real model takes some thousand
_MAX_DIMENSIONS = 8
_MOST_FILES = 100_000  # as many as five digits count
_OBJECT_GRAPH = b"_CHECKPOINTABLE_OBJECT_GRAPH"
_SLICE_KEY = b"\x00"

# Field numbers of tensor_bundle.proto, tensor_shape.proto and tensor_slice.proto.
_HEADER_FILES, _HEADER_ENDIANNESS = 1, 2
_DTYPE, _SHAPE, _FILE, _OFFSET, _SIZE, _CHECKSUM, _SLICE = 1, 2, 3, 4, 5, 6, 7
_SHAPE_DIMENSION, _DIMENSION_SIZE, _SLICE_EXTENT, _EXTENT_START, _EXTENT_LENGTH = 2, 1, 1, 1, 2

Extent = tuple[int, int]  # start and length along one dimension; the length -1 stands for all of it


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the index says of a tensor, nothing of which has been checked."""

    dtype: int
    shape: tuple[int, ...]
    file: int
    offset: int
    size: int
    checksum: int
    slices: tuple[tuple[Extent, ...], ...]


def read(path: Path) -> dict[str, np.ndarray]:
    """Reads a checkpoint.

    Args:
        path: Its index file, ``prefix.index``.

    Returns:
        Its variables by name, as read-only views into the data files where they lie there in one piece.

    Raises:
        OSError: The index cannot be opened, or the checkpoint is of a kind that is not read.
        ValueError: A file is damaged or missing, or the checkpoint holds something else than named arrays.
    """
    index = map_file(path)
    if len(index) > _LARGEST_INDEX:
        raise ValueError(f"it has {len(index)} bytes, far too many for an index of tensors")
    table = sstable.read(index)
    if _OBJECT_GRAPH in table:
        raise CheckpointError(
            f"{path} is a checkpoint of Python objects (tf.train.Checkpoint, TensorFlow 2), whose tensors have no "
            "names of variables. Save the model as tf_model.h5, or its variables with tf.compat.v1.train.Saver."
        )
    files = _DataFiles(path, _header(table.pop(b"", None)))
    entries = {key: _entry(value) for key, value in table.items()}
    arrays = {}
    for key, entry in entries.items():
        if key.startswith(_SLICE_KEY):
            continue
        name = str(key, "utf-8")
        if entry.slices:
            arrays[name] = _joined(key, entry, entries, files)
        else:
            arrays[name] = files.array(name, entry)
    return arrays


class _DataFiles:
    """The data files beside an index, opened as they are needed."""

    def __init__(self, index: Path, count: int) -> None:
        self._prefix = index.with_suffix("")
        self._count = count
        self._open: dict[int, memoryview] = {}
        self._taken: dict[int, int] = {}

    def array(self, name: str, entry: _Entry) -> np.ndarray:
        """The array that an entry describes, once the description is known to fit the file."""
        name = name[:80]
        dtype = TENSORFLOW.get(entry.dtype)
        if dtype is None:
            raise ValueError(f"{name!r} has the unsupported data type number {entry.dtype}")
        if entry.size != math.prod(entry.shape) * dtype.itemsize:
            raise ValueError(f"{name!r} has the shape {str(entry.shape)[:80]} and {entry.size} bytes, which do not fit")
        path, data = self._file(entry.file)
        # No two tensors share bytes, so together they are no larger than the file; without this a small index could
        # have a large file checked over and over.
        self._taken[entry.file] = self._taken.get(entry.file, 0) + entry.size
        if entry.offset + entry.size > len(data) or self._taken[entry.file] > len(data):
            raise ValueError(f"{name!r} ends behind the end of {path.name}, which has {len(data)} bytes")
        content = data[entry.offset : entry.offset + entry.size]
        if masked_crc32c(content) != entry.checksum:
            raise ValueError(f"{name!r} in {path.name} does not have the checksum that the index gives")
        return np.frombuffer(content, dtype).reshape(entry.shape)

    def _file(self, number: int) -> tuple[Path, memoryview]:
        if number >= self._count:
            raise ValueError(f"it names the data file {number} of {self._count}")
        path = self._prefix.with_name(f"{self._prefix.name}.data-{number:05d}-of-{self._count:05d}")
        if number not in self._open:
            try:
                self._open[number] = map_file(path)
            except FileNotFoundError:
                raise ValueError(f"{path.name}, which holds its numbers, is not beside it") from None
            except ValueError as error:
                raise ValueError(f"{path.name}: {error}") from None
        return path, self._open[number]


def _header(value: bytes | None) -> int:
    """The number of data files."""
    if value is None:
        raise ValueError("it lacks the header of a checkpoint")
    header = dict(fields(value))
    count = header.get(_HEADER_FILES, 0)
    if not isinstance(count, int) or not 0 < count < _MOST_FILES:
        raise ValueError("its header does not say how many data files there are")
    if header.get(_HEADER_ENDIANNESS, 0) != 0:
        raise ValueError("it was written on a big-endian machine, which is not supported")
    return count


def _entry(message: bytes) -> _Entry:
    numbers = dict.fromkeys((_DTYPE, _FILE, _OFFSET, _SIZE, _CHECKSUM), 0)
    shape: tuple[int, ...] = ()
    slices = []
    for number, value in fields(message):
        if number == _SHAPE:
            shape = _shape(_bytes(value))
        elif number == _SLICE:
            slices.append(_extents(_bytes(value)))
        elif number == _CHECKSUM:
            numbers[number] = int.from_bytes(_bytes(value), "little")
        elif number in numbers:
            numbers[number] = _integer(value)
    return _Entry(
        numbers[_DTYPE], shape, numbers[_FILE], numbers[_OFFSET], numbers[_SIZE], numbers[_CHECKSUM], tuple(slices)
    )


def _shape(message: bytes) -> tuple[int, ...]:
    sizes = []
    for number, value in fields(message):
        if number == _SHAPE_DIMENSION:
            dimension = dict(fields(_bytes(value)))
            sizes.append(_integer(dimension.get(_DIMENSION_SIZE, 0)))
    if len(sizes) > _MAX_DIMENSIONS:
        raise ValueError(f"a tensor in it has {len(sizes)} dimensions")
    return tuple(sizes)


def _extents(message: bytes) -> tuple[Extent, ...]:
    extents = []
    for number, value in fields(message):
        if number == _SLICE_EXTENT:
            extent = dict(fields(_bytes(value)))
            length = extent.get(_EXTENT_LENGTH)
            extents.append((_integer(extent.get(_EXTENT_START, 0)), -1 if length is None else _integer(length)))
    return tuple(extents)


def _joined(key: bytes, whole: _Entry, entries: dict[bytes, _Entry], files: _DataFiles) -> np.ndarray:
    """A partitioned variable, put together along the dimension that was cut."""
    name = str(key, "utf-8")
    pieces = []
    for extents in sorted(whole.slices):
        if len(extents) != len(whole.shape):
            raise ValueError(f"a slice of {name[:80]!r} has {len(extents)} dimensions")
        entry = entries.get(_slice_key(key, extents))
        shape = tuple(size if length < 0 else length for (_, length), size in zip(extents, whole.shape, strict=True))
        if entry is None or entry.slices or entry.shape != shape or entry.dtype != whole.dtype:
            raise ValueError(f"a slice of {name[:80]!r} is missing or of another shape")
        pieces.append((tuple(start for start, _ in extents), files.array(name, entry)))
    cut = {axis for starts, _ in pieces for axis, start in enumerate(starts) if start}
    axis = cut.pop() if cut else 0
    position = 0
    for starts, piece in pieces:
        rest = [size for dimension, size in enumerate(piece.shape) if dimension != axis]
        if cut or not piece.ndim or starts[axis] != position or rest != [*whole.shape[:axis], *whole.shape[axis + 1 :]]:
            raise ValueError(f"the slices of {name[:80]!r} do not lie side by side along one dimension")
        position += piece.shape[axis]
    if position != whole.shape[axis]:
        raise ValueError(f"the slices of {name[:80]!r} do not make up the whole")
    return np.concatenate([piece for _, piece in pieces], axis=axis)


def _slice_key(name: bytes, extents: tuple[Extent, ...]) -> bytes:
    """The key of a slice: a zero, the name, the number of dimensions, and the extents, in an encoding that sorts."""
    escaped = name.replace(b"\x00", b"\x00\xff")  # UTF-8 has no byte 0xff, the other one that would be escaped
    numbers = b"".join(_ordered(number) for extent in extents for number in extent)
    return _SLICE_KEY + escaped + b"\x00\x01" + bytes([1, len(extents)]) + numbers


def _ordered(number: int) -> bytes:
    """A number in the encoding of slice keys: the count of leading ones says how many bytes follow, then a zero."""
    if number < 0:
        return b"\x7f"  # the only negative number there is, -1
    length = number.bit_length() // 7 + 1
    header = (1 << length) - 1 << 7 * length
    return (header | number).to_bytes(length, "big") if length <= 8 else b""


def _integer(value: int | bytes) -> int:
    if not isinstance(value, int) or value >= 2**63:
        raise ValueError("a message in it holds something else than the number that belongs there")
    return value


def _bytes(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("a message in it holds a number where another message belongs")
    return value
