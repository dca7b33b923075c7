"""English text that is always there, and always the same: the project's licence."""

from pathlib import Path

import pytest

LICENSE = Path(__file__).parents[3] / "LICENSE"


@pytest.fixture(scope="session")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its words, with a blank line between its paragraphs."""
    path = tmp_path_factory.mktemp("text") / "licence.txt"
    paragraphs = [" ".join(part.split()) for part in LICENSE.read_text().split("\n\n")]
    path.write_text("\n\n".join(part for part in paragraphs if any(map(str.isalpha, part))))
    return path
