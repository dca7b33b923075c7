"""The small tokenizer: its directory, and one tokenizer read from it."""

from pathlib import Path

import pytest

from flax_albert.tokenization import AlbertTokenizerFast
from tests.reference.tokenization.jobs import TINY


@pytest.fixture
def tiny() -> Path:
    """A directory with spiece.model, and with the tokenizer.json and the two other files that 4.37 wrote for it."""
    return TINY


@pytest.fixture
def tokenizer() -> AlbertTokenizerFast:
    """The small tokenizer, built from spiece.model."""
    return AlbertTokenizerFast(TINY / "spiece.model")


@pytest.fixture
def copied(tiny: Path, tmp_path: Path) -> Path:
    """A directory of one's own with the same files."""
    for path in tiny.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path
