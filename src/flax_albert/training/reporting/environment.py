"""What a run is made with: versions, devices, the machine without its name."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shlex
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import jax

from flax_albert import __version__

_PACKAGES = ("jax", "jaxlib", "flax", "optax", "numpy", "tokenizers", "grain", "orbax-checkpoint")
_ABSOLUTE = re.compile(r"(?<![\w.~/])(?:[A-Za-z]:)?[/\\](?:[^/\\\s'\"=,:]+[/\\])*([^/\\\s'\"=,:]+)[/\\]?")


def environment(peak: float | None = None) -> dict[str, Any]:
    """Describes what this process runs on, without the names of the machine, of its user and of directories.

    Args:
        peak: Floating-point operations a second of all devices at their best, where they were measured.

    Returns:
        As far as it is known, and as JSON has it: ``versions`` of Python and of the packages that numbers depend on,
        ``devices`` by kind, ``processes``, ``cpu``, ``cores`` that this process may use, ``memory_bytes``, ``system``,
        ``xla_flags``, ``command`` and ``peak_flops_per_second``.

    Example:
        >>> from flax_albert.training.reporting.environment import environment
        >>> sorted(environment()["versions"])[:3]
        ['flax', 'flax-albert', 'grain']
    """
    kinds = Counter(f"{device.platform}: {device.device_kind}" for device in jax.devices())
    described = {
        "versions": {"python": platform.python_version(), "flax-albert": __version__, **_versions()},
        "devices": dict(kinds),
        "processes": jax.process_count(),
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "xla_flags": without_directories(os.environ.get("XLA_FLAGS", "")),
        "command": command([*_program(), *sys.argv[1:]]),
        "peak_flops_per_second": peak,
    }
    return {name: value for name, value in described.items() if value not in (None, "")}


def command(arguments: list[str]) -> str:
    """A command as it was typed, but for directories that only this machine has.

    Args:
        arguments: The program and its arguments.

    Returns:
        One line for a shell.

    Example:
        >>> from flax_albert.training.reporting.environment import command
        >>> command(["/home/me/bin/flax-albert", "finetune", "classify", "--train", "/home/me/sst2/train.tsv"])
        'flax-albert finetune classify --train train.tsv'
    """
    if not arguments:
        return ""
    shown = [
        Path(argument).name if Path(argument).is_absolute() else without_directories(argument) for argument in arguments
    ]
    return shlex.join(shown)


def without_directories(text: str) -> str:
    """A text with the last part of each absolute path in its place; relative paths stay.

    Args:
        text: Any text.

    Returns:
        The text.

    Example:
        >>> from flax_albert.training.reporting.environment import without_directories
        >>> without_directories("--input=/home/me/data/a.csv, data/b.csv and albert/albert-base-v2")
        '--input=a.csv, data/b.csv and albert/albert-base-v2'
    """
    return _ABSOLUTE.sub(r"\1", text)


def _program() -> list[str]:
    """What was run: a program, or a module of Python's."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    name = spec.name.removesuffix(".__main__") if spec else None
    return ["python", "-m", name] if name and Path(sys.argv[0]).suffix == ".py" else sys.argv[:1]


def _versions() -> dict[str, str]:
    """The packages that are here."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _cpu() -> str | None:
    """The processor's model, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), None)


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
