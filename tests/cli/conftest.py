"""A model for the commands."""

from pathlib import Path

import pytest

from tests.tasks import tiny


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A directory that ``--model`` takes."""
    directory: Path = tiny.save(tmp_path_factory.mktemp("models") / "tiny")
    return str(directory)
