"""Every program of the manual runs, and prints what its page says.

A page is one namespace. A block fenced as ``python`` is run, as a doctest where it begins with ``>>>``, else as a
program. What is shown but cannot run here (programs for transformers) is fenced as ``{code-block} python``.
"""

import doctest
import re
import shutil
from pathlib import Path
from typing import Any

import jaxtyping
import pytest

from flax_albert import AlbertConfig, AutoTokenizer, FlaxAlbertForPreTraining

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*DOCS.glob("*.md"), *DOCS.glob("classes/*.md"), *DOCS.glob("tasks/*.md"), *ROOT.glob("README*.md")]
MIGRATION = (DOCS / "migration.md").read_text()
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def shapes_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the programs run as they do for a reader: the check of the tests knows no symbolic shapes."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.fixture(scope="session")
def working_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the programs expect to find: ``albert-base-v2``, of base size, its parameters random; one of Google's."""
    directory = tmp_path_factory.mktemp("manual")
    config = AlbertConfig.released("albert-base-v2")
    FlaxAlbertForPreTraining(config).save_pretrained(directory / "albert-base-v2")
    AutoTokenizer.from_pretrained("albert-mini-en").save_pretrained(directory / "albert-base-v2")
    shutil.copytree(ROOT / "tests" / "checkpoint" / "tensorflow" / "pretraining", directory / "google-checkpoint")
    return directory


@pytest.mark.parametrize(
    "page",
    sorted(page for page in PAGES if BLOCK.search(page.read_text())),
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_programs(page: Path, working_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(working_directory)
    text = page.read_text()
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in BLOCK.finditer(text):
        run(block[1], page, text.count("\n", 0, block.start(1)), namespace)


@pytest.mark.parametrize("program", re.findall(r"^```{code-block} python\n(.*?)^```$", MIGRATION, re.M | re.S))
def test_programs_for_transformers_run_once_their_imports_are_changed(
    program: str, working_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(working_directory)
    model = FlaxAlbertForPreTraining(AlbertConfig.released("albert-base-v2", num_hidden_layers=1))
    model.save_pretrained("pytorch-checkpoint", safe_serialization=True)
    changed = program.replace("from transformers import", "from flax_albert import")
    assert changed != program
    run(changed, DOCS / "migration.md", 0, {"__name__": "__main__"})


def test_a_translation_shows_the_same_programs() -> None:
    fenced = re.compile(r"^```.*?^```$", re.M | re.S)
    assert fenced.findall((DOCS / "zh" / "migration.md").read_text()) == fenced.findall(MIGRATION)


def run(program: str, page: Path, line: int, namespace: dict[str, Any]) -> None:
    if not program.startswith(">>>"):
        code = compile("\n" * line + program, page, "exec")
        exec(code, namespace)  # noqa: S102  (the manual's own programs)
        return
    test = doctest.DocTestParser().get_doctest(program, {}, page.stem, str(page), line)
    test.globs = namespace
    report: list[str] = []
    doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=report.append, clear_globs=False)
    assert not report, "".join(report)


def test_a_wrong_answer_is_found(tmp_path: Path) -> None:
    namespace: dict[str, Any] = {}
    run("three = 3\n", tmp_path, 0, namespace)
    run(">>> three\n3\n", tmp_path, 0, namespace)
    with pytest.raises(AssertionError, match=r"(?s)Expected:.*4.*Got:.*3"):
        run(">>> three\n4\n", tmp_path, 0, namespace)
