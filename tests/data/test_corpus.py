"""A corpus in memory and in files, and every way in which files can be wrong."""

import hashlib
import io
import itertools
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flax_albert import AutoTokenizer
from flax_albert.data.corpus import Corpus
from flax_albert.data.errors import DataError
from flax_albert.data.preparing.options import PrepareOptions
from flax_albert.data.preparing.prepare import prepare
from flax_albert.data.vocabulary import Vocabulary

DOCUMENTS = ["The first. It has two.", "The second document.", "A third. Of three. Sentences.", "The end of it."]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.of(AutoTokenizer.from_pretrained("albert-mini-en"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("\n\n".join(DOCUMENTS))
    options = PrepareOptions(held_out=0, shard_pieces=10)
    return prepare([tmp_path / "a.txt"], "albert-mini-en", tmp_path / "corpus", options, processes=1).folder


def rows(corpus: Corpus) -> list[list[int]]:
    edges = itertools.pairwise(corpus.sentences)
    return [corpus.pieces(start, end).tolist() for start, end in edges]


def test_in_memory(vocabulary: Vocabulary) -> None:
    corpus = Corpus.of([[[7, 8], [9]], [[10, 11]], [[9, 9, 9], [7]]], vocabulary)
    assert corpus.documents.tolist() == [0, 3, 5, 9]
    assert corpus.sentences.tolist() == [0, 2, 3, 5, 8, 9]
    assert (corpus.documents.dtype, corpus.sentences.dtype) == (np.int64, np.int64)
    assert rows(corpus) == [[7, 8], [9], [10, 11], [9, 9, 9], [7]]
    assert corpus.counts()[[7, 8, 9, 10, 11]].tolist() == [2, 1, 4, 1, 1]
    assert corpus.counts().sum() == len(corpus) == 9
    assert rows(pickle.loads(pickle.dumps(corpus))) == rows(corpus)


def test_in_files(folder: Path, vocabulary: Vocabulary) -> None:
    corpus = Corpus.open(folder)
    assert len(list(folder.glob("*.pieces.npy"))) > 1
    tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
    sentences = [f"{part.strip()}." for text in DOCUMENTS for part in text.rstrip(".").split(".")]
    expected = [tokenizer(sentence, add_special_tokens=False)["input_ids"] for sentence in sentences]
    assert rows(corpus) == expected
    assert len(corpus.documents) == 5
    assert corpus.pieces(0, 3).dtype == np.int32
    assert set(corpus.documents) <= set(corpus.sentences)
    assert corpus.counts().tolist() == np.bincount(np.concatenate(expected), minlength=8000).tolist()
    assert corpus.vocabulary.fingerprint == vocabulary.fingerprint


def test_another_process_is_sent_a_name_and_no_pieces(folder: Path) -> None:
    corpus = Corpus.open(folder)
    sent = pickle.dumps(corpus)
    assert len(sent) < 500
    assert rows(pickle.loads(sent)) == rows(corpus)


def piece_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.pieces.npy"))


def missing(folder: Path) -> str:
    piece_files(folder)[1].unlink()
    return r"train-00001\.pieces\.npy is missing"


def cut_short(folder: Path) -> str:
    path = piece_files(folder)[0]
    path.write_bytes(path.read_bytes()[:-1])
    return r"train-00000\.pieces\.npy has \d+ bytes instead of \d+"


def altered(folder: Path) -> str:
    path = piece_files(folder)[0]
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    return r"train-00000\.pieces\.npy has been altered"


def no_manifest(folder: Path) -> str:
    (folder / "corpus.json").unlink()
    return r"holds no corpus\.json; make a corpus with"


def changed(folder: Path, change: Callable[[Any], object]) -> None:
    manifest = json.loads((folder / "corpus.json").read_text())
    change(manifest)
    (folder / "corpus.json").write_text(json.dumps(manifest))


def unfinished(folder: Path) -> str:
    changed(folder, lambda manifest: manifest.update(complete=False))
    return "is not finished; run the same"


def another_version(folder: Path) -> str:
    changed(folder, lambda manifest: manifest.update(version=2))
    return r"corpus\.json has version 2, and this flax-albert reads version 1"


def another_tokenizer(folder: Path) -> str:
    AutoTokenizer.from_pretrained(folder / "tokenizer", from_slow=True, do_lower_case=False).save_pretrained(
        folder / "tokenizer"
    )
    return "is not the one that the corpus was made with"


def no_json(folder: Path) -> str:
    (folder / "corpus.json").write_bytes(b"\x80 no JSON")
    return r"corpus\.json cannot be read"


def deep_json(folder: Path) -> str:
    (folder / "corpus.json").write_text("[" * 100_000)
    return r"corpus\.json cannot be read"


def swapped(folder: Path) -> str:
    """Files that are what the manifest says, but not of one shard."""

    def swap(manifest: dict[str, Any]) -> None:
        first, second = (part["train"] for part in manifest["parts"][:2])
        first["documents"], second["documents"] = second["documents"], first["documents"]

    changed(folder, swap)
    return "do not fit together"


@pytest.mark.parametrize(
    "spoil",
    [
        missing,
        cut_short,
        altered,
        no_manifest,
        unfinished,
        another_version,
        another_tokenizer,
        no_json,
        deep_json,
        swapped,
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(spoil: Callable[[Path], str], folder: Path) -> None:
    message = spoil(folder)
    with pytest.raises(DataError, match=message) as raised:
        Corpus.open(folder)
    assert len(str(raised.value).splitlines()) == 1


def test_sizes_alone_are_checked_when_that_is_asked(folder: Path) -> None:
    altered(folder)
    assert len(Corpus.open(folder, verify=False)) > 0
    cut_short(folder)
    with pytest.raises(DataError, match="bytes instead of"):
        Corpus.open(folder, verify=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest["parts"][0]["train"]["pieces"].update(file="../../etc/passwd"),
        lambda manifest: manifest["parts"][0]["train"]["pieces"].update(bytes="many"),
        lambda manifest: manifest["parts"][0]["train"].pop("sentences"),
        lambda manifest: manifest["parts"].append(3),
        lambda manifest: manifest.update(parts={}),
        lambda manifest: manifest.pop("tokenizer"),
        lambda manifest: manifest.pop("version"),
    ],
    ids=["elsewhere", "size", "array", "part", "parts", "tokenizer", "version"],
)
def test_a_manifest_is_not_believed(change: Callable[[Any], object], folder: Path) -> None:
    changed(folder, change)
    with pytest.raises(DataError, match=r"corpus\.json is not what"):
        Corpus.open(folder)


def array_file(array: np.ndarray, allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=allow_pickle)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cannot be read|no array"),
        (b"no array at all", "no array of numpy's"),
        (array_file(np.array([{"a": 1}], object), allow_pickle=True), "no array of numpy's"),
        (array_file(np.zeros((3, 3), np.uint16)), "no row of numbers"),
        (array_file(np.zeros(30, np.float32)), "do not fit together"),
        (array_file(np.full(30, 9000, np.uint16)), "do not fit together"),
        # A header that claims more than there is would be mapped beyond the end of the file.
        (array_file(np.zeros(30, np.uint16)).replace(b"(30,)", b"(10**9)"[:5]), "no array of numpy's|cannot be read"),
        (array_file(np.zeros(10, np.uint16)).replace(b"(10,), }      ", b"(9999999,), }"), "no array of numpy's"),
    ],
    ids=["empty", "noise", "objects", "table", "floats", "unknown ids", "damaged header", "claims too much"],
)
def test_arrays_are_not_believed(data: bytes, message: str, folder: Path) -> None:
    path = piece_files(folder)[0]
    path.write_bytes(data)

    def as_it_is(manifest: dict[str, Any]) -> None:
        described = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        manifest["parts"][0]["train"]["pieces"].update(described)

    changed(folder, as_it_is)
    with pytest.raises(DataError, match=message):
        Corpus.open(folder)


def test_a_split_that_is_not_there(folder: Path) -> None:
    with pytest.raises(DataError, match="holds no held-out documents"):
        Corpus.open(folder, "held-out")
