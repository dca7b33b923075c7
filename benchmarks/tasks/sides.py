"""The sides of the comparison, each a process that is told what to do and when."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

WORKER = Path(__file__).with_name("worker.py")


class SideError(RuntimeError):
    """A side failed, died or took too long; the others go on."""


@dataclass(frozen=True)
class Side:
    """One implementation at one precision.

    Attributes:
        name: What the table calls it.
        kind: What ``worker.py`` calls it.
        dtype: Its precision.
        group: What it is compared within: ``classification`` or ``embedding``.
        python: Interpreter of its environment.
    """

    name: str
    kind: str
    dtype: str
    group: str
    python: str

    @property
    def key(self) -> str:
        """Names the side in the JSON."""
        return f"{self.kind} {self.dtype}"


def sides(ours: str, flax: str | None, torch: str | None) -> list[Side]:
    """Every side whose environment there is, in the order of a round.

    Args:
        ours: Interpreter with flax_albert.
        flax: Interpreter with the Flax classes of transformers.
        torch: Interpreter with transformers, PyTorch and sentence-transformers.

    Returns:
        The sides; peers stand between ours, so that a drift of the machine meets all.
    """
    found: list[Side] = []
    for dtype in ("float32", "bfloat16"):
        found.append(Side("flax-albert pipeline", "ours-classification", dtype, "classification", ours))
        if flax:
            found.append(Side("transformers Flax class, jitted", "flax", dtype, "classification", flax))
        if torch:
            found.append(Side("transformers PyTorch pipeline", "torch", dtype, "classification", torch))
        found.append(Side("flax-albert pipeline", "ours-embedding", dtype, "embedding", ours))
        if torch:
            found.append(Side("sentence-transformers", "sentence-transformers", dtype, "embedding", torch))
    return found


class Process:
    """A side's process.

    Args:
        side: Which.
        folder: The material.
        log: Where its standard error goes.
        worker: The program that it runs.
    """

    def __init__(self, side: Side, folder: Path, log: IO[str], worker: Path = WORKER) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in ("XLA_FLAGS", "PYTHONPATH")}
        if side.kind.startswith("ours") and "PYTHONPATH" in os.environ:
            environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
        environment |= {"HF_HUB_OFFLINE": "1", "JAX_PLATFORMS": "cpu", "TRANSFORMERS_VERBOSITY": "error"}
        self.side = side
        self._process = subprocess.Popen(
            [side.python, worker, side.kind, side.dtype, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            text=True,
        )

    def ask(self, command: str, limit: float) -> dict[str, Any]:
        """Has it do something, and waits.

        Args:
            command: As ``worker.py`` knows it.
            limit: Seconds to wait at most.

        Returns:
            Its answer.

        Raises:
            SideError: It failed, died, or did not answer in time; then it is ended.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(command + "\n")
            stdin.flush()
            with selectors.DefaultSelector() as selector:
                selector.register(stdout, selectors.EVENT_READ)
                if not selector.select(limit):
                    raise SideError(f"gave no answer to {command} within {limit:.0f} s")
            line = stdout.readline()
        except (OSError, SideError) as error:
            self.close()
            raise error if isinstance(error, SideError) else SideError(f"died before {command}: {error}") from None
        if not line:
            self.close()
            raise SideError(f"died during {command}, exit status {self._process.returncode}")
        answer = json.loads(line)
        if "error" in answer:
            self.close()
            raise SideError(f"{command}: {answer['error']}")
        return answer

    def close(self) -> None:
        """Ends it, by force if it must be."""
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
