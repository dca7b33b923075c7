"""Torch files that are hostile or make no sense, by name."""

import builtins
import os
import pickle
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.checkpoint.pickles import Call, Global, Persistent, Raw, legacy_file, pickled, storage, tensor, zip_file

NUMBERS = bytes(24)

Case = tuple[str, bytes]


def hostile(sentinel: Path) -> Iterator[Case]:
    """Pickles that would run code; each would leave the sentinel behind if it did."""
    command = f"touch {sentinel}"
    script = f"open({str(sentinel)!r}, 'w').close()"
    calls: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "os.system": (Global("os", "system"), (command,)),
        "posix.system": (Global("posix", "system"), (command,)),
        "nt.system": (Global("nt", "system"), (command,)),
        "builtins.eval": (Global("builtins", "eval"), (script,)),
        "builtins.exec": (Global("builtins", "exec"), (script,)),
        "__builtin__.eval": (Global("__builtin__", "eval"), (script,)),
        "builtins.open": (Global("builtins", "open"), (str(sentinel), "w")),
        "io.open": (Global("io", "open"), (str(sentinel), "w")),
        "builtins.__import__": (Global("builtins", "__import__"), ("antigravity",)),
        "builtins.getattr": (Global("builtins", "getattr"), (Global("os", "system"), "__call__")),
        "subprocess.Popen": (Global("subprocess", "Popen"), (["touch", str(sentinel)],)),
        "subprocess.check_output": (Global("subprocess", "check_output"), (["touch", str(sentinel)],)),
        "runpy.run_path": (Global("runpy", "run_path"), (str(sentinel),)),
        "operator.methodcaller": (Global("operator", "methodcaller"), ("system", command)),
        "importlib.import_module": (Global("importlib", "import_module"), ("os",)),
        "shutil.rmtree": (Global("shutil", "rmtree"), (str(sentinel.parent),)),
        "pickle.loads": (Global("pickle", "loads"), (command,)),
        "torch.load": (Global("torch", "load"), (command,)),
        "torch.hub.load": (Global("torch.hub", "load"), (command,)),
        "torch.serialization.os.system": (Global("torch.serialization", "os.system"), (command,)),
        "numpy.load": (Global("numpy", "load"), (command,)),
        "numpy reconstruct": (Global("numpy.core.multiarray", "_reconstruct"), (command,)),
        "codecs.encode": (Global("_codecs", "encode"), (command, "latin1")),
        "a method of an allowed name": (Global("collections", "OrderedDict.fromkeys"), (command,)),
        "an attribute of an allowed module": (Global("torch._utils", "_import_dotted_name"), ("os",)),
        "a dtype called": (Global("torch", "FloatStorage"), (command,)),
        "a string called": ("os.system", (command,)),
        "a tensor called": (tensor(), (command,)),
        "a call of a call": (Call(Global("builtins", "getattr"), (Global("os", "system"), "__call__")), (command,)),
        "an allowed call on a wrong argument": (
            Global("torch._utils", "_rebuild_parameter"),
            (Global("os", "system"),),
        ),
    }
    for name, (function, arguments) in calls.items():
        yield from both_formats(f"call {name}", {"a": Call(function, arguments)})
        yield from both_formats(f"call {name} for the whole", Call(function, arguments))
        nested = tensor(storage(key=Call(function, arguments)))
        yield from both_formats(f"call {name} within a tensor", {"a": nested})
    yield from both_formats("call through a stack global", Raw(b"\x8c\x02os\x8c\x06system\x93(X\x01\0\0\0xtR"))
    yield from both_formats("stack global of tuples", Raw(b")" + b"\x86" * 3 + b"\x93"))
    yield from both_formats("class instruction", Raw(b"(X\x01\0\0\0xios\nsystem\n"))
    yield from both_formats("object instruction", Raw(b"(cos\nsystem\nX\x01\0\0\0xo"))
    yield from both_formats("new object", Raw(b"csubprocess\nPopen\n)\x81"))
    yield from both_formats("new object with keywords", Raw(b"csubprocess\nPopen\n)}\x92"))
    yield from both_formats("new object of an allowed class", Raw(b"ccollections\nOrderedDict\n)\x81"))
    yield from both_formats("extension registry", Raw(b"\x82\x01"))
    yield from both_formats("persistent id as text", Raw(b"Pos.system\n"))
    yield from both_formats("persistent id of a module", Persistent(("module", Global("os", "system"), "", "")))
    yield from both_formats("state of a global", Raw(b"cos\nsystem\n}b"))
    yield from both_formats("state of an allowed function", Raw(b"ctorch._utils\n_rebuild_tensor\n}b"))
    yield from both_formats("state of a tensor", Raw(pickled(tensor())[2:-1] + b"}b"))
    for function, arguments in ((os.system, (command,)), (builtins.eval, (script,)), (subprocess.run, (["true"],))):
        for protocol in range(6):
            content = pickle.dumps(_Reduced(function, arguments), protocol)
            yield f"genuine pickle of {function.__name__}, protocol {protocol}", content


class _Reduced:
    def __init__(self, function: Callable[..., object], arguments: tuple[object, ...]) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


def doubled(times: int) -> bytes:
    """Instructions for a tuple that holds the one before it twice, and so on: small in memory, endless as text."""
    return b")" + b"q\x00h\x00\x86" * times


def both_formats(name: str, state_dict: Any) -> Iterator[Case]:
    """The state dict in a sound file of each format."""
    yield f"{name}, zip", zip_file(state_dict, {"0": NUMBERS})
    yield f"{name}, legacy", legacy_file(state_dict, {"0": (6, NUMBERS)}, keys=["0"])


def nonsense() -> Iterator[Case]:
    """Descriptions of tensors that no file can fulfil, and pickles that lead nowhere."""
    tensors: dict[str, Any] = {
        "absurd shape": tensor(shape=(2**40, 2**40), strides=(2**40, 1)),
        "absurd shape without strides": tensor(shape=(2**62,), strides=(0,)),
        "overflowing shape": tensor(shape=(2**33, 2**33, 2**33), strides=(0, 0, 0)),
        "shape of long numbers": tensor(shape=(2**2000,) * 8, strides=(1,) * 8),
        "shape of long numbers and a zero": tensor(shape=(0, *(2**2000,) * 7), strides=(1,) * 8),
        "negative size": tensor(shape=(-2, 3)),
        "negative stride": tensor(strides=(-3, 1)),
        "negative offset": tensor(offset=-1),
        "offset behind the end": tensor(offset=1),
        "huge offset": tensor(offset=2**63),
        "stride behind the end": tensor(strides=(4, 1)),
        "huge stride": tensor(strides=(2**62, 1)),
        "expanded": tensor(shape=(7,), strides=(0,)),
        "expanded without end": tensor(shape=(10**9, 10**9), strides=(0, 0)),
        "fewer strides than sizes": tensor(strides=(1,)),
        "too many dimensions": tensor(shape=(1,) * 70, strides=(1,) * 70),
        "float size": tensor(shape=(Raw(b"G" + bytes(8)), 3)),
        "bool size": tensor(shape=(True, 3)),
        "text size": tensor(shape=("2", 3)),
        "shape as a list": tensor(shape=[2, 3]),
        "no shape": tensor(shape=None),
        "no storage": tensor(of="storage"),
        "missing storage": tensor(storage(key="1")),
        "storage outside the archive": tensor(storage(key="../../0")),
        "storage of unknown numbers": tensor(storage(kind="ComplexFloatStorage")),
        "storage named by a number": tensor(storage(key=0)),
        "storage of negative size": tensor(storage(elements=-6)),
        "storage larger than the file": tensor(storage(elements=2**40), shape=(2**40,), strides=(1,)),
        "storage of text size": tensor(storage(elements="6")),
        "storage without location": tensor(Persistent(("storage", Global("torch", "FloatStorage"), "0"))),
        "storage read as other numbers": tensor(storage(kind="DoubleStorage")),
        "view of a storage behind its end": tensor(storage(view=(("0", 5, 6),))),
        "view of a storage before its start": tensor(storage(view=(("0", -1, 6),))),
        "too few arguments": Call(Global("torch._utils", "_rebuild_tensor_v2"), ()),
        "parameter of a string": Call(Global("torch._utils", "_rebuild_parameter"), ("a", True, None)),
        "number": 7,
        "text": "weights",
        "nothing": None,
        "list": [1, 2],
        "nested state dict": {"b": tensor()},
        "bare storage": storage(),
        "function": Global("torch._utils", "_rebuild_tensor_v2"),
        "dtype": Global("torch", "FloatStorage"),
    }
    for name, value in tensors.items():
        yield from both_formats(name, {"a": value})
    wholes: dict[str, Any] = {
        "a tensor alone": tensor(),
        "a list of tensors": [tensor()],
        "a number alone": 1,
        "names that are numbers": {1: tensor()},
        "names that are tuples": Raw(b"})Ns"),
        "names that grow without end": Raw(b"})" + b"2\x86" * 200 + b"Ns"),
        "memo growing without end": Raw(b"}" + b")" + b"q\x00h\x00\x86q\x00" * 200 + b"Ns"),
        "appended to a tuple without end": Raw(doubled(20) + b"Na"),
        "extended a tuple without end": Raw(doubled(20) + b"(NNe"),
        "name that is a tuple without end": Raw(doubled(20) + b"X\x01\0\0\0a\x93"),
        "module that is a tuple without end": Raw(b"X\x01\0\0\0a" + doubled(20) + b"\x93"),
        "arguments without end": Raw(b"ctorch._utils\n_rebuild_tensor\n" + doubled(20) + b"R"),
        "argument without end": Raw(b"ccollections\nOrderedDict\n" + doubled(20) + b"\x85R"),
        "call of a tuple without end": Raw(doubled(20) + b")R"),
        "reference without end": Raw(doubled(20) + b"Q"),
        "state of a tuple without end": Raw(doubled(20) + b"Nb"),
        "items of a tuple without end": Raw(doubled(20) + b"(X\x01\0\0\0aNu"),
        "value without end": Raw(b"}X\x01\0\0\0a" + doubled(20) + b"s"),
        "state dict without end": Raw(doubled(20)),
        "memo far away": Raw(b"}r\xff\xff\xff\xff0"),
        "memo never filled": Raw(b"h\x05"),
        "stack underflow": Raw(b"\x86"),
        "mark underflow": Raw(b"u"),
        "no mark": Raw(b"}}u"),
        "mark above the stack": Raw(b"}(0000t"),
        "odd items": Raw(b"}(X\x01\0\0\0au"),
        "items of a list": Raw(b"](X\x01\0\0\0aNu"),
        "appended to a dict": Raw(b"}Na"),
        "unknown instruction": Raw(b"\xff"),
        "text longer than the file": Raw(b"X\xff\xff\xff\xffab"),
        "bytes longer than the file": Raw(b"\x8e" + b"\xff" * 8),
        "text that is not UTF-8": Raw(b"X\x01\0\0\0\xff"),
        "name without end": Raw(b"c" + b"a" * 10_000),
        "name that is not UTF-8": Raw(b"c\xff\n\xff\n"),
        "number longer than the file": Raw(b"\x8a\xff\x01"),
        "large integer": Raw(b"\x8b\xff\xff\xff\x7f"),
        "frame of any size, then nothing": Raw(b"\x95" + b"\xff" * 8),
    }
    for name, value in wholes.items():
        yield from both_formats(name, value)


def archives() -> Iterator[Case]:
    """Zip archives that torch never wrote, and old files whose parts do not fit together."""
    sound = {"a": tensor()}
    yield "deflate bomb", zip_file(sound, {"0": bytes(2**24)}, compression=zipfile.ZIP_DEFLATED)
    yield "bzip2", zip_file(sound, {"0": NUMBERS}, compression=zipfile.ZIP_BZIP2)
    yield "lzma", zip_file(sound, {"0": NUMBERS}, compression=zipfile.ZIP_LZMA)
    yield "no records", zip_file(sound, {})
    yield "TorchScript", zip_file(sound, {"0": NUMBERS}, records={"constants.pkl": b"", "code/a.py": b""})
    yield "unknown byte order", zip_file(sound, {"0": NUMBERS}, records={"byteorder": b"middle"})
    yield "half an element", zip_file(sound, {"0": NUMBERS + b"\0"})
    yield "record too short", zip_file(sound, {"0": NUMBERS[:-4]})
    yield "empty record", zip_file(sound, {"0": b""})
    plain = zip_file(sound, {"0": NUMBERS})
    yield "no pickle", plain.replace(b"data.pkl", b"data.pkx")
    directory = plain.index(b"PK\x01\x02")
    for name, offset, content in (
        ("encrypted", 8, b"\x01\x00"),
        ("compressed by an unknown method", 10, b"\x63\x00"),
        ("version of the future", 6, b"\xff\x00"),
        ("size beyond the file", 24, b"\xff\xff\xff\x7f"),
        ("both sizes beyond the file", 20, b"\xff\xff\xff\x7f" * 2),
        ("zip64 sizes without zip64", 20, b"\xff\xff\xff\xff" * 2),
        ("offset beyond the file", 42, b"\xff\xff\xff\x7f"),
        ("offset in another record", 42, b"\x05\x00\x00\x00"),
        ("name longer than the directory", 28, b"\xff\xff"),
        ("comment longer than the directory", 32, b"\xff\xff"),
        ("disk number", 34, b"\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
    ):
        start = directory + offset
        yield f"zip entry: {name}", plain[:start] + content + plain[start + len(content) :]
    end = plain.index(b"PK\x05\x06")
    for name, offset, content in (
        ("directory beyond the file", 16, b"\xff\xff\xff\x7f"),
        ("directory larger than the file", 12, b"\xff\xff\xff\x7f"),
        ("zip64 directory without zip64", 12, b"\xff\xff\xff\xff" * 2),
        ("directory of nothing", 12, bytes(8)),
        ("comment longer than the file", 20, b"\xff\xff"),
    ):
        start = end + offset
        yield f"zip end: {name}", plain[:start] + content + plain[start + len(content) :]

    magic, protocol, platform = 0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}
    storages = {"0": (6, NUMBERS)}
    yield "legacy: another magic number", legacy_file(sound, storages, before=(magic + 1, protocol, platform))
    yield "legacy: magic text", legacy_file(sound, storages, before=("magic", protocol, platform))
    yield "legacy: another protocol", legacy_file(sound, storages, before=(magic, 1002, platform))
    yield "legacy: no platform", legacy_file(sound, storages, before=(magic, protocol))
    yield "legacy: no list of storages", legacy_file(sound, storages, keys={"0": None})
    yield "legacy: empty list of storages", legacy_file(sound, storages, keys=[])
    yield "legacy: unknown storage", legacy_file(sound, storages, keys=["1"])
    yield "legacy: storages without a name", legacy_file(sound, storages, keys=[0])
    for count in (-1, -(2**63), 5, 7, 2**40, 2**62):
        yield f"legacy: storage of {count} elements", legacy_file(sound, {"0": (count, NUMBERS)})
