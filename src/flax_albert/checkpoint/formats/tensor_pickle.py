"""A pickle reader that can make dictionaries, lists, tuples, strings, numbers and descriptions of torch tensors.

There is no ``pickle`` module underneath and nothing that could call a function named by the file: the instructions
that torch's pickles are made of are interpreted here, and a name outside the short table below is an error. An
instruction costs memory in proportion to its own length, so a file cannot ask for more than a small multiple of its
size.
"""

from __future__ import annotations

import pickletools
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from flax_albert.checkpoint.formats.dtypes import TORCH_STORAGES


@dataclass(frozen=True, slots=True)
class Storage:
    """A run of numbers kept elsewhere in the file.

    Attributes:
        key: The name under which the file keeps it.
        dtype: The type of its numbers.
        elements: How many there are.
        start: The first of them within the run kept under ``key``; not zero only for views in old files.
    """

    key: str
    dtype: np.dtype
    elements: int
    start: int = 0


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor as the file describes it, nothing of which has been checked: see ``torch_bin``.

    Attributes:
        storage: The numbers.
        offset: The index of the first element in the storage.
        shape: The number of elements along each dimension.
        strides: The distance in the storage between neighbours along each dimension, in elements.
    """

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def load(data: memoryview, position: int = 0) -> tuple[Any, int]:
    """Reads one pickle.

    Args:
        data: Bytes that hold a pickle.
        position: Where it begins.

    Returns:
        The object and the position behind it.

    Raises:
        ValueError: The pickle is damaged, or names anything that is not part of a tensor.
    """
    machine = _Machine(data, position)
    try:
        return machine.run(), machine.position
    except (IndexError, KeyError, TypeError, struct.error):
        # Each of these means an instruction without the operands or the stack that a whole pickle would give it. None
        # is chained: an object of the file, whose text may be without end, must never be part of a traceback.
        raise ValueError(f"the pickle in it breaks off or is damaged near byte {machine.position}") from None


def _tensor(storage: object, offset: object, shape: object, strides: object, *_hooks: object) -> Tensor:
    if not (isinstance(storage, Storage) and type(offset) is int and _are_ints(shape) and _are_ints(strides)):
        raise ValueError("a tensor in it is described wrongly")
    return Tensor(storage, offset, shape, strides)  # type: ignore[arg-type]


def _parameter(data: object, *_hooks: object) -> object:
    if not isinstance(data, Tensor):
        raise ValueError("a parameter in it is not made of a tensor")
    return data


def _ordered_dict() -> dict[str, object]:
    return {}


def _are_ints(values: object) -> bool:
    return isinstance(values, tuple) and all(type(value) is int for value in values)


# Everything that a pickle may name. Only the functions of this table are ever called.
_FUNCTIONS: dict[str, Callable[..., object]] = {
    "collections.OrderedDict": _ordered_dict,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
}
_DTYPES = {f"torch.{name}": dtype for name, dtype in TORCH_STORAGES.items()}
_GLOBALS: dict[str, object] = {**_FUNCTIONS, **_DTYPES}
_MAX_NAME_LENGTH = 256


class _Machine:
    """The stack machine that a pickle is a programme for."""

    def __init__(self, data: memoryview, position: int) -> None:
        self.data = data
        self.position = position
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, object] = {}

    def run(self) -> object:
        while True:
            opcode = self.take(1)[0]
            if opcode == _STOP:
                return self.stack.pop()
            instruction = _INSTRUCTIONS.get(opcode)
            if instruction is None:
                raise ValueError(f"the pickle in it uses the instruction {opcode:#04x}, which weights have no need of")
            instruction(self)

    def take(self, length: int) -> memoryview:
        if length > len(self.data) - self.position:
            raise IndexError(length)
        taken = self.data[self.position : self.position + length]
        self.position += length
        return taken

    def number(self, layout: str) -> Any:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def text(self, length: int) -> str:
        return str(self.take(length), "utf-8")

    def line(self) -> str:
        start = self.position
        end = bytes(self.data[start : start + _MAX_NAME_LENGTH]).index(b"\n")
        line = self.text(end)
        self.position += 1
        return line

    def push(self, value: object) -> None:
        self.stack.append(value)

    def pop_to_mark(self) -> list[Any]:
        mark = self.marks.pop()
        if mark > len(self.stack):
            raise IndexError(mark)
        items = self.stack[mark:]
        del self.stack[mark:]
        return items

    def pop_tuple(self, length: int) -> None:
        if length > len(self.stack):
            raise IndexError(length)
        items = tuple(self.stack[len(self.stack) - length :])
        del self.stack[len(self.stack) - length :]
        self.push(items)

    def look_up(self, module: object, name: object) -> None:
        if not (isinstance(module, str) and isinstance(name, str)):
            raise ValueError("the pickle in it names something by what is not a name")
        full_name = f"{module}.{name}"
        if full_name not in _GLOBALS:
            raise ValueError(f"the pickle in it names {full_name[:_MAX_NAME_LENGTH]!r}, which is not part of a tensor")
        self.push(_GLOBALS[full_name])

    def call(self) -> None:
        arguments, function = self.stack.pop(), self.stack.pop()
        if not isinstance(arguments, tuple) or not any(function is known for known in _FUNCTIONS.values()):
            raise ValueError("the pickle in it calls something that does not make a tensor")
        self.push(function(*arguments))

    def build(self) -> None:
        # State beside a dictionary's items is torch's `_metadata`, which weights do not need.
        self.stack.pop()
        if not isinstance(self.stack[-1], dict):
            raise ValueError("the pickle in it sets the attributes of an object")

    def set_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        keys = items[::2]
        if type(target) is not dict or len(items) % 2 or not all(type(key) is str for key in keys):
            raise ValueError("the pickle in it holds a mapping that is not from names")
        target.update(zip(keys, items[1::2], strict=True))

    def extend(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is not list:
            raise ValueError("the pickle in it appends to something that is not a list")
        target.extend(items)

    def load_storage(self) -> None:
        match self.stack.pop():
            case ("storage", np.dtype() as dtype, str(key), str(), int(elements)):
                self.push(Storage(key, dtype, elements))
            case ("storage", np.dtype() as dtype, str(key), str(), int(elements), None):
                self.push(Storage(key, dtype, elements))
            case ("storage", np.dtype() as dtype, str(key), str(), int(), (str(), int(start), int(elements))):
                self.push(Storage(key, dtype, elements, start))
            case _:
                raise ValueError("the pickle in it refers to something outside that is not a storage of numbers")


def _opcode(name: str) -> int:
    return next(ord(opcode.code) for opcode in pickletools.opcodes if opcode.name == name)


_STOP = _opcode("STOP")
_INSTRUCTIONS: dict[int, Callable[[_Machine], object]] = {
    _opcode(name): instruction
    for name, instruction in {
        # the frame of the pickle
        "PROTO": lambda m: m.take(1),
        "FRAME": lambda m: m.take(8),
        "MARK": lambda m: m.marks.append(len(m.stack)),
        # the memo
        "BINPUT": lambda m: m.memo.__setitem__(m.number("<B"), m.stack[-1]),
        "LONG_BINPUT": lambda m: m.memo.__setitem__(m.number("<I"), m.stack[-1]),
        "MEMOIZE": lambda m: m.memo.__setitem__(len(m.memo), m.stack[-1]),
        "BINGET": lambda m: m.push(m.memo[m.number("<B")]),
        "LONG_BINGET": lambda m: m.push(m.memo[m.number("<I")]),
        # values
        "NONE": lambda m: m.push(None),
        "NEWTRUE": lambda m: m.push(True),
        "NEWFALSE": lambda m: m.push(False),
        "BININT": lambda m: m.push(m.number("<i")),
        "BININT1": lambda m: m.push(m.number("<B")),
        "BININT2": lambda m: m.push(m.number("<H")),
        "LONG1": lambda m: m.push(int.from_bytes(m.take(m.number("<B")), "little", signed=True)),
        "BINFLOAT": lambda m: m.push(m.number(">d")),
        "BINUNICODE": lambda m: m.push(m.text(m.number("<I"))),
        "SHORT_BINUNICODE": lambda m: m.push(m.text(m.number("<B"))),
        "BINSTRING": lambda m: m.push(m.text(m.number("<I"))),
        "SHORT_BINSTRING": lambda m: m.push(m.text(m.number("<B"))),
        # collections
        "EMPTY_DICT": lambda m: m.push({}),
        "EMPTY_LIST": lambda m: m.push([]),
        "EMPTY_TUPLE": lambda m: m.push(()),
        "TUPLE": lambda m: m.push(tuple(m.pop_to_mark())),
        "TUPLE1": lambda m: m.pop_tuple(1),
        "TUPLE2": lambda m: m.pop_tuple(2),
        "TUPLE3": lambda m: m.pop_tuple(3),
        "APPEND": lambda m: m.extend([m.stack.pop()]),
        "APPENDS": lambda m: m.extend(m.pop_to_mark()),
        "SETITEM": lambda m: m.set_items([m.stack.pop(-2), m.stack.pop()]),
        "SETITEMS": lambda m: m.set_items(m.pop_to_mark()),
        # names, calls and storages: the places where the tables above decide
        "GLOBAL": lambda m: m.look_up(m.line(), m.line()),
        "STACK_GLOBAL": lambda m: m.look_up(m.stack.pop(-2), m.stack.pop()),
        "REDUCE": lambda m: m.call(),
        "BUILD": lambda m: m.build(),
        "BINPERSID": lambda m: m.load_storage(),
    }.items()
}
