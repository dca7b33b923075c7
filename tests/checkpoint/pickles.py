"""An assembler of pickles and torch files, for what no honest writer produces."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PROTOCOL_2 = b"\x80\x02"
STOP = b"."


@dataclass(frozen=True)
class Raw:
    """Instructions as they are."""

    content: bytes


@dataclass(frozen=True)
class Global:
    """Something that a pickle imports."""

    module: str
    name: str


@dataclass(frozen=True)
class Call:
    """A call of something imported."""

    function: Any
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Persistent:
    """A reference to something outside the pickle."""

    identity: Any


def instructions(value: Any) -> bytes:
    """The instructions that make a value."""
    match value:
        case Raw(content):
            return content
        case Global(module, name):
            return b"c" + module.encode() + b"\n" + name.encode() + b"\n"
        case Call(function, arguments):
            return instructions(function) + instructions(arguments) + b"R"
        case Persistent(identity):
            return instructions(identity) + b"Q"
        case None:
            return b"N"
        case bool():
            return b"\x88" if value else b"\x89"
        case int():
            content = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
            return b"\x8a" + bytes([len(content)]) + content
        case str():
            return b"X" + struct.pack("<I", len(value.encode())) + value.encode()
        case tuple():
            return b"(" + b"".join(map(instructions, value)) + b"t"
        case list():
            return b"](" + b"".join(map(instructions, value)) + b"e"
        case dict():
            return b"}(" + b"".join(instructions(part) for item in value.items() for part in item) + b"u"
    raise TypeError(value)


def pickled(value: Any) -> bytes:
    """A whole pickle."""
    return PROTOCOL_2 + instructions(value) + STOP


def storage(key: Any = "0", elements: Any = 6, kind: str = "FloatStorage", view: Any = ()) -> Persistent:
    """A reference to a storage; the old format adds ``view``."""
    return Persistent(("storage", Global("torch", kind), key, "cpu", elements, *view))


def tensor(of: Any = None, offset: Any = 0, shape: Any = (2, 3), strides: Any = (3, 1)) -> Call:
    """A tensor."""
    arguments = (of or storage(), offset, shape, strides, False, Call(Global("collections", "OrderedDict"), ()))
    return Call(Global("torch._utils", "_rebuild_tensor_v2"), arguments)


def zip_file(
    state_dict: Any,
    storages: Mapping[str, bytes],
    *,
    records: Mapping[str, bytes] | None = None,
    compression: int = zipfile.ZIP_STORED,
) -> bytes:
    """A torch file in the zip format."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("archive/data.pkl", pickled(state_dict))
        for name, content in {**(records or {}), **{f"data/{key}": value for key, value in storages.items()}}.items():
            archive.writestr(f"archive/{name}", content)
    return file.getvalue()


def legacy_file(
    state_dict: Any,
    storages: Mapping[str, tuple[int, bytes]],
    *,
    keys: Any = None,
    before: Sequence[Any] = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}),
) -> bytes:
    """A torch file in the format before zip; a storage is its announced number of elements and its bytes."""
    head = b"".join(pickled(part) for part in [*before, state_dict, list(storages) if keys is None else keys])
    return head + b"".join(struct.pack("<q", count) + content for count, content in storages.values())
