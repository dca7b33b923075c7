"""Real processes: killed at any moment and resumed, ended by a signal, out of disk, two that train together."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-W", "ignore", "-m", "tests.training.program", *map(str, arguments)]


def environment(compiled_programs: Path) -> dict[str, str]:
    return {
        **os.environ,
        "JAX_COMPILATION_CACHE_DIR": str(compiled_programs),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


@contextlib.contextmanager
def started(compiled_programs: Path, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command(*arguments),
        cwd=ROOT,
        env=environment(compiled_programs),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def completed(compiled_programs: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=ROOT, env=environment(compiled_programs), capture_output=True, text=True, timeout=300
    )


def parameters(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "params.npz") as file:
        return {name: file[name] for name in file.files if name != "reason"}


def wait_for_step(process: subprocess.Popen[str], step: int) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip().isdigit() and int(line) >= step:
            return
    raise EOFError(f"it ended before step {step}")


def wait_for_a_save(process: subprocess.Popen[str], folder: Path) -> bool:
    """Waits until a checkpoint is being written, and says whether one was."""
    checkpoints = folder / "training" / "checkpoints"
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            if any("tmp" in path.name and path.name[0] in "123456789" for path in checkpoints.iterdir()):
                return True
    return False


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, compiled_programs: Path) -> dict[str, np.ndarray]:
    folder = tmp_path_factory.mktemp("whole")
    done = completed(compiled_programs, folder)
    assert done.returncode == 0, done.stderr[-2000:]
    return parameters(folder)


def check_equal(folder: Path, uninterrupted: dict[str, np.ndarray]) -> None:
    resumed = parameters(folder)
    assert resumed.keys() == uninterrupted.keys()
    for name, value in uninterrupted.items():
        assert resumed[name].tobytes() == value.tobytes(), name


def test_killed_while_saving(tmp_path: Path, compiled_programs: Path, uninterrupted: dict[str, np.ndarray]) -> None:
    with started(compiled_programs, tmp_path) as process:
        wait_for_step(process, 20)
        assert wait_for_a_save(process, tmp_path)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    done = completed(compiled_programs, tmp_path, "--resume")
    assert done.returncode == 0, done.stderr[-2000:]
    assert 0 < int(done.stdout.split()[0]) <= 60
    check_equal(tmp_path, uninterrupted)


@pytest.mark.slow
def test_killed_again_and_again(tmp_path: Path, compiled_programs: Path, uninterrupted: dict[str, np.ndarray]) -> None:
    """SIGKILL after a random time, some of it while saving, until the run gets to its end."""
    draw = random.Random(7)
    kills = 0
    for attempt in range(100):
        with started(compiled_programs, tmp_path, "--pace", "0.05", *(["--resume"] if attempt else [])) as process:
            with contextlib.suppress(EOFError):  # it had no step left to do
                wait_for_step(process, 0)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(draw.uniform(0.2, 1.2))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
            else:
                assert process.returncode == 0
                break
    assert kills >= 3
    check_equal(tmp_path, uninterrupted)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_leave(
    tmp_path: Path, compiled_programs: Path, uninterrupted: dict[str, np.ndarray], number: signal.Signals
) -> None:
    with started(compiled_programs, tmp_path, "--pace", "0.02") as process:
        wait_for_step(process, 20)
        process.send_signal(number)
        assert process.wait(60) == 0
    with np.load(tmp_path / "params.npz") as file:
        assert str(file["reason"]) == number.name
    steps = [int(path.name) for path in (tmp_path / "training" / "checkpoints").iterdir()]
    assert 20 <= max(steps) < 60
    done = completed(compiled_programs, tmp_path, "--resume")
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[0]) == max(steps) + 1
    check_equal(tmp_path, uninterrupted)


@pytest.mark.slow
def test_a_full_disk_is_told_and_leaves_the_last_checkpoint(
    tmp_path: Path, compiled_programs: Path, uninterrupted: dict[str, np.ndarray]
) -> None:
    """A limit on the size of files stands for the disk: what is beyond it cannot be written."""
    with started(compiled_programs, tmp_path, "--pace", "0.05") as process:
        wait_for_step(process, 10)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (2000, 2000))
        _, told = process.communicate(timeout=120)
    assert process.returncode == 1
    (line,) = (line for line in told.splitlines() if line.startswith("flax_albert.training.errors.CheckpointError"))
    assert "the last complete one is that of step" in line
    done = completed(compiled_programs, tmp_path, "--resume")
    assert done.returncode == 0, done.stderr[-2000:]
    check_equal(tmp_path, uninterrupted)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.slow
@pytest.mark.parametrize("sharding", ["replicated", "sharded"])
def test_two_processes_are_as_one(
    tmp_path: Path, compiled_programs: Path, uninterrupted: dict[str, np.ndarray], sharding: str
) -> None:
    def together(*more: str) -> None:
        address = f"127.0.0.1:{free_port()}"
        both = [
            subprocess.Popen(
                command(
                    tmp_path, "--coordinator", address, "--processes", "2", "--process", str(process),
                    "--sharding", sharding, *more,
                ),
                cwd=ROOT,
                env=environment(compiled_programs),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for process in range(2)
        ]  # fmt: skip
        try:
            told = [process.communicate(timeout=240) for process in both]
        finally:
            for process in both:
                process.kill()
        for process, (_, errors) in zip(both, told, strict=True):
            assert process.returncode == 0, errors[-3000:]
        assert not any(line.isdigit() for line in told[1][0].split("\n"))  # one process speaks for both

    together()
    for name, value in parameters(tmp_path).items():
        np.testing.assert_allclose(value, uninterrupted[name], rtol=0, atol=1e-4, err_msg=name)
