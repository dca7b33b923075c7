"""English text that is always there: the manual's."""

from pathlib import Path

import pytest

MANUAL = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="session")
def manual() -> list[Path]:
    """Its pages in English, as text files; their blank lines stand between paragraphs."""
    return sorted(MANUAL.glob("*.md"))
