"""Models for the commands."""

import pytest

from tests.cli.tasks import models


@pytest.fixture(scope="session")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A directory that ``--model`` takes."""
    return models.save_classifier(tmp_path_factory.mktemp("models") / "classifier")
