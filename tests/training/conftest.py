"""What the tests of training share: they compile the same small programs again and again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jax
import pytest


@pytest.fixture(scope="session")
def compiled_programs(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Where processes of this run, and those that they start, keep what they compiled."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "compiled"


@pytest.fixture(scope="session", autouse=True)
def compiled_once(compiled_programs: Path) -> Iterator[None]:
    """Equal programs are compiled once."""
    settings = {
        "jax_compilation_cache_dir": str(compiled_programs),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: getattr(jax.config, name) for name in settings}
    for name, value in settings.items():
        jax.config.update(name, value)
    yield
    for name, value in before.items():
        jax.config.update(name, value)
