"""A corpus holds what its documents say, in the same bytes whatever happened on the way."""

import dataclasses
import errno
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from flax_albert import AutoTokenizer
from flax_albert.data.corpus import Corpus
from flax_albert.data.documents.sentences import by_punctuation
from flax_albert.data.documents.splits import split_of
from flax_albert.data.errors import DataError
from flax_albert.data.preparing.encoding import encode_documents
from flax_albert.data.preparing.options import PrepareOptions
from flax_albert.data.preparing.prepare import SKIPPED, prepare
from flax_albert.data.preparing.state import alone

MANUAL = Path(__file__).parents[3] / "docs"
WORDPIECE = Path(__file__).parents[2] / "tokenization" / "data" / "tiny-wordpiece"
SMALL = PrepareOptions(held_out=0.2, shard_pieces=1000)


@pytest.fixture(scope="session")
def rows() -> list[dict[str, str]]:
    """Paragraphs of the manual."""
    text = "\n\n".join(path.read_text() for path in sorted(MANUAL.glob("*.md")))
    paragraphs = [part for part in text.split("\n\n") if len(part) > 100 and any(map(str.isalnum, part))]
    return [{"id": f"paragraph {number}", "text": part} for number, part in enumerate(paragraphs[:120])]


@pytest.fixture(scope="session")
def file(rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("documents") / "manual.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def documents_of(corpus: Corpus) -> list[list[list[int]]]:
    """Piece ids by document and sentence."""
    documents = []
    for start, end in itertools.pairwise(corpus.documents):
        first, last = np.searchsorted(corpus.sentences, [start, end])
        edges = corpus.sentences[first : last + 1]
        documents.append([corpus.pieces(a, b).tolist() for a, b in itertools.pairwise(edges)])
    return documents


@pytest.mark.parametrize("name", ["albert-mini-en", str(WORDPIECE)])
def test_pieces_are_those_of_the_tokenizers_own_call(
    name: str, rows: list[dict[str, str]], file: Path, tmp_path: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(name)
    done = prepare([file], tokenizer, tmp_path / "corpus", SMALL, processes=1)
    assert set(done.splits) == {"train", "held-out"}
    for split in ("train", "held-out"):
        corpus = Corpus.open(tmp_path / "corpus", split)
        expected = [
            [tokenizer(sentence, add_special_tokens=False)["input_ids"] for sentence in by_punctuation(row["text"])]
            for row in rows
            if split_of(row["id"], 0.2) == split
        ]
        assert documents_of(corpus) == expected
        assert done.splits[split] == {
            "pieces": len(corpus),
            "documents": len(corpus.documents) - 1,
            "sentences": len(corpus.sentences) - 1,
            "unknown": sum(sentence.count(corpus.vocabulary.unk) for document in expected for sentence in document),
        }


def test_a_document_lies_in_one_shard_and_shards_are_not_larger_than_need_be(file: Path, tmp_path: Path) -> None:
    prepare([file], "albert-mini-en", tmp_path, SMALL, processes=1)
    manifest = json.loads((tmp_path / "corpus.json").read_text())
    assert len(manifest["parts"]) > 4
    for part in manifest["parts"][:-1]:
        pieces = [int(np.load(tmp_path / shard["documents"]["file"])[-1]) for shard in part.values()]
        last = [np.diff(np.load(tmp_path / shard["documents"]["file"]), prepend=0)[-1] for shard in part.values()]
        assert sum(pieces) >= 1000
        assert sum(pieces) - max(last) < 1000  # without the last document it was not full
    for path in tmp_path.glob("*.pieces.npy"):
        assert np.load(path).dtype == np.uint16


def test_processes_change_nothing(file: Path, tmp_path: Path) -> None:
    prepare([file], "albert-mini-en", tmp_path / "one", SMALL, processes=1)
    prepare([file], "albert-mini-en", tmp_path / "two", SMALL, processes=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.fixture(scope="module")
def spoiled(rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same documents, and here and there one that cannot be used."""
    lines = [json.dumps(row) for row in rows]
    for place in (3, 40, 41, 90):
        lines.insert(place, '{"text": "..."}')
    path = tmp_path_factory.mktemp("spoiled") / "spoiled.jsonl"
    path.write_text("\n".join(lines))
    return path


def begun(file: Path, folder: Path, processes: int) -> subprocess.Popen[str]:
    program = [sys.executable, Path(__file__).with_name("program.py"), file, folder, str(processes)]
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_killed_at_any_time_and_gone_on_with_the_bytes_are_the_same(
    processes: int, spoiled: Path, tmp_path: Path
) -> None:
    options = dataclasses.replace(SMALL, skip_bad=True)
    whole = prepare([spoiled], "albert-mini-en", tmp_path / "whole", options, processes=1)
    assert whole.skipped == 4
    chance = random.Random(processes)
    for _ in range(4):
        with begun(spoiled, tmp_path / "killed", processes) as process:
            assert process.stdout is not None
            process.stdout.readline()
            for _ in range(chance.randrange(15, 40)):
                process.stdout.readline()
            time.sleep(chance.random() * 0.01)
            process.send_signal(signal.SIGKILL)
            # The end of the output comes when all its processes have gone, those that encode as well.
            rest = process.stdout.read()
        assert process.returncode == -signal.SIGKILL, rest
        if (tmp_path / "killed" / "corpus.json").exists():
            with pytest.raises(DataError, match="is not finished"):
                Corpus.open(tmp_path / "killed")
    documents = []
    done = prepare(
        [spoiled],
        "albert-mini-en",
        tmp_path / "killed",
        options,
        processes=1,
        progress=lambda _, count: documents.append(count),
    )
    assert done.resumed > 0
    assert documents[0] == done.resumed + 1  # what was done was not done again
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    assert dataclasses.replace(done, folder=whole.folder, resumed=0) == whole


def test_a_finished_corpus_is_left_alone(file: Path, tmp_path: Path) -> None:
    prepare([file], "albert-mini-en", tmp_path, SMALL, processes=1)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    done = prepare([file], "albert-mini-en", tmp_path, SMALL, processes=1)
    assert done.resumed == sum(count["documents"] for count in done.splits.values())
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_what_is_begun_otherwise_is_refused_by_name(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    prepare([file], "albert-mini-en", folder, SMALL, processes=1)
    before = contents(folder)
    other = tmp_path / file.name
    other.write_text(file.read_text().replace("the", "teh", 1))
    read = dataclasses.replace(SMALL.read, text_key="body")
    for inputs, tokenizer, options, message in (
        ([file], "albert-mini-en", dataclasses.replace(SMALL, held_out=0.1), "held_out was 0.2 and is 0.1"),
        ([file], "albert-mini-en", dataclasses.replace(SMALL, segments="line"), "segments was 'punctuation' and is"),
        ([file], "albert-mini-en", dataclasses.replace(SMALL, read=read), "text_key was 'text' and is 'body'"),
        ([file], str(WORDPIECE), SMALL, "the tokenizer is another"),
        ([other], "albert-mini-en", SMALL, "manual.jsonl has changed"),
        ([file, other], "albert-mini-en", SMALL, r"the inputs were \['manual.jsonl'\] and are \['manual.jsonl', "),
    ):
        with pytest.raises(DataError, match=message):
            prepare(inputs, tokenizer, folder, options, processes=1)
    assert contents(folder) == before
    done = prepare([other], str(WORDPIECE), folder, PrepareOptions(held_out=0), processes=1, overwrite=True)
    assert done.resumed == 0
    prepare([other], str(WORDPIECE), tmp_path / "new", PrepareOptions(held_out=0), processes=1)
    assert contents(folder) == contents(tmp_path / "new")


def test_a_bad_document_ends_it_or_is_listed(spoiled: Path, file: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 4 of spoiled\.jsonl is an empty document"):
        prepare([spoiled], "albert-mini-en", tmp_path / "bad", SMALL, processes=1)
    with pytest.raises(DataError, match="is not finished"):
        Corpus.open(tmp_path / "bad")
    done = prepare(
        [spoiled], "albert-mini-en", tmp_path / "bad", dataclasses.replace(SMALL, skip_bad=True), processes=1
    )
    assert done.skipped == 4
    listed = (tmp_path / "bad" / SKIPPED).read_text().splitlines()
    assert [line.split(" is ")[0] for line in listed] == [f"line {n} of spoiled.jsonl" for n in (4, 41, 42, 91)]
    good = prepare([file], "albert-mini-en", tmp_path / "good", SMALL, processes=1)
    assert done.splits == good.splits
    for split in ("train", "held-out"):
        assert documents_of(Corpus.open(tmp_path / "bad", split)) == documents_of(Corpus.open(tmp_path / "good", split))


def test_nothing_usable(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("---\n\n***\n")
    with pytest.raises(DataError, match="no document that can be used"):
        prepare([tmp_path / "a.txt"], "albert-mini-en", tmp_path / "c", PrepareOptions(skip_bad=True), processes=1)


def test_other_folders_are_not_written_to(file: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(DataError, match="holds something else than a corpus"):
            prepare([file], "albert-mini-en", tmp_path, SMALL, processes=1, overwrite=overwrite)
    assert os.listdir(tmp_path) == ["mine.txt"]  # noqa: PTH208
    (tmp_path / "new").mkdir()
    with alone(tmp_path / "new"), pytest.raises(DataError, match="is being written by another process"):
        prepare([file], "albert-mini-en", tmp_path / "new", SMALL, processes=1)


def test_a_tokenizer_that_was_used_otherwise_is_the_same(file: Path, tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
    tokenizer(["a", "b c"], padding="max_length", truncation=True, max_length=3)
    prepare([file], tokenizer, tmp_path / "used", SMALL, processes=1)
    prepare(
        [file], AutoTokenizer.from_pretrained("albert-mini-en", use_fast=False), tmp_path / "slow", SMALL, processes=1
    )
    prepare([file], "albert-mini-en", tmp_path / "named", SMALL, processes=1)
    for name in ("used", "slow"):
        assert documents_of(Corpus.open(tmp_path / name)) == documents_of(Corpus.open(tmp_path / "named"))


def test_a_full_disk_costs_a_shard_at_most(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync, left = os.fsync, 20

    def fills_up(number: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(number)

    monkeypatch.setattr(os, "fsync", fills_up)
    with pytest.raises(OSError, match=r"cannot be written: No space left on device\. What was written before counts"):
        prepare([file], "albert-mini-en", tmp_path / "full", SMALL, processes=1)
    monkeypatch.undo()
    assert prepare([file], "albert-mini-en", tmp_path / "full", SMALL, processes=1).resumed > 0
    prepare([file], "albert-mini-en", tmp_path / "whole", SMALL, processes=1)
    assert contents(tmp_path / "full") == contents(tmp_path / "whole")


def test_a_process_that_dies_is_told(tmp_path: Path) -> None:
    texts = ((number, "A cat.") for number in range(1000))
    with pytest.raises(OSError, match="A process that encodes documents has died"):
        list(encode_documents(texts, tmp_path / "no tokenizer", "punctuation", processes=2))


@pytest.mark.parametrize("wrong", [{"held_out": 1.0}, {"held_out": -0.1}, {"shard_pieces": 0}, {"segments": "word"}])
def test_options_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        PrepareOptions(**wrong)  # pyrefly: ignore
