"""``flax-albert embed``: vectors printed, written and compared."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest

from flax_albert import FlaxAlbertModel, pipeline
from flax_albert.cli import main
from tests.cli.tasks import models

TEXTS = ["the cat sat", "a dog on the mat", "man"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return models.save(FlaxAlbertModel, tmp_path_factory.mktemp("models") / "encoder")


def test_json_gives_the_numbers_back(encoder: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, options in (
        ([], {}),
        (["--pooling", "cls,max", "--normalize"], {"pooling": ["cls", "max"], "normalize": True}),
        (["--truncate-dim", "3", "--prompt", "the "], {"truncate_dim": 3, "prompt": "the "}),
    ):
        assert main(["embed", "--json", "--model", encoder, *arguments, *TEXTS]) == 0
        found = [json.loads(line)["embedding"] for line in capsys.readouterr().out.splitlines()]
        expected = np.stack(list(pipeline("sentence-embedding", encoder).iterate(TEXTS, **options)))
        np.testing.assert_array_equal(np.asarray(found, np.float32), expected)


@pytest.mark.parametrize("name", ["vectors.npy", "vectors.parquet"])
def test_files(name: str, encoder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, output = tmp_path / "texts.txt", tmp_path / name
    source.write_text("\n".join(TEXTS) + "\nx\xff\n", encoding="latin-1")
    arguments = ["--model", encoder, "--input", str(source), "--output", str(output), "--on-error", "record"]
    assert main(["embed", *arguments]) == 0
    assert capsys.readouterr().out == f"{output}: 4 rows; 1 of them with an error\n"
    if name == "vectors.npy":
        found = np.load(output, allow_pickle=False)
        assert np.isnan(found[3]).all()
    else:
        found = pyarrow.parquet.read_table(output)["embedding"].to_pylist()
        assert found[3] is None
    expected = pipeline("sentence-embedding", encoder)(TEXTS)
    np.testing.assert_array_equal(np.asarray(list(found[:3]), np.float32), expected)


def test_similarity(encoder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["embed", "--model", encoder, "--similarity", *TEXTS]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    task = pipeline("sentence-embedding", encoder)
    vectors = task(TEXTS)
    for row, expected in zip(rows[1:], task.similarity(vectors, vectors), strict=True):
        assert row[1:4] == [f"{value:.3f}" for value in expected]
    assert main(["embed", "--model", encoder, "--similarity", "--json", *TEXTS]) == 2
    assert "--similarity prints a table" in capsys.readouterr().err
